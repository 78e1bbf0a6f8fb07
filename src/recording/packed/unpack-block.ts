import type { Row } from '../row.js'
import { decodeRow, KINDS } from '../row-codec.js'
import { Budget } from './budget.js'
import { ByteReader } from './bytes.js'
import { Damaged } from './damaged.js'
import { ABSOLUTE, OPERATION_SHAPE, otherTimes, ROW_SHAPE, timeItem } from './layout.js'
import { LineMaker, type ReadTemplate, readParts, stampOf, TemplateReader } from './line-reader.js'
import { OperationReader } from './operation-reader.js'
import { Places } from './places.js'
import { SECTION, Sections } from './sections.js'
import { type Pattern, RowMaker, readPatterns, readSlots } from './shape-reader.js'
import { TextReader } from './text-pool.js'
import { readTimes } from './times.js'

/** Whether rows of a kind are wanted. */
export type Wanted = (kind: Row['kind']) => boolean

/** The rows of a block, one after the other; null at its end, or when it has none that are wanted. */
export interface BlockRows {
  /** @throws Damaged; TooManyItems */
  next(): Row | null
}

const NO_ROWS: BlockRows = { next: () => null }

/**
 * The rows of a block. Rows of kinds that are not known are left out.
 *
 * @param wanted only these; a block that has none of them is not unpacked
 * @param maxItems values in it at most
 * @throws Damaged; TooManyItems
 */
export function unpackBlock(
  stored: Buffer,
  plainBytes: number,
  { wanted = () => true, maxItems }: { wanted?: Wanted | undefined; maxItems: number },
): BlockRows {
  const sections = new Sections(stored, plainBytes)
  const kinds = KINDS.map((kind) => wanted(kind))
  if (!kinds.some((is, i) => is && sections.kinds & (1 << i))) return NO_ROWS
  return new BlockReader(sections, maxItems, kinds)
}

class BlockReader implements BlockRows {
  readonly #wanted: readonly boolean[]
  /** By template: what it is, and its place among those of its kind. */
  readonly #kinds: Uint8Array
  readonly #at: Int32Array
  readonly #templates: ReadTemplate[] = []
  readonly #patterns: readonly Pattern[]
  readonly #places: Places
  /** By row; of operations that of the row before. */
  readonly #times: Float64Array
  readonly #lines: LineMaker
  readonly #rows: RowMaker
  readonly #operations: OperationReader | null
  #row = 0

  constructor(sections: Sections, maxItems: number, wanted: readonly boolean[]) {
    this.#wanted = wanted
    const budget = new Budget(sections.characters, maxItems)
    const texts = sections.section(SECTION.texts)
    const columns = new ByteReader(sections.section(SECTION.columns))
    const [count, templateBytes, patternBytes] = [columns.number(), columns.number(), columns.number()]
    budget.takeItems(count + sections.rows)
    const reader = new TemplateReader(texts.toString('latin1', 0, templateBytes))
    this.#kinds = new Uint8Array(count)
    this.#at = new Int32Array(count)
    const shapes = [0, 0]
    for (let i = 0; i < count; i++) {
      const kind = columns.byte()
      if (kind > OPERATION_SHAPE) throw new Damaged()
      this.#kinds[i] = kind
      this.#at[i] = kind < ROW_SHAPE ? this.#templates.push(reader.next(kind)) - 1 : shapes[kind - ROW_SHAPE]!++
    }
    const rest = templateBytes + patternBytes
    this.#patterns = readPatterns(texts.subarray(templateBytes, rest), shapes[0]!, maxItems)
    const ids = new Float64Array(sections.rows)
    columns.numbers(ids)
    this.#places = new Places(ids, this.#kinds)
    this.#readLines(columns, budget)
    this.#times = this.#readTimes(columns)
    for (let i = 0; i < count; i++) {
      if (this.#kinds[i] !== ROW_SHAPE) continue
      readSlots(columns, this.#patterns[this.#at[i]!]!, { count: this.#places.counts[i]!, budget })
    }
    const pool = new TextReader(texts.subarray(rest), columns, budget, null)
    this.#lines = new LineMaker(pool, budget)
    this.#rows = new RowMaker(pool, budget)
    this.#operations =
      wanted[KINDS.indexOf('operation')] && this.#places.operations.length > 0
        ? this.#readOperations(sections, { texts: pool, budget, maxItems })
        : null
  }

  #readLines(columns: ByteReader, budget: Budget): void {
    const at = this.#at
    const { ids, lines, counts } = this.#places
    const countsOfLines = new Int32Array(this.#templates.length)
    for (let i = 0; i < at.length; i++) if (this.#kinds[i]! < ROW_SHAPE) countsOfLines[at[i]!] = counts[i]!
    const templates = new Int32Array(lines.length)
    for (let line = 0; line < lines.length; line++) templates[line] = at[ids[lines[line]!]!]!
    readParts(columns, this.#templates, { counts: countsOfLines, lines: templates, budget })
  }

  #readTimes(columns: ByteReader): Float64Array {
    const { ids, nth, timed } = this.#places
    const [kinds, at, templates] = [this.#kinds, this.#at, this.#templates]
    const read = readTimes(columns, timed.length, (i) => {
      const row = timed[i]!
      const id = ids[row]!
      return kinds[id]! < ROW_SHAPE ? stampOf(templates[at[id]!]!, nth[row]!) : null
    })
    const times = new Float64Array(ids.length)
    let next = 0
    let last = 0
    for (let row = 0; row < times.length; row++) {
      if (timed[next] === row) last = read[next++]!
      times[row] = last
    }
    return times
  }

  #readOperations(
    sections: Sections,
    { texts, budget, maxItems }: { texts: TextReader; budget: Budget; maxItems: number },
  ): OperationReader {
    const { ids, nth, lines, operations } = this.#places
    const [at, templates] = [this.#at, this.#templates]
    const shapes = new Int32Array(operations.length)
    for (let i = 0; i < shapes.length; i++) shapes[i] = at[ids[operations[i]!]!]!
    return new OperationReader(
      { texts: sections.section(SECTION.operationTexts), columns: sections.section(SECTION.operationColumns) },
      {
        ...{
          rows: operations,
          shapes,
          lines,
          times: this.#times,
          firstLine: sections.firstLine,
          texts,
          budget,
          maxItems,
        },
        count: this.#kinds.reduce((count, kind) => count + (kind === OPERATION_SHAPE ? 1 : 0), 0),
        partOf: (row, slot) => templates[at[ids[row]!]!]!.slots[slot]?.values[nth[row]!],
      },
    )
  }

  next(): Row | null {
    const { ids, nth } = this.#places
    while (this.#row < ids.length) {
      const row = this.#row++
      const id = ids[row]!
      const kind = this.#kinds[id]!
      if (kind < ROW_SHAPE) {
        if (this.#wanted[0]) return this.#lines.line(this.#templates[this.#at[id]!]!, nth[row]!, this.#times[row]!)
      } else if (kind === OPERATION_SHAPE) {
        if (this.#operations !== null) return decoded(this.#operations.next())
      } else {
        const made = this.#other(this.#patterns[this.#at[id]!]!, row)
        if (made !== null) return made
      }
    }
    return null
  }

  #other(pattern: Pattern, row: number): Row | null {
    const kind = pattern.kind % ABSOLUTE
    if (!this.#wanted[kind]) return null
    const tuple = this.#rows.row(pattern, this.#places.nth[row]!)
    const atNs = this.#times[row]!
    tuple[0] = kind
    tuple[timeItem(kind)] = atNs
    if (pattern.kind < ABSOLUTE) for (const at of otherTimes(kind)) tuple[at] = (tuple[at] as number) + atNs
    return decoded(tuple)
  }
}

function decoded(tuple: readonly unknown[]): Row {
  const row = decodeRow(tuple)
  if (row === null) throw new Damaged()
  return row
}
