import type { Raw } from '../../line/line.js'
import { opcodeName } from '../core/opcode.js'

/** One of the kernel's own events: a request was queued for the daemon, or its answer has come. */
export interface KernelEvent {
  /** The trace's own time, ns. With `trace_clock` mono it is CLOCK_MONOTONIC, so subtract the origin for an offset. */
  readonly atNs: bigint
  readonly edge: 'send' | 'end'
  /** Minor device number of the mount (fuseblk: `major << 20 | minor`). */
  readonly connection: number
  /** The request's id, used again over a long run. */
  readonly unique: number
  /** Lower case without `FUSE_`; only of `send`. An opcode that the kernel has no name for is `opcode_N`. */
  readonly opcode: string | null
  /** 0 or a negative errno number; only of `end`. */
  readonly error: number | null
  /** Bytes of the request, or of its answer. */
  readonly len: number
}

const MARK = 'fuse_request_'
/** Behind `|` stands what our own lines say more, see `named-line.ts`. */
const REST = /\s{0,8}(?:$| \| )/.source
const SEND = new RegExp(
  /send:\s{1,8}connection (\d{1,10}) req (\d{1,16}) opcode (\d{1,10}) \((?:FUSE_)?(\w{1,40})\) len (\d{1,10})/.source +
    REST,
  'y',
)
const END = new RegExp(
  /end:\s{1,8}connection (\d{1,10}) req (\d{1,16}) len (\d{1,10}) error (-?\d{1,10})/.source + REST,
  'y',
)
const TIME = /(?:^| )(\d{1,12})\.(\d{1,9}): {1,4}(?:fuse:)?$/

/**
 * Reads one line of tracefs' `trace` or `trace_pipe` (also of `trace-cmd report` and `perf script`). Null for every other
 * line. What stands before the time (a command's name with spaces and dashes, CPU, flags) is ignored.
 *
 * @example
 * readKernelEvent('bash-3172 [000] ...1. 369.338167: fuse_request_send: connection 39 req 4 opcode 3 (FUSE_GETATTR) len 56')
 * // { atNs: 369338167000n, edge: 'send', connection: 39, unique: 4, opcode: 'getattr', error: null, len: 56 }
 */
export function readKernelEvent(raw: Raw): KernelEvent | null {
  const mark = raw.indexOf(MARK)
  if (mark < 0) return null
  const time = TIME.exec(raw.slice(Math.max(0, mark - 40), mark))
  if (time === null) return null
  const atNs = BigInt(time[1] ?? 0) * 1_000_000_000n + BigInt((time[2] ?? '').padEnd(9, '0'))
  const from = mark + MARK.length
  SEND.lastIndex = from
  const send = SEND.exec(raw)
  if (send) {
    // The kernel prints a number (`0x35`) where its own table has no name.
    return {
      atNs,
      edge: 'send',
      connection: Number(send[1]),
      unique: Number(send[2]),
      opcode: /^\d/.test(send[4] ?? '') ? opcodeName(Number(send[3])) : (send[4] ?? '').toLowerCase(),
      error: null,
      len: Number(send[5]),
    }
  }
  END.lastIndex = from
  const end = END.exec(raw)
  if (end === null) return null
  return {
    atNs,
    edge: 'end',
    connection: Number(end[1]),
    unique: Number(end[2]),
    opcode: null,
    error: Number(end[4]),
    len: Number(end[3]),
  }
}
