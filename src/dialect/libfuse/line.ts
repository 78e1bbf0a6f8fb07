import type { Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'
import { errnoOf } from '../core/errno.js'
import { opcodeName } from '../core/opcode.js'
import type { RequestIds } from '../text/request-ids.js'
import { digitsEnd, isDigit } from '../text/text.js'

/** A request as libfuse's low level prints it. */
export interface RequestLine {
  readonly unique: number
  readonly opcode: string
  readonly nodeId: NodeId
  /** Bytes of its names, each with the zero byte behind it; null where it has none. */
  readonly names: number | null
  /** How many nodes a BATCH_FORGET is about; 0 for others. */
  readonly forgets: number
  readonly pid: number | null
}

/** A reply as libfuse's low level prints it. */
export interface ReplyLine {
  readonly unique: number
  readonly status: 'ok' | 'error' | 'unknown'
  readonly errno: string | null
  /** Through io_uring the line shows how much was answered, and nothing of errors; null for every other line. */
  readonly ringBytes: number | null
}

const REQUEST =
  /^(?:dev |cqe )?unique: \d{1,16}, opcode: [A-Z_0-9?]{1,24} \(\d{1,10}\), nodeid: \d{1,20}, insize: \d{1,10}(?:, pid: \d{1,10})?$/
const REPLY = /^ {0,3}unique: \d{1,16}, (?:success|error: -?\d{1,6} \([^)]{0,80}\)), outsize: \d{1,10}(?: \(splice\))?$/
const ERROR = /error: (-?\d{1,6}) \(([^)]{0,80})\)/
const RING = /^ {0,4}unique: (\d{1,16}), result=(-?\d{1,10})$/

const [LETTER_C, LETTER_S] = [99, 115]

/** The numbers in a line that has been held against its pattern: reading them so costs half of what groups of a pattern do. */
class Numbers {
  readonly #raw: Raw
  at = 0

  constructor(raw: Raw) {
    this.#raw = raw
  }

  next(): number {
    this.#skip()
    let number = 0
    for (let code = this.#raw.charCodeAt(this.at); isDigit(code); code = this.#raw.charCodeAt(++this.at)) {
      number = number * 10 + code - 48
    }
    return number
  }

  /** The next number as it stands. */
  digits(): string {
    this.#skip()
    const from = this.at
    this.at = digitsEnd(this.#raw, from)
    return this.#raw.slice(from, this.at)
  }

  #skip(): void {
    while (this.at < this.#raw.length && !isDigit(this.#raw.charCodeAt(this.at))) this.at++
  }
}

/** Reads a request line; null for every other line. */
export function readRequest(raw: Raw): RequestLine | null {
  if (raw.length > 160 || !REQUEST.test(raw)) return null
  const numbers = new Numbers(raw)
  const unique = numbers.next()
  // Behind the name, which may hold digits.
  numbers.at = raw.indexOf('(', numbers.at)
  const opcode = opcodeName(numbers.next())
  const nodeId = numbers.digits()
  const insize = numbers.next()
  return {
    unique,
    opcode,
    nodeId,
    names: nameBytes(opcode, insize, raw.charCodeAt(0) === LETTER_C),
    forgets: opcode === 'batch_forget' ? Math.max(0, Math.floor((insize - 48) / 16)) : 0,
    pid: numbers.at === raw.length ? null : numbers.next(),
  }
}

const TORN =
  /^[^/"'\n]{1,120}?((?:dev |cqe )?unique: \d{1,16}, opcode: [A-Z_0-9?]{1,24} \(\d{1,10}\), nodeid: \d{1,20}, insize: \d{1,10}, pid: \d{1,10})$/

/** Reads a request line behind the begin of another line (a program wrote that in pieces), if its id is one of the next. */
export function readTorn(raw: Raw, ids: RequestIds): RequestLine | null {
  const at = raw.length > 280 ? -1 : raw.indexOf('unique: ')
  const found = at > 0 ? TORN.exec(raw) : null
  const request = found && readRequest(found[1] ?? '')
  return request && ids.next(request.unique) ? request : null
}

/** Reads a reply line; null for every other line. */
export function readReply(raw: Raw): ReplyLine | null {
  if (raw.length > 200) return null
  if (REPLY.test(raw)) {
    const numbers = new Numbers(raw)
    const unique = numbers.next()
    if (raw.charCodeAt(numbers.at + 2) === LETTER_S) return { unique, status: 'ok', errno: null, ringBytes: null }
    const found = ERROR.exec(raw)
    // Before 2.8, and in ntfs-3g, success is `error: 0 (Success)`.
    const error = Number(found?.[1] ?? 0)
    const errno = errnoOf(error, found?.[2] ?? '')
    return { unique, status: error === 0 ? 'ok' : 'error', errno, ringBytes: null }
  }
  const ring = RING.exec(raw)
  if (ring === null) return null
  const bytes = Number(ring[2])
  if (bytes < 0) return { unique: Number(ring[1]), status: 'error', errno: errnoOf(bytes, ''), ringBytes: null }
  return { unique: Number(ring[1]), status: bytes > 0 ? 'ok' : 'unknown', errno: null, ringBytes: bytes }
}

/** Requests whose paths ntfs-3g prints behind its answer. */
export const LATE: ReadonlySet<string> = new Set(['create', 'open'])
/** Whether a line is such a late one. */
export const isLate = (raw: Raw): boolean => /^ {0,3}(?:CREATE|OPEN)\[/.test(raw)

/** Bytes between a request's header and the names in it. */
export const BEFORE_NAMES: Readonly<Record<string, number>> = {
  lookup: 0,
  unlink: 0,
  rmdir: 0,
  removexattr: 0,
  symlink: 0,
  mkdir: 8,
  link: 8,
  rename: 8,
  getxattr: 8,
  setxattr: 8,
  mknod: 16,
  create: 16,
  tmpfile: 16,
  rename2: 16,
}

/** The names' share of a request's size. Through io_uring the headers come apart and are not counted. */
function nameBytes(opcode: string, insize: number, ring: boolean): number | null {
  const before = BEFORE_NAMES[opcode]
  if (before === undefined) return null
  const names = ring ? insize : insize - 40 - before
  return names < 0 ? null : names
}

/** Requests that are answered with something where they go well: an answer of no bytes is an error. */
const ANSWERED: ReadonlySet<string> = new Set([
  'lookup',
  'getattr',
  'setattr',
  'statx',
  'statfs',
  'symlink',
  'mknod',
  'mkdir',
  'link',
  'create',
  'tmpfile',
  'open',
  'opendir',
  'write',
  'getlk',
  'bmap',
  'poll',
  'lseek',
  'copy_file_range',
  'copy_file_range_64',
])

/** How a request went, as far as its answer's line shows. */
export const statusOf = ({ status, ringBytes }: ReplyLine, opcode: string): ReplyLine['status'] =>
  ringBytes === 0 && ANSWERED.has(opcode) ? 'error' : status

const PROSE: readonly RegExp[] = [
  /^FUSE library version: /,
  /^(?:nullpath_ok|nopath|utime_omit_ok): \d$/,
  /^ {0,3}(?:CUSE_)?INIT: \d{1,3}\.\d{1,3}$/,
  /^ {0,3}(?:flags|flags2|max_readahead|max_read|max_write)=0x[0-9a-f]{1,16}$/,
  /^ {0,3}(?:max_background|congestion_threshold|time_gran|max_stack_depth|dev_major|dev_minor)=\d{1,10}$/,
  /^ {3}dev_info: /,
  /^starting io-uring q-depth=\d{1,10}$/,
  /^using FUSE kernel interface version \d/,
  /^(?:DELETE|delete|INTERRUPT): \d{1,20}$/,
  /^FORGET \d{1,20}\/\d{1,20}$/,
  /^ {2}forget -?\d{1,20} -?\d{1,20} --?\d{1,20}$/,
  /^LOOKUP-DOT(?:DOT)?$/,
  /^(?:(?:DE)?QUEUE PATH1?| {6,8}PATH2) \d{1,20}(?: \(w\))?$/,
  /^NOTIFY: code=-?\d{1,10} length=\d{1,10}$/,
  /^FUSE_INTERRUPT: /,
  /^ {2}(?:uring )?secctx: /,
  /^fuse: sync(?:hronous)? /i,
]

/** Lines of libfuse's own that show nothing of a request. */
export const isProse = (raw: Raw): boolean => raw.length < 200 && PROSE.some((pattern) => pattern.test(raw))
