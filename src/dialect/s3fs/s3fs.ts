import type { Line, Raw } from '../../line/line.js'
import type { Dialect, DialectEvent, DialectParser, OperationFacts, OperationValues } from '../core/dialect.js'
import { HighLevelNames } from '../nodes/high-level-names.js'
import { TELLS_ALL } from '../text/line-per-request.js'
import { longestMatch, type Piece } from '../text/longest-match.js'
import { s3fsSamples } from './samples.js'

const TIME = '(?:\\[?\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?Z?\\]? {1,2})?'
const LEVEL = '(?:\\[(?:CRT|ERR|WAN|INF|DBG|DUMP)\\] {0,12}|s3fs: {1,3})'
const CALL = new RegExp(`^${TIME}${LEVEL}s3fs\\.cpp:s3fs_([a-z_]{3,20})\\(\\d{1,6}\\): `)
const OWN = new RegExp(`^${TIME}${LEVEL}(?:[\\w.-]{1,40}\\.(?:cpp|h):\\w{1,60}\\(\\d{1,6}\\): |[A-Za-z])`)

/** s3fs' functions that are not called as the kernel's requests. */
const OPCODES: Readonly<Record<string, string | null>> = {
  chmod: 'setattr',
  chown: 'setattr',
  utimens: 'setattr',
  truncate: 'setattr',
  init: null,
  destroy: null,
  check_service: null,
}
const KNOWN =
  /^(?:getattr|readlink|mknod|mkdir|unlink|rmdir|symlink|rename|link|create|open|read|write|statfs|flush|fsync|release|opendir|readdir|access|setxattr|getxattr|listxattr|removexattr)$/

const LAST =
  /\[(mode|flags|size|offset|pseudo_fd|fd|uid|gid|mtime|ctime|atime|dev|rdev|mask|value|datasync|multihead|policy)=([^[\]]{0,80})\]$/
const VALUES: Readonly<Record<string, keyof OperationValues>> = {
  mode: 'mode',
  flags: 'flags',
  size: 'size',
  offset: 'offset',
}

/** `[path=/a][mode=100644][flags=0x8241]`: names stand raw, what follows them does not. Null when it is something else. */
function readArguments(opcode: string, text: Raw): (OperationFacts & { values?: OperationValues }) | null {
  const values: OperationValues = {}
  let rest = text
  for (let last = LAST.exec(rest.slice(-120)); last; last = LAST.exec(rest.slice(-120))) {
    const key = VALUES[last[1] ?? '']
    const value = last[1] === 'mode' ? Number.parseInt(last[2] ?? '', 8) : Number(last[2])
    if (key !== undefined && Number.isSafeInteger(value)) values[key] = value as never
    rest = rest.slice(0, -last[0].length)
  }
  const facts = namesOf(opcode, rest)
  if (facts === null) return null
  return Object.keys(values).length > 0 ? { ...facts, values } : facts
}

function namesOf(opcode: string, rest: Raw): OperationFacts | null {
  if (!rest.endsWith(']')) return null
  if (rest.startsWith('[from=')) {
    const at = rest.indexOf('][to=')
    // Where the names could be cut in two ways, they are left out.
    if (at < 0 || at !== rest.lastIndexOf('][to=')) return at < 0 ? null : {}
    const [from, to] = [rest.slice(6, at), rest.slice(at + 5, -1)]
    return opcode === 'symlink' ? { path: to, target: from } : { path: from, newPath: to }
  }
  if (!rest.startsWith('[path=/')) return null
  const at = opcode.endsWith('xattr') && opcode !== 'listxattr' ? rest.lastIndexOf('][name=') : -1
  return at < 0 ? { path: rest.slice(6, -1) } : { path: rest.slice(6, at), xattr: rest.slice(at + 7, -1) }
}

class S3fsParser implements DialectParser {
  readonly #names = new HighLevelNames()
  /** A line whose name goes on in the next. */
  #begun: { text: Raw; index: number } | null = null
  #latest: { opcode: string; path: Raw } | null = null

  line({ raw, index, atNs }: Line, emit: (event: DialectEvent) => void): boolean {
    const begun = this.#begun
    this.#begun = null
    if (CALL.test(raw.slice(0, 120))) return this.#call(raw, index, index, atNs, emit)
    if (begun !== null && !OWN.test(raw.slice(0, 120)) && begun.text.length < 9000) {
      return this.#call(`${begun.text}\n${raw}`, begun.index, index, atNs, emit)
    }
    return OWN.test(raw.slice(0, 160))
  }

  end(): void {}

  #call(text: Raw, first: number, index: number, atNs: number, emit: (event: DialectEvent) => void): boolean {
    const call = CALL.exec(text.slice(0, 120))
    const name = (call?.[1] ?? '').replace(/_nocopy$/, '')
    const opcode = Object.hasOwn(OPCODES, name) ? OPCODES[name] : KNOWN.test(name) ? name : undefined
    if (call === null || opcode === undefined || opcode === null) return call !== null
    const rest = text.slice(call[0].length)
    const lines = [first, index] as const
    if (rest === '') {
      // statfs and the like may name nothing.
      emit({ kind: 'request', unique: null, slot: 'daemon', opcode, atNs, lines })
      return true
    }
    const facts = readArguments(opcode, rest)
    if (facts === null) {
      // The line of an answer: `[path=/a] uid=0, gid=0, mode=40755`.
      if (/^\[path=[\s\S]*\] [a-z]+=[\w., =-]*$/.test(rest)) {
        emit({ kind: 'detail', key: 'daemon', status: 'ok', atNs, lines })
        return true
      }
      this.#begun = rest.startsWith('[path=/') || rest.startsWith('[from=') ? { text, index: first } : null
      return this.#begun !== null
    }
    if (this.#latest) this.#names.answered(this.#latest.opcode, this.#latest.path, 'ok', atNs)
    const meant = this.#names.opcodeOf(opcode, facts, false, atNs)
    this.#latest = meant === null ? null : { opcode: meant, path: facts.newPath ?? facts.path ?? '' }
    if (meant !== null) emit({ kind: 'request', unique: null, slot: 'daemon', opcode: meant, ...facts, atNs, lines })
    return true
  }
}

const PIECES: readonly Piece[] = [
  [new RegExp(TIME + LEVEL, 'y'), '[INF] or another level'],
  [/s3fs\.cpp:s3fs_/y, 's3fs.cpp:s3fs_…'],
  [/[a-z_]{3,20}\(\d{1,6}\): /y, "a function's name and line"],
  [/\[(?:path|from)=/y, '[path=…] or [from=…][to=…]'],
]

/** s3fs' own log, without `-d`. */
export const s3fs: Dialect = {
  name: 's3fs',
  version: 1,
  description:
    "s3fs' own lines (-o dbglevel=info; with -d its log is read as libfuse): paths, no ids, ends or errors, so that ends are inferred and requests that overlap cannot be told; a lookup is logged as getattr and told by its path not having been seen for a second; names stand raw (built without a capture)",
  capabilities: { ...TELLS_ALL, ids: false, end: 'inferred', errno: 'none', pid: false, timestamps: 'ms' },
  samples: s3fsSamples,
  recognize: (raw) => (CALL.test(raw.slice(0, 120)) ? 2 : OWN.test(raw.slice(0, 120)) ? 1 : 0),
  explain: (raw) => longestMatch(raw, 0, PIECES),
  parser: () => new S3fsParser(),
}
