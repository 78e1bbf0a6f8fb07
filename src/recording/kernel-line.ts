import { NamedKernelLine } from '../dialect/kernel/named-line.js'
import type { Line } from '../line/line.js'
import type { KernelRow, LossRow } from './row.js'

/** A recorded event of the kernel as a line, for the dialect `kernel` to read. */
export function kernelLine(row: KernelRow, index: number): Line {
  const { atNs, edge, unique, opcode, error, details } = row
  if (details !== undefined) return new NamedKernelLine(index, { atNs, edge, unique, opcode, error, details })
  const ns = String(Math.max(0, atNs)).padStart(10, '0')
  const time = `${ns.slice(0, -9)}.${ns.slice(-9)}`
  const what = edge === 'send' ? `opcode ${request(opcode)} len 0` : `len 0 error ${error ?? 0}`
  const raw = ` ${time}: fuse_request_${edge}: connection 0 req ${unique} ${what}`
  return { index, atNs, stream: 'stdout', raw, terminated: true }
}

const NO_DETAILS = { nodeId: '0', uid: 0, gid: 0, pid: 0, len: 0, incomplete: false, body: '' }

/** That events of the kernel are missing, for the dialect `kernel`, whose nodes may be others from here on. */
export function kernelLossLine({ atNs, count }: Pick<LossRow, 'atNs' | 'count'>, index: number): Line {
  return new NamedKernelLine(index, {
    atNs,
    edge: 'loss',
    unique: count,
    opcode: null,
    error: null,
    details: NO_DETAILS,
  })
}

/** A name says it all; what the kernel had no name for is recorded as `opcode_N`. */
function request(opcode: string | null): string {
  const number = /^opcode_(\d+)$/.exec(opcode ?? '')?.[1]
  return number === undefined
    ? `0 (FUSE_${(opcode ?? '').toUpperCase()})`
    : `${number} (0x${Number(number).toString(16)})`
}
