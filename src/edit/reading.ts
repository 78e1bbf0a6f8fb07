import type { Dialect, DialectEvent, DialectParser, OperationKey } from '../dialect/core/dialect.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { WireInterpreter } from '../operation/wire-interpreter.js'
import { LineFeed } from '../recording/line-feed.js'
import type { Row } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'

/** What a row has to do with an operation: it begins it, says more of it, or ends it. */
export type Role = 'request' | 'detail' | 'reply'

export interface Owned {
  /** Index among the rows. */
  readonly row: number
  readonly role: Role
}

/** What rows are read as. */
export interface Reading {
  /** By their ids: the order of their starts. */
  readonly operations: readonly Operation[]
  /** The rows that show an operation, by its id. */
  readonly owned: ReadonlyMap<number, readonly Owned[]>
  /** The operations that each row shows. */
  readonly owners: ReadonlyMap<number, ReadonlySet<number>>
  /** For each row the operations that end with it. */
  readonly ends: ReadonlyMap<number, readonly Operation[]>
  /** Those that end with the recording. */
  readonly rest: readonly Operation[]
  readonly unparsed: number
}

/** Reads rows as a replay does, and keeps which rows show which operation. */
export function readRows(rows: readonly Row[], dialect: Dialect | null): Reading {
  return dialect === null ? readMessages(rows) : readLog(rows, dialect)
}

class Notes {
  readonly owned = new Map<number, Owned[]>()
  readonly owners = new Map<number, Set<number>>()
  readonly operations: Operation[] = []
  readonly ends = new Map<number, Operation[]>()
  #ended: Operation[] = []

  own(operation: number, row: number, role: Role): void {
    const rows = this.owned.get(operation) ?? []
    this.owned.set(operation, rows)
    if (!rows.some((one) => one.row === row)) rows.push({ row, role })
    const owners = this.owners.get(row) ?? new Set()
    this.owners.set(row, owners.add(operation))
  }

  /**
   * Lines that a parser takes without an event of their own (the node that an answer names) stand among those of their operation:
   * they belong to it where the line before does, or the one behind.
   */
  adopt(operation: number, [first, last]: readonly [number, number], rowOf: readonly number[]): void {
    const isOwn = (line: number): boolean => this.owners.get(rowOf[line] ?? -1)?.has(operation) === true
    for (let line = first; line <= last; line++) {
      const row = rowOf[line] ?? -1
      if (!this.owners.has(row) && (isOwn(line - 1) || isOwn(line + 1))) this.own(operation, row, 'detail')
    }
  }

  ended(operation: Operation): void {
    this.operations.push(operation)
    this.#ended.push(operation)
  }

  /** What has ended since belongs to this row. */
  after(row: number): void {
    if (this.#ended.length > 0) this.ends.set(row, this.#ended)
    this.#ended = []
  }

  reading(unparsed: number): Reading {
    const { owned, owners, ends } = this
    for (const rows of owned.values()) rows.sort((a, b) => a.row - b.row)
    const operations = this.operations.toSorted((a, b) => a.id - b.id)
    return { operations, owned, owners, ends, rest: this.#ended, unparsed }
  }
}

function readMessages(rows: readonly Row[]): Reading {
  const notes = new Notes()
  const wire = new WireInterpreter({ onEnd: (operation) => notes.ended(operation) })
  const rowOf: number[] = []
  for (const [i, row] of rows.entries()) {
    const message = row.kind === 'request' || row.kind === 'reply' ? wireMessage(row) : null
    if (message === null) continue
    wire.push(message, rowOf.length)
    rowOf.push(i)
    notes.after(i)
  }
  wire.end()
  for (const { id, lines, endNs, startNs } of notes.operations) {
    const [first, last] = lines
    notes.own(id, rowOf[first] ?? 0, 'request')
    if (last !== first && endNs !== null && endNs >= startNs) notes.own(id, rowOf[last] ?? 0, 'reply')
  }
  return notes.reading(0)
}

function readLog(rows: readonly Row[], dialect: Dialect): Reading {
  const notes = new Notes()
  const rowOf: number[] = []
  const keys = new Keys()
  const observe = (event: DialectEvent): void => {
    const operation = keys.take(event)
    if (operation === null) return
    for (let line = event.lines[0]; line <= event.lines[1]; line++) notes.own(operation, rowOf[line] ?? 0, event.kind)
  }
  const interpreter = new Interpreter({
    dialect,
    tap: (parser) => observed(parser, observe),
    onEnd: (operation) => notes.ended(operation),
  })
  const feed = new LineFeed(() => dialect.name === 'kernel')
  let lastNs = 0
  let cut = false
  for (const [i, row] of rows.entries()) {
    if (row.kind === 'exit') cut = row.signal !== null
    const line = feed.line(row)
    if (line === null) continue
    rowOf.push(i)
    lastNs = line.atNs
    interpreter.push(line)
    notes.after(i)
  }
  interpreter.end(lastNs, cut ? 'cut' : 'complete')
  for (const { id, lines } of notes.operations) notes.adopt(id, lines, rowOf)
  return notes.reading(interpreter.unparsed)
}

/** A parser whose events are seen by somebody else too. */
function observed(parser: DialectParser, observe: (event: DialectEvent) => void): DialectParser {
  const both = (emit: (event: DialectEvent) => void) => (event: DialectEvent) => {
    observe(event)
    emit(event)
  }
  return {
    line: (line, emit) => parser.line(line, both(emit)),
    end: (emit) => parser.end(both(emit)),
  }
}

/** Which operation an event speaks of, as the assembler numbers them. */
class Keys {
  readonly #open = new Map<OperationKey, number>()
  #next = 0

  take(event: DialectEvent): number | null {
    if (event.kind === 'request') {
      const id = this.#next++
      if (event.noReply) return id
      if (event.unique !== null) this.#open.set(event.unique, id)
      if (event.slot !== undefined) this.#open.set(event.slot, id)
      return id
    }
    const id = this.#open.get(event.key)
    if (id === undefined) return null
    if (event.kind === 'detail') {
      if (event.slot !== undefined) this.#open.set(event.slot, id)
      return id
    }
    for (const [key, open] of this.#open) if (open === id) this.#open.delete(key)
    return id
  }
}
