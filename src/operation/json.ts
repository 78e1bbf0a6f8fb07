import type { Operation } from './operation.js'

/** An operation as `show --operations --json` prints it: the contract's keys in the contract's order. */
export function toJson(operation: Operation): Record<string, unknown> {
  const o = operation
  return {
    id: o.id,
    opcode: o.opcode,
    unique: o.unique,
    path: o.path,
    ...(o.pathBytes !== undefined && { pathBytes: o.pathBytes }),
    ...(o.paths !== undefined && { paths: [...o.paths] }),
    newPath: o.newPath,
    ...(o.newPathBytes !== undefined && { newPathBytes: o.newPathBytes }),
    ...(o.target !== undefined && { target: o.target }),
    ...(o.targetBytes !== undefined && { targetBytes: o.targetBytes }),
    name: o.name,
    ...(o.nameBytes !== undefined && { nameBytes: o.nameBytes }),
    startNs: o.startNs,
    endNs: o.endNs,
    endedBy: o.endedBy,
    status: o.status,
    errno: o.errno,
    pid: o.pid,
    lines: [o.lines[0], o.lines[1]],
    ...(o.negative && { negative: true }),
    ...(o.size !== undefined && { size: o.size }),
    ...(o.offset !== undefined && { offset: o.offset }),
    ...(o.mode !== undefined && { mode: o.mode }),
    ...(o.flags !== undefined && { flags: o.flags }),
    ...(o.nodeId !== undefined && { nodeId: o.nodeId }),
    ...(o.fh !== undefined && { fh: o.fh }),
    ...(o.queueNs !== undefined && { queueNs: o.queueNs }),
  }
}
