import type { KernelDetails } from '../dialect/kernel/named-line.js'
import type { KernelRow } from './row.js'
import { Invalid, isCount, isDecimal, isIntOrNull, isTextOrNull, isTime, need, oneOf } from './validate.js'

const EDGES: readonly KernelRow['edge'][] = ['send', 'end', 'taken', 'forget', 'entry']

/** A row of the kernel's as it is packed; what is known by BPF programs alone stands behind the rest. */
export function encodeKernel({ atNs, edge, unique, opcode, error, details: d }: KernelRow): unknown[] {
  const row = [4, atNs, edge, unique, opcode, error]
  if (d === undefined) return row
  return [...row, d.nodeId, d.uid, d.gid, d.pid, d.len, d.incomplete, Buffer.from(d.body, 'latin1')]
}

/** @throws Invalid */
export function decodeKernel(t: readonly unknown[]): KernelRow {
  return {
    kind: 'kernel',
    atNs: need(t[1], isTime),
    edge: oneOf(t[2], EDGES),
    unique: need(t[3], isCount),
    opcode: need(t[4], isTextOrNull),
    error: need(t[5], isIntOrNull),
    ...(t.length > 6 && { details: details(t) }),
  }
}

function details(t: readonly unknown[]): KernelDetails {
  const bytes = t[12]
  if (!(bytes instanceof Uint8Array) || typeof t[11] !== 'boolean') throw new Invalid()
  return {
    nodeId: need(t[6], isDecimal),
    uid: need(t[7], isCount),
    gid: need(t[8], isCount),
    pid: need(t[9], isCount),
    len: need(t[10], isCount),
    incomplete: t[11],
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'),
  }
}
