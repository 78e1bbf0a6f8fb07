import type { LineRow, Row } from '../row.js'
import { encodeRow } from '../row-codec.js'
import { ByteWriter } from './bytes.js'
import {
  ABSOLUTE,
  BLOCK_ROWS,
  LINE_CHARACTERS,
  OPERATION,
  OPERATION_SHAPE,
  otherTimes,
  ROW_SHAPE,
  timeItem,
} from './layout.js'
import { writeParts } from './line-columns.js'
import { LineWriter } from './line-writer.js'
import { OperationWriter } from './operation-writer.js'
import { type Effort, packPool } from './pool.js'
import { PART } from './scan.js'
import { ShapeWriter } from './shape-writer.js'
import { TextWriter } from './text-pool.js'
import { fractionOf } from './time-of-day.js'
import { isNear, type Stamp, writeTimes } from './times.js'

/** A block is full with so many characters, or values, as well. */
const BLOCK_CHARACTERS = 4 * 1024 * 1024
const BLOCK_ITEMS = 1_000_000
/** By kind: the item that says most of what the others will be. */
const SELECTORS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 4, 4: 2, 5: 2, 6: 2, 8: 2, 12: 6 }

/** Makes a block of rows, one after the other. */
export class BlockPacker {
  /** Rows so far. */
  count = 0
  readonly #ids = new Int32Array(BLOCK_ROWS)
  readonly #kindsOfTemplates: number[] = []
  readonly #texts = new TextWriter(null)
  readonly #lines: LineWriter
  readonly #rows: ShapeWriter
  readonly #operations: OperationWriter
  /** Of all rows but operations: their times, and which line they are; -1 for those that are none. */
  readonly #times = new Float64Array(BLOCK_ROWS)
  readonly #lineOf = new Int32Array(BLOCK_ROWS)
  #timed = 0
  readonly #firstLine: number
  #kinds = 0
  #characters = 0
  #items = 0

  /**
   * @param firstLine lines in the blocks before
   * @param lines what has packed theirs
   */
  constructor(firstLine: number, lines: LineWriter = new LineWriter()) {
    this.#firstLine = firstLine
    const next = (kind: number): number => this.#kindsOfTemplates.push(kind) - 1
    this.#lines = lines
    lines.begin(this.#texts, next)
    this.#rows = new ShapeWriter(this.#texts, () => next(ROW_SHAPE))
    const given = { texts: this.#texts, lines: this.#lines, firstLine }
    this.#operations = new OperationWriter(given, () => next(OPERATION_SHAPE))
  }

  get #plainBytes(): number {
    return this.#characters + this.#rows.characters + this.#operations.characters
  }

  /** Whether the next row is better put into another block. */
  get full(): boolean {
    const items = this.#items + this.#rows.items + this.#operations.items
    return this.count >= BLOCK_ROWS || this.#plainBytes >= BLOCK_CHARACTERS || items >= BLOCK_ITEMS
  }

  /** Not when it is full. */
  add(row: Row): void {
    if (row.kind === 'line') this.addLine(row)
    else this.addTuple(encodeRow(row))
  }

  addLine(row: LineRow): void {
    this.#kinds |= 1
    const template = this.#lines.add(row)
    this.#characters += row.raw.length + LINE_CHARACTERS
    this.#items += template.slots.length
    this.#time(row.atNs, this.#lines.count - 1)
    this.#ids[this.count++] = template.id
  }

  /** Any other row, as `encodeRow` makes it; the tuple is changed. */
  addTuple(tuple: unknown[]): void {
    this.#kinds |= 1 << (tuple[0] as number)
    this.#ids[this.count++] = this.#shaped(tuple)
  }

  #time(atNs: number, line: number): void {
    this.#times[this.#timed] = atNs
    this.#lineOf[this.#timed++] = line
  }

  #shaped(tuple: unknown[]): number {
    const kind = tuple[0] as number
    if (kind === OPERATION) return this.#operations.add(tuple, this.#times[this.#timed - 1] ?? 0)
    const at = timeItem(kind)
    const atNs = tuple[at] as number
    const others = otherTimes(kind)
    this.#time(atNs, -1)
    tuple[at] = 0
    if ([atNs, ...others.map((i) => tuple[i] as number)].every(isNear)) {
      for (const i of others) tuple[i] = (tuple[i] as number) - atNs
    } else tuple[0] = kind + ABSOLUTE
    return this.#rows.add(tuple, tuple[SELECTORS[kind] ?? 0], 0).id
  }

  /**
   * What is stored, and how much comes out of it.
   *
   * @param effort see `packPool`
   */
  end(effort: Effort): { stored: Buffer; plainBytes: number } {
    const templates = Buffer.from(this.#lines.templates.map(({ text }) => text).join(''), 'latin1')
    const patterns = this.#rows.patterns()
    const columns = new ByteWriter()
    for (const length of [this.#kindsOfTemplates.length, templates.length, patterns.length]) columns.number(length)
    for (const kind of this.#kindsOfTemplates) columns.byte(kind)
    columns.numbers(this.#ids.subarray(0, this.count))
    writeParts(columns, this.#lines)
    writeTimes(columns, this.#times.subarray(0, this.#timed), this.#stamps())
    this.#rows.end(columns)
    const texts = this.#texts.end(columns)
    const sections = [Buffer.concat([templates, patterns, texts]), columns.bytes, ...this.#operations.end()]
    const packed = sections.map((section) => (section.length === 0 ? section : packPool(section, effort)))
    const head = new ByteWriter()
    for (const number of [this.#kinds, this.count, this.#firstLine]) head.number(number)
    for (const [i, { length }] of sections.entries()) {
      head.number(length)
      head.number(packed[i]!.length)
    }
    const plainBytes = sections.reduce((sum, { length }) => sum + length, this.#plainBytes)
    return { stored: Buffer.concat([head.bytes, ...packed]), plainBytes }
  }

  /** The times that lines have in their texts: of each the first that differs and has a fraction. */
  #stamps(): (row: number) => Stamp | null {
    const slots = this.#lines.templates.map(({ columns }) => {
      const slot = columns.find(({ kind, form }) => kind === PART.time && fractionOf(form) > 0)
      return slot === undefined ? null : { values: slot.values!, unit: 10 ** (9 - fractionOf(slot.form)) }
    })
    const { of, nth } = this.#lines
    return (row) => {
      const line = this.#lineOf[row]!
      const slot = line < 0 ? null : slots[of[line]!]!
      return slot && { value: slot.values[nth[line]!]!, unit: slot.unit }
    }
  }
}
