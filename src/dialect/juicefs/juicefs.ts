import type { Raw } from '../../line/line.js'
import type { Dialect } from '../core/dialect.js'
import { MAKES_NODE } from '../core/effects.js'
import { errnoOfWords } from '../core/errno.js'
import { linePerRequest, TELLS_ALL, type WholeRequest } from '../text/line-per-request.js'
import { ArgumentTable } from '../text/slots.js'
import { juicefsSamples } from './samples.js'

const ARGUMENTS = new ArgumentTable({
  'nodeId entry': 'lookup resolve unlink rmdir',
  nodeId: 'getattr readlink opendir releasedir open release flush statfs',
  'nodeId size offset': 'readdir read write',
  'nodeId entry mode': 'mkdir create',
  'nodeId entry mode -': 'mknod create mkdir',
  'nodeId entry otherNodeId otherEntry flags': 'rename',
  'nodeId entry otherNodeId otherEntry': 'rename',
  'otherNodeId nodeId entry': 'link',
  'nodeId entry target': 'symlink',
  'nodeId size': 'truncate listxattr',
  'nodeId mode offset size': 'fallocate',
  'nodeId xattr size flags': 'setxattr',
  'nodeId xattr size': 'getxattr',
  'nodeId xattr': 'removexattr',
  'nodeId *':
    'setattr truncate opendir readdir releasedir open read write release flush fsync getlk setlk flock ioctl access',
  '*': 'statfs copy_file_range',
})
const OPCODES: Readonly<Record<string, string>> = { resolve: 'lookup', truncate: 'setattr', flock: 'setlk' }

const HEAD = /^\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d\.\d{6} \[uid:\d{1,10},gid:\d{1,10},pid:(\d{1,10})\] ([a-z_]{3,20}) \(/
const EXPECTED = 'time, ids, operation, arguments in brackets, OK or an error, <seconds>'
/** A file's handle behind its node: `setattr (7[3],0x208,[size=0])`. */
const HANDLE = /^(\d{1,20})\[\d{1,20}\](?=,)/
const TOOK = / <(\d{1,6}\.\d{6})>$/
/** Arguments, outcome and result, as old and new versions order them; names among the arguments are raw. */
const OUTCOMES: readonly RegExp[] = [
  /^(?<args>[\s\S]*)\): (?<words>OK)(?: (?<result>[\s\S]*))?$/,
  /^(?<args>[\s\S]*)\): (?<result>\(\d[^()]*\)(?: ?\[fh:\d+\])?) - (?<words>[^-]+)$/,
  /^(?<args>[^()]*)\):? (?<result>\[fh:\d+\]) - (?<words>[^-]+)$/,
  /^(?<args>[\s\S]*)\):? - (?<words>[^-]+)$/,
  /^(?<args>[\s\S]*)\): (?<words>[a-z][^()]*?)(?: (?:\(\d{0,20}\)|\[fh:\d{1,20}\]))?$/,
  /^(?<args>[^()]*)\): (?<result>\([\s\S]*\)) - (?<words>OK)$/,
]

function read(text: Raw): WholeRequest | 'more' | null {
  const head = HEAD.exec(text.slice(0, 120))
  const took = TOOK.exec(text.slice(-24))
  if (head === null) return null
  const [name, rest] = [head[2] ?? '', text.slice(head[0].length, took ? -took[0].length : undefined)]
  const opcode = OPCODES[name] ?? name
  for (const outcome of took ? OUTCOMES : []) {
    const { args = '', result = '', words = '' } = outcome.exec(rest)?.groups ?? {}
    const errno = words === 'OK' ? null : errnoOfWords(words)
    const given = words === 'OK' || errno !== null ? ARGUMENTS.read(name, args.replace(HANDLE, '$1')) : null
    const childNodeId = MAKES_NODE.has(opcode) ? /^\((\d{1,20}),\[/.exec(result)?.[1] : undefined
    // What went well was answered with a node: without one the name goes on.
    if (given === null || took === null || (MAKES_NODE.has(opcode) && errno === null && !childNodeId)) continue
    const fh = /\[fh:(\d{1,15})\]$/.exec(result)
    if (fh) given.values = { ...given.values, fh: Number(fh[1]) }
    const facts = { ...given, pid: Number(head[1]), childNodeId, durationNs: Math.round(Number(took[1]) * 1e9) }
    return { opcode, ...facts, status: errno === null ? 'ok' : 'error', errno }
  }
  return 'more'
}

/** JuiceFS' access log. */
export const juicefs: Dialect = {
  name: 'juicefs',
  version: 1,
  description:
    "JuiceFS' access log (.accesslog, `juicefs profile`), one line a request at its end: both times, nodes and outcomes, no ids; names stand raw, and where two of them could be cut in two ways they are left out (built without a capture)",
  capabilities: { ...TELLS_ALL, ids: false, timestamps: 'us' },
  samples: juicefsSamples,
  recognize: (raw) => (HEAD.test(raw.slice(0, 120)) ? (TOOK.test(raw.slice(-24)) ? 2 : 1) : 0),
  explain: (raw) => ({ matched: HEAD.exec(raw.slice(0, 120))?.[0].length ?? 0, expected: EXPECTED }),
  parser: () => linePerRequest(read, (raw) => raw === '#'),
}
