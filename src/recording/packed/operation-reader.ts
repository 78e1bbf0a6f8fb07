import type { Budget } from './budget.js'
import { ByteReader } from './bytes.js'
import { readColumn } from './column-reader.js'
import { ABSOLUTE, END, ID, LINES, START } from './layout.js'
import { type Pattern, RowMaker, readPatterns, readSlots } from './shape-reader.js'
import { TextReader } from './text-pool.js'

/** What operations are read from besides their own columns. */
export interface OperationContext {
  /** The rows that are operations, and those that are lines, by their numbers in the block. */
  readonly rows: Int32Array
  readonly lines: Int32Array
  /** By operations. */
  readonly shapes: Int32Array
  /** By rows. */
  readonly times: Float64Array
  /** Lines in the blocks before. */
  readonly firstLine: number
  readonly texts: TextReader
  readonly budget: Budget
  readonly maxItems: number
  /** How many shapes there are. */
  readonly count: number
  /** What stands in a part of a line. */
  partOf(row: number, slot: number): number | undefined
}

/** The operations of a block, one after the other. */
export class OperationReader {
  readonly #context: OperationContext
  readonly #patterns: readonly Pattern[]
  readonly #ids: Float64Array
  readonly #back: Float64Array
  readonly #span: Float64Array
  /** By operations: lines of the block before them. */
  readonly #before: Int32Array
  /** By shapes: how many came. */
  readonly #nth: Int32Array
  readonly #maker: RowMaker
  #at = 0
  #nextId = 0

  constructor({ texts, columns }: { texts: Buffer; columns: Buffer }, context: OperationContext) {
    this.#context = context
    const { rows, lines, budget, shapes, count, maxItems } = context
    const bytes = new ByteReader(columns)
    const patternBytes = bytes.number()
    this.#patterns = readPatterns(texts.subarray(0, patternBytes), count, maxItems)
    budget.takeItems(rows.length * 3)
    this.#ids = readColumn(bytes, rows.length)
    this.#back = readColumn(bytes, rows.length)
    this.#span = readColumn(bytes, rows.length)
    this.#before = new Int32Array(rows.length)
    let line = 0
    for (let i = 0; i < rows.length; i++) {
      while (line < lines.length && lines[line]! < rows[i]!) line++
      this.#before[i] = line
    }
    this.#nth = new Int32Array(count)
    const members: number[][] = this.#patterns.map(() => [])
    for (let i = 0; i < shapes.length; i++) members[shapes[i]!]!.push(i)
    for (const [shape, pattern] of this.#patterns.entries()) {
      const those = members[shape]!
      const sourceOf = (source: number): Float64Array => this.#source(those, source)
      readSlots(bytes, pattern, { count: those.length, budget, sourceOf })
    }
    this.#maker = new RowMaker(new TextReader(texts.subarray(patternBytes), bytes, budget, context.texts), budget)
  }

  /** 0 and 1: the time of the last and of the first line, after the row before; 2 and 3 the first part of these, 4 and 5 the second … */
  #source(members: readonly number[], source: number): Float64Array {
    const { lines, rows, times, budget, partOf } = this.#context
    budget.takeItems(members.length)
    const slot = Math.floor(source / 2) - 1
    const values = new Float64Array(members.length)
    for (let i = 0; i < members.length; i++) {
      const member = members[i]!
      const last = this.#before[member]! - this.#back[member]!
      const row = lines[source % 2 === 0 ? last : last - this.#span[member]!]
      if (row === undefined) continue
      values[i] = (slot < 0 ? times[row]! - times[rows[member]!]! : partOf(row, slot)) ?? 0
    }
    return values
  }

  /** The next operation as a tuple. */
  next(): unknown[] {
    const at = this.#at++
    const { shapes, firstLine, times, rows } = this.#context
    const shape = shapes[at]!
    const tuple = this.#maker.row(this.#patterns[shape]!, this.#nth[shape]!++)
    const kind = tuple[0] as number
    const last = firstLine + this.#before[at]! - this.#back[at]!
    const id = this.#nextId + this.#ids[at]!
    this.#nextId = id + 1
    tuple[0] = kind % ABSOLUTE
    tuple[ID] = id
    tuple[LINES] = [last - this.#span[at]!, last]
    if (kind < ABSOLUTE) {
      const lastNs = times[rows[at]!]!
      tuple[START] = (tuple[START] as number) + lastNs
      if (typeof tuple[END] === 'number') tuple[END] = (tuple[END] as number) + lastNs
    }
    return tuple
  }
}
