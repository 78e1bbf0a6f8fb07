import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Dialect } from '../core/dialect.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { CALL, HEAD, OWN, S3fsParser } from './parser.js'
import { s3fsSamples } from './samples.js'

/** What it does for every mount, once libfuse has begun: with `-d`, libfuse's lines are there before. */
const SURE = new RegExp(
  `^${HEAD}curl(?:_util)?\\.cpp:(?:CheckBucket|prepare_url|url_to_host|insertV4Headers|RequestPerform)\\(`,
)

/** What each line of its own has: a level in brackets, or its name. */
const MARK = /\[(?:[A-Z]{3,4}|CURL DBG)\]|s3fs[:._]/

const PIECES: readonly Piece[] = [
  [new RegExp(HEAD, 'y'), '[INF] or another level'],
  [/s3fs\.cpp:s3fs_/y, 's3fs.cpp:s3fs_…'],
  [/[a-z_]{3,20}\(\d{1,6}\): /y, "a function's name and line"],
  [/\[(?:path|from)=/y, '[path=…] or [from=…][to=…]'],
]

/** s3fs' own log, without `-d`. */
export const s3fs: Dialect = {
  name: 's3fs',
  version: 3,
  description:
    "s3fs' own lines (-o dbglevel=info; with -d its log is read as libfuse): paths, no ids, ends or errors, so that ends are inferred and requests that overlap cannot be told; reads and writes at dbglevel=debug only; a lookup is logged as getattr and told by its path not having been seen for a second; names stand raw",
  capabilities: { ...ALL_CAPABILITIES, ids: false, end: 'inferred', errno: 'none', pid: false, timestamps: 'ms' },
  samples: s3fsSamples,
  overriddenBy: 'libfuse',
  recognize(raw) {
    const head = raw.slice(0, 160)
    // The patterns take milliseconds to be made ready, and few lines are s3fs'.
    if (!MARK.test(head)) return 0
    return CALL.test(head) || SURE.test(head) ? 2 : OWN.test(head) ? 1 : 0
  },
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new S3fsParser(),
}
