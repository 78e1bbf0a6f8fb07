import type { OperationFacts, RequestEvent } from '../dialect/dialect.js'
import type { Raw } from '../line/line.js'
import { decode } from '../line/text.js'
import type { EndedBy, Operation, Status } from './operation.js'

/** The operation as its observers hold it, to be completed in place. */
export type Mutable = { -readonly [K in keyof Operation]: Operation[K] } & { lines: [number, number] }

/** An open operation with all that is known of it, names still raw. */
export interface Draft {
  readonly operation: Mutable
  readonly facts: OperationFacts
  slot: string | null
  readonly forgets: RequestEvent['forgets']
  readonly forgetCounts: RequestEvent['forgetCounts']
  path: Raw | null
  newPath: Raw | null
  /** Time of the last event that spoke of it. */
  lastNs: number
  details: number
}

/** Adds what an event tells; what was told later wins. Says whether anything was new. */
export function learn(facts: OperationFacts, event: OperationFacts): boolean {
  let changed = false
  for (const key in event) {
    if (!FACTS.has(key)) continue
    const fact = key as keyof OperationFacts
    const value = event[fact]
    if (value === undefined || facts[fact] === value) continue
    ;(facts as Record<string, unknown>)[fact] = value
    changed = true
  }
  return changed
}

const FACTS: ReadonlySet<string> = new Set<keyof OperationFacts>([
  'nodeId',
  'entry',
  'otherNodeId',
  'otherEntry',
  'path',
  'newPath',
  'target',
  'xattr',
  'exchange',
  'pid',
])

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
  if (event.opcode === 'symlink') operation.target = null
  return {
    operation,
    facts: {},
    slot: event.slot ?? null,
    forgets: event.forgets,
    forgetCounts: event.forgetCounts,
    path: null,
    newPath: null,
    lastNs: event.atNs,
    details: 0,
  }
}

/** Writes a raw name into a public field, and its bytes beside it when it is not UTF-8. */
export function show(operation: Mutable, field: 'path' | 'newPath' | 'target' | 'name', raw: Raw): void {
  const { text, bytes } = decode(raw)
  operation[field] = text
  if (bytes !== null) operation[`${field}Bytes`] = bytes
  else if (operation[`${field}Bytes`] !== undefined) delete operation[`${field}Bytes`]
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
