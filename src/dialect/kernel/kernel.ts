import type { Line } from '../../line/line.js'
import { ALL_CAPABILITIES } from '../core/capabilities.js'
import type { Capabilities, Dialect, DialectEvent, DialectParser } from '../core/dialect.js'
import { errnoName } from '../core/errno.js'
import { longestMatch } from '../text/longest-match.js'
import { type KernelEvent, readKernelEvent } from './event.js'
import { NamedKernelLine } from './named-line.js'
import { hasNoEnd, NAMED_CAPABILITIES, NamedEvents } from './named-parser.js'

/**
 * One of the kernel's events as a dialect's event.
 *
 * @param atNs - its time as an offset from the recording's origin
 * @param connection - the mount in question: another connection's ids are its own, so that its operations have no `unique`
 */
function kernelOperation(event: KernelEvent, atNs: number, index: number, connection: number): DialectEvent {
  const own = event.connection === connection
  const slot = `${event.connection}:${event.unique}`
  const lines = [index, index] as const
  if (event.edge === 'send') {
    const opcode = event.opcode ?? 'unknown'
    const noReply = hasNoEnd(opcode) ? { noReply: true } : null
    return own
      ? { kind: 'request', unique: event.unique, opcode, ...noReply, atNs, lines }
      : { kind: 'request', unique: null, slot, opcode, ...noReply, atNs, lines }
  }
  const errno = errnoName(event.error ?? 0)
  const status = errno === null ? 'ok' : 'error'
  return { kind: 'reply', key: own ? event.unique : slot, endedBy: 'reply', status, errno, atNs, lines }
}

const CAPABILITIES: Capabilities = {
  ...ALL_CAPABILITIES,
  path: 'none',
  pid: false,
  timestamps: 'us',
  lookupNames: false,
}

class KernelParser implements DialectParser {
  /** Null until an event came with its arguments. */
  #named: NamedEvents | null
  #connection: number | null = null
  /** What is to be taken from a trace's time to make it an offset. */
  #baseNs = 0n

  /** @param named events come with their arguments, as NamedKernelLine */
  constructor(named = false) {
    this.#named = named ? new NamedEvents() : null
  }

  get capabilities(): Capabilities {
    return this.#named === null ? CAPABILITIES : NAMED_CAPABILITIES
  }

  line(line: Line, emit: (event: DialectEvent) => void): boolean {
    if (line instanceof NamedKernelLine) {
      this.#named ??= new NamedEvents()
      this.#named.push(line, emit)
      return true
    }
    // Beside such events the daemon's own lines are there to be shown.
    if (this.#named !== null) return true
    const event = readKernelEvent(line.raw)
    if (event === null) return line.raw.startsWith('#')
    if (this.#connection === null) {
      this.#connection = event.connection
      this.#baseNs = event.atNs - BigInt(Math.round(line.atNs))
    }
    emit(kernelOperation(event, Number(event.atNs - this.#baseNs), line.index, this.#connection))
    return true
  }

  end(): void {}
}

/** The kernel's own events: no log at all. */
export const kernel: Dialect = {
  name: 'kernel',
  version: 1,
  description:
    "the kernel's fuse_request_send/end events (tracefs, trace-cmd, perf script): exact times and outcomes of every request, names where BPF programs read them (--kernel); in text no names, and times count from the first event; ids are those of the first connection",
  capabilities: CAPABILITIES,
  samples: [
    {
      lines:
        '            bash-3172    [000] ...1.   369.338167: fuse_request_send: connection 39 req 4 opcode 3 (FUSE_GETATTR) len 56 \n        my a-b c-3177    [001] .....   369.346153: fuse_request_end: connection 39 req 4 len 120 error 0',
      events: [
        { kind: 'request', unique: 4, opcode: 'getattr', atNs: 0 },
        { kind: 'reply', key: 4, status: 'ok', errno: null, atNs: 7_986_000 },
      ],
    },
    {
      lines:
        '           <...>-1    [000] ...1.   1.000001: fuse_request_send: connection 39 req 6 opcode 53 (0x35) len 56\n  umount-2    [001] .....   1.000002: fuse_request_end: connection 39 req 6 len 16 error -103',
      events: [
        { kind: 'request', unique: 6, opcode: 'copy_file_range_64' },
        { key: 6, status: 'error', errno: 'ECONNABORTED' },
      ],
    },
    {
      lines:
        'a-1 [000] ...1. 1.000001: fuse_request_send: connection 39 req 6 opcode 1 (FUSE_LOOKUP) len 47\na-1 [000] ...1. 1.000002: fuse_request_send: connection 40 req 6 opcode 3 (FUSE_GETATTR) len 56\nb-1 [000] ..... 1.000003: fuse_request_end: connection 40 req 6 len 120 error 0',
      events: [{ unique: 6, opcode: 'lookup' }, { unique: null, slot: '40:6', opcode: 'getattr' }, { key: '40:6' }],
    },
    {
      lines: 'a-1 [000] ...1. 1.000001: fuse_request_send: connection 39 req 7 opcode 36 (FUSE_INTERRUPT) len 48',
      events: [{ unique: 7, opcode: 'interrupt', noReply: true }],
    },
    { lines: '# tracer: nop', events: [] },
  ],
  recognize: (raw) => (readKernelEvent(raw) === null ? (raw.startsWith('# tracer: ') ? 1 : 0) : 2),
  time(raw) {
    const found = /\s(\d{1,12})\.(\d{1,9}): {1,4}(?:fuse:)?fuse_request_/.exec(raw.slice(0, 160))
    const part = BigInt((found?.[2] ?? '').padEnd(9, '0'))
    return found ? { of: 'monotonic', ns: BigInt(found[1] ?? 0) * 1_000_000_000n + part } : null
  },
  explain(raw) {
    const at = raw.indexOf('fuse_request_')
    if (at < 0) return { matched: 0, expected: 'a fuse_request_send or fuse_request_end event' }
    return longestMatch(raw, at, raw.startsWith('fuse_request_end', at) ? END : SEND)
  },
  parser: () => new KernelParser(),
}

/** The same, where it is known that events will come with their arguments. */
export const namedKernel: Dialect = {
  ...kernel,
  capabilities: NAMED_CAPABILITIES,
  parser: () => new KernelParser(true),
}

const BODY = [
  [/: {1,8}connection \d{1,10} /y, 'connection N'],
  [/req \d{1,16} /y, 'req N'],
] as const
const SEND = [
  [/fuse_request_send/y, 'fuse_request_send'],
  ...BODY,
  [/opcode \d{1,10} \(\w{1,40}\) /y, 'opcode N (FUSE_NAME)'],
  [/len \d{1,10}(?: {0,8}$| \| )/y, 'len N'],
] as const
const END = [
  [/fuse_request_end/y, 'fuse_request_end'],
  ...BODY,
  [/len \d{1,10} /y, 'len N'],
  [/error -?\d{1,10}(?: {0,8}$| \| )/y, 'error N'],
] as const
