import type { OperationFacts, RequestEvent } from '../dialect/core/dialect.js'
import type { EventValues } from '../dialect/core/values.js'
import type { Raw } from '../line/line.js'
import { decode } from '../line/text.js'
import { type Kind, kindOf } from './kind.js'
import type { EndedBy, Operation, Status } from './operation.js'

/** The operation as its observers hold it, to be completed in place. */
export type Mutable = { -readonly [K in keyof Operation]: Operation[K] } & { lines: [number, number] }

/** An open operation with all that is known of it, names still raw. */
export interface Draft {
  readonly operation: Mutable
  readonly kind: Kind
  readonly facts: Facts
  slot: string | null
  readonly forgets: RequestEvent['forgets']
  readonly forgetCounts: RequestEvent['forgetCounts']
  path: Raw | null
  newPath: Raw | null
  /** All names of the node, where it has several. */
  names: readonly Raw[] | null
  /** Time of the last event that spoke of it. */
  lastNs: number
  details: number
}

/** All that the events of an operation have shown, of one shape whatever they showed. */
type Facts = { [K in keyof OperationFacts]-?: OperationFacts[K] | undefined }

/** Nothing is known yet. */
const nothing = (): Facts => ({
  nodeId: undefined,
  entry: undefined,
  otherNodeId: undefined,
  otherEntry: undefined,
  path: undefined,
  newPath: undefined,
  target: undefined,
  xattr: undefined,
  exchange: undefined,
  pid: undefined,
})

/** Adds what an event shows; what was shown later wins. Says whether anything was new. */
export function learn(known: Facts, event: OperationFacts): boolean {
  const { nodeId = known.nodeId, entry = known.entry, path = known.path, newPath = known.newPath } = event
  const { otherNodeId = known.otherNodeId, otherEntry = known.otherEntry, pid = known.pid } = event
  const { target = known.target, xattr = known.xattr, exchange = known.exchange } = event
  if (
    nodeId === known.nodeId &&
    entry === known.entry &&
    otherNodeId === known.otherNodeId &&
    otherEntry === known.otherEntry &&
    path === known.path &&
    newPath === known.newPath &&
    target === known.target &&
    xattr === known.xattr &&
    exchange === known.exchange &&
    pid === known.pid
  ) {
    return false
  }
  known.nodeId = nodeId
  known.entry = entry
  known.otherNodeId = otherNodeId
  known.otherEntry = otherEntry
  known.path = path
  known.newPath = newPath
  known.target = target
  known.xattr = xattr
  known.exchange = exchange
  known.pid = pid
  return true
}

/** A request as an operation that has not ended. */
export function draft(id: number, event: RequestEvent): Draft {
  const operation: Mutable = {
    id,
    opcode: event.opcode,
    unique: event.unique,
    path: null,
    newPath: null,
    name: null,
    startNs: event.atNs,
    endNs: null,
    endedBy: null,
    status: 'unfinished',
    errno: null,
    pid: null,
    lines: [event.lines[0], event.lines[1]],
  }
  if (event.nodeId !== undefined) operation.nodeId = nodeNumber(event.nodeId)
  if (event.opcode === 'symlink') operation.target = null
  return {
    operation,
    kind: kindOf(event.opcode),
    facts: nothing(),
    slot: event.slot ?? null,
    forgets: event.forgets,
    forgetCounts: event.forgetCounts,
    path: null,
    newPath: null,
    names: null,
    lastNs: event.atNs,
    details: 0,
  }
}

/** Writes the numbers of a request or a reply into an operation, those that are known. */
export function setValues(operation: Mutable, values: EventValues): void {
  const { size, offset, mode, flags, nodeId, fh, queueNs } = values
  if (size !== undefined) operation.size = size
  if (offset !== undefined) operation.offset = offset
  if (mode !== undefined) operation.mode = mode
  if (flags !== undefined) operation.flags = flags
  if (nodeId !== undefined) operation.nodeId = nodeId
  if (fh !== undefined) operation.fh = fh
  if (queueNs !== undefined) operation.queueNs = queueNs
}

/** A node's id as a number, as a string where it passes 2^53. */
function nodeNumber(id: string): number | string {
  return id.length < 16 ? Number(id) : id
}

type Shown = 'path' | 'newPath' | 'target' | 'name'

/** Where the bytes go that a field's text cannot show. */
const BYTES = { path: 'pathBytes', newPath: 'newPathBytes', target: 'targetBytes', name: 'nameBytes' } as const

/** Writes a raw name into a public field, and its bytes beside it when it is not UTF-8. */
export function show(operation: Mutable, field: Shown, raw: Raw): void {
  const { text, bytes } = decode(raw)
  operation[field] = text
  const beside = BYTES[field]
  if (bytes !== null) operation[beside] = bytes
  else if (operation[beside] !== undefined) delete operation[beside]
}

/** Extends the lines of an operation. */
export function extend(operation: Mutable, lines: readonly [number, number]): void {
  if (lines[0] < operation.lines[0]) operation.lines[0] = lines[0]
  if (lines[1] > operation.lines[1]) operation.lines[1] = lines[1]
}

/** Writes an end. */
export function finish(operation: Mutable, endNs: number | null, endedBy: EndedBy | null, status: Status): void {
  operation.endNs = endNs
  operation.endedBy = endedBy
  operation.status = status
}
