import type { EndedBy, Operation, Status } from '../../operation/operation.js'
import { BIT, type FactBits } from '../../template/facts.js'
import { NameOrder } from './name-order.js'
import { RunTrace } from './run-trace.js'

/** Operations of one opcode of which the log reported the same facts. */
export interface Signature {
  count: number
  /** Those of them during which no other operation was open: which line is whose is certain. */
  alone: number
}

/** What a log reports of the operations of one opcode: exact counts over the whole log. */
export interface OpcodeContract {
  count: number
  path: number
  newPath: number
  name: number
  pid: number
  unique: number
  errno: number
  endedBy: Record<EndedBy | 'none', number>
  status: Record<Status, number>
  /** Requests that repeat the request before: same id, node and name, in the next line. */
  doubled: number
  /** By the facts that were reported. */
  signatures: Map<FactBits, Signature>
}

/** An operation that had no end when the log ended. */
export interface OpenAtEnd {
  opcode: string
  facts: FactBits
  alone: boolean
  /** Requests that came after it. */
  behind: number
}

const MAX_OPCODES = 512
const MAX_SIGNATURES = 256
const MAX_OPEN_AT_END = 4096

function emptyOpcode(): OpcodeContract {
  return {
    count: 0,
    path: 0,
    newPath: 0,
    name: 0,
    pid: 0,
    unique: 0,
    errno: 0,
    endedBy: { reply: 0, span: 0, wire: 0, 'last-event': 0, 'next-request': 0, none: 0 },
    status: { ok: 0, error: 0, unknown: 0, unfinished: 0 },
    doubled: 0,
    signatures: new Map(),
  }
}

/** The contract of a log: what it reports of each opcode. Counted exactly, in memory that does not grow with the log. */
export class Contract {
  readonly opcodes: Map<string, OpcodeContract> = new Map()
  /** What had not ended when the log did; it may only have been cut off. */
  readonly openAtEnd: OpenAtEnd[] = []
  readonly run: RunTrace = new RunTrace()
  readonly nameOrder: NameOrder = new NameOrder()
  operations = 0
  /** The log begins with the mount: nothing can have been open before. */
  fromStart = false
  /** Requests that came while another one was waiting for its reply, at most. */
  lag = 0
  of(opcode: string): OpcodeContract {
    let known = this.opcodes.get(opcode)
    if (known === undefined) {
      known = emptyOpcode()
      if (this.opcodes.size < MAX_OPCODES) this.opcodes.set(opcode, known)
    }
    return known
  }

  /** Counts an operation that has ended; `number` says which request of the log it is. */
  operation(operation: Operation, reported: FactBits, alone: boolean, number: number): void {
    const of = this.#count(operation)
    sign(of, withResults(operation, reported), alone)
    this.run.operation(operation, number, alone)
    this.nameOrder.operation(operation)
  }

  /** Counts an operation that the log's end left open. */
  open(operation: Operation, reported: FactBits, alone: boolean, number: number, behind: number): void {
    this.#count(operation)
    this.run.operation(operation, number, alone)
    if (this.openAtEnd.length >= MAX_OPEN_AT_END) return
    this.openAtEnd.push({ opcode: operation.opcode, facts: withResults(operation, reported), alone, behind })
  }

  #count(operation: Operation): OpcodeContract {
    const of = this.of(operation.opcode)
    if (this.operations++ === 0) this.fromStart = operation.opcode === 'init'
    of.count++
    if (operation.path !== null) of.path++
    if (operation.newPath !== null) of.newPath++
    if (operation.name !== null) of.name++
    if (operation.pid !== null) of.pid++
    if (operation.unique !== null) of.unique++
    if (operation.errno !== null) of.errno++
    of.endedBy[operation.endedBy ?? 'none']++
    of.status[operation.status]++
    return of
  }
}

const withResults = ({ path, newPath, name, status }: Operation, reported: FactBits): FactBits =>
  reported |
  (path !== null ? BIT.path : 0) |
  (newPath !== null ? BIT.newPath : 0) |
  (name !== null ? BIT.attribute : 0) |
  (status === 'error' ? BIT.failed : status === 'ok' ? BIT.succeeded : 0)

/** Adds an operation to those with the same facts. */
export function sign({ signatures }: Pick<OpcodeContract, 'signatures'>, facts: FactBits, alone: boolean): void {
  let signature = signatures.get(facts)
  if (signature === undefined) {
    if (signatures.size >= MAX_SIGNATURES) return
    signature = { count: 0, alone: 0 }
    signatures.set(facts, signature)
  }
  signature.count++
  if (alone) signature.alone++
}
