import type { OperationFacts, OperationValues, RequestEvent } from '../dialect/core/dialect.js'
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
  facts: Facts
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

const NOTHING: Facts = {
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
}

/** Adds what an event shows; what was shown later wins. Says whether anything was new. */
export function learn(open: Draft, event: OperationFacts): boolean {
  const old = open.facts
  const { nodeId = old.nodeId, entry = old.entry, otherNodeId = old.otherNodeId, otherEntry = old.otherEntry } = event
  const { path = old.path, newPath = old.newPath, target = old.target, xattr = old.xattr } = event
  const { exchange = old.exchange, pid = old.pid } = event
  if (
    nodeId === old.nodeId &&
    entry === old.entry &&
    otherNodeId === old.otherNodeId &&
    otherEntry === old.otherEntry &&
    path === old.path &&
    newPath === old.newPath &&
    target === old.target &&
    xattr === old.xattr &&
    exchange === old.exchange &&
    pid === old.pid
  ) {
    return false
  }
  open.facts = { nodeId, entry, otherNodeId, otherEntry, path, newPath, target, xattr, exchange, pid }
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
    facts: NOTHING,
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
export function setValues(operation: Mutable, values: OperationValues): void {
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
