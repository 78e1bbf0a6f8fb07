import type { Line } from '../line/line.js'
import type { KernelRow } from '../recording/row.js'

/** A recorded event of the kernel as the line of a trace, for the dialect `kernel` to read. */
export function kernelLine(row: KernelRow): Omit<Line, 'index'> {
  const { atNs, edge, unique, opcode, error } = row
  const ns = String(Math.max(0, atNs)).padStart(10, '0')
  const time = `${ns.slice(0, -9)}.${ns.slice(-9)}`
  const what = edge === 'send' ? `opcode ${request(opcode)} len 0` : `len 0 error ${error ?? 0}`
  const raw = ` ${time}: fuse_request_${edge}: connection 0 req ${unique} ${what}`
  return { atNs, stream: 'stdout', raw, terminated: true }
}

/** A name says it all; what the kernel had no name for is recorded as `opcode_N`. */
function request(opcode: string | null): string {
  const number = /^opcode_(\d+)$/.exec(opcode ?? '')?.[1]
  return number === undefined
    ? `0 (FUSE_${(opcode ?? '').toUpperCase()})`
    : `${number} (0x${Number(number).toString(16)})`
}
