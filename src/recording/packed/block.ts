import type { LineRow, Row } from '../row.js'
import { encodeRow, kindNumber } from '../row-codec.js'
import { ByteWriter } from './bytes.js'
import { writeColumn } from './column.js'
import {
  ABSOLUTE,
  END,
  ID,
  LINE_CHARACTERS,
  LINES,
  OPERATION_SHAPE,
  otherTimes,
  ROW_SHAPE,
  START,
  timeItem,
} from './layout.js'
import { LineWriter, type Slot, templateText, varying } from './line-writer.js'
import { packPool } from './pool.js'
import { PART } from './scan.js'
import { type Shape, ShapeWriter } from './shape-writer.js'
import { TextWriter } from './text-pool.js'
import { fractionOf } from './time-of-day.js'
import { NEAR_NS, type Stamp, writeTimes } from './times.js'

/** A block is full with so many rows, characters, or values. */
const BLOCK_ROWS = 16_384
const BLOCK_CHARACTERS = 4 * 1024 * 1024
const BLOCK_ITEMS = 1_000_000
/** By kind: the item that says most of what the others will be. */
const SELECTORS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 4, 4: 2, 5: 2, 6: 2, 8: 2, 12: 6 }

/** Makes a block of rows, one after the other. */
export class BlockPacker {
  /** Rows so far. */
  count = 0
  readonly #ids: number[] = []
  readonly #kindsOfTemplates: number[] = []
  readonly #texts = new TextWriter(null)
  readonly #operationTexts = new TextWriter(this.#texts)
  readonly #lines: LineWriter
  readonly #rows: ShapeWriter
  readonly #operations: ShapeWriter
  /** Of all rows but operations: their times, and which line they are; -1 for those that are none. */
  readonly #times: number[] = []
  readonly #lineOf: number[] = []
  /** Of operations: how far their ids are from the next one's, and where their lines are. */
  readonly #operation: { ids: number[]; back: number[]; span: number[]; lastNs: number[]; line: number[] }
  readonly #firstLine: number
  #nextId = 0
  #varying: (readonly Slot[])[] = []
  #kinds = 0
  #characters = 0
  #items = 0

  /** @param firstLine lines in the blocks before */
  constructor(firstLine: number) {
    this.#firstLine = firstLine
    this.#operation = { ids: [], back: [], span: [], lastNs: [], line: [] }
    const next = (kind: number): number => this.#kindsOfTemplates.push(kind) - 1
    this.#lines = new LineWriter(this.#texts, next)
    this.#rows = new ShapeWriter(this.#texts, () => next(ROW_SHAPE))
    this.#operations = new ShapeWriter(this.#operationTexts, () => next(OPERATION_SHAPE))
  }

  get #plainBytes(): number {
    return this.#characters + this.#rows.characters + this.#operations.characters
  }

  /** Whether the next row is better put into another block. */
  get full(): boolean {
    const items = this.#items + this.#rows.items + this.#operations.items
    return this.count >= BLOCK_ROWS || this.#plainBytes >= BLOCK_CHARACTERS || items >= BLOCK_ITEMS
  }

  add(row: Row): void {
    this.count++
    this.#kinds |= 1 << kindNumber(row.kind)
    if (row.kind === 'line') this.#line(row)
    else if (row.kind === 'operation') this.#addOperation(encodeRow(row))
    else this.#other(encodeRow(row))
  }

  #line(row: LineRow): void {
    const template = this.#lines.add(row)
    this.#characters += row.raw.length + LINE_CHARACTERS
    this.#items += template.slots.length
    this.#ids.push(template.id)
    this.#lineOf.push(this.#lines.of.length - 1)
    this.#times.push(row.atNs)
  }

  #other(tuple: unknown[]): void {
    const kind = tuple[0] as number
    const at = timeItem(kind)
    const atNs = tuple[at] as number
    const others = otherTimes(kind)
    this.#times.push(atNs)
    this.#lineOf.push(-1)
    tuple[at] = 0
    if ([atNs, ...others.map((i) => tuple[i] as number)].every(isNear)) {
      for (const i of others) tuple[i] = (tuple[i] as number) - atNs
    } else tuple[0] = kind + ABSOLUTE
    this.#ids.push(this.#rows.add(tuple, tuple[SELECTORS[kind] ?? 0], 0).id)
  }

  #addOperation(tuple: unknown[]): void {
    const { ids, back, span, lastNs, line } = this.#operation
    const last = this.#times.at(-1) ?? 0
    const [from, to] = tuple[LINES] as [number, number]
    const lines = this.#firstLine + this.#lines.of.length
    ids.push((tuple[ID] as number) - this.#nextId)
    back.push(lines - to)
    span.push(to - from)
    lastNs.push(last)
    line.push(lines)
    this.#nextId = (tuple[ID] as number) + 1
    tuple[ID] = 0
    tuple[LINES] = null
    const [start, end] = [tuple[START] as number, tuple[END] as number | null]
    if (isNear(last) && isNear(start) && (end === null || isNear(end))) {
      tuple[START] = start - last
      if (end !== null) tuple[END] = end - last
    } else tuple[0] = (tuple[0] as number) + ABSOLUTE
    this.#ids.push(this.#operations.add(tuple, tuple[2], ids.length - 1).id)
  }

  /** What is stored, and how much comes out of it. */
  end(): { stored: Buffer; plainBytes: number } {
    const templates = Buffer.from(this.#lines.templates.map(templateText).join(''), 'latin1')
    const patterns = this.#rows.patterns()
    const columns = new ByteWriter()
    for (const length of [this.#kindsOfTemplates.length, templates.length, patterns.length]) columns.number(length)
    for (const kind of this.#kindsOfTemplates) columns.byte(kind)
    columns.numbers(this.#ids)
    this.#lines.end(columns)
    writeTimes(columns, this.#times, (row) => this.#stampOf(row))
    this.#rows.end(columns)
    const texts = this.#texts.end(columns)
    const operations = this.#endOperations()
    const sections = [Buffer.concat([templates, patterns, texts]), columns.bytes, ...operations]
    const packed = sections.map((section) => (section.length === 0 ? section : packPool(section)))
    const head = new ByteWriter()
    for (const number of [this.#kinds, this.count, this.#firstLine]) head.number(number)
    for (const [i, { length }] of sections.entries()) {
      head.number(length)
      head.number(packed[i]!.length)
    }
    const plainBytes = sections.reduce((sum, { length }) => sum + length, this.#plainBytes)
    return { stored: Buffer.concat([head.bytes, ...packed]), plainBytes }
  }

  /** Their texts and their columns; nothing when there are none. */
  #endOperations(): Buffer[] {
    const { ids, back, span } = this.#operation
    if (ids.length === 0) return [Buffer.alloc(0), Buffer.alloc(0)]
    this.#varying = this.#lines.templates.map(varying)
    const patterns = this.#operations.patterns()
    const columns = new ByteWriter()
    columns.number(patterns.length)
    for (const column of [ids, back, span]) writeColumn(columns, column)
    this.#operations.end(columns, (shape) => this.#sourcesOf(shape))
    const texts = this.#operationTexts.end(columns)
    return [Buffer.concat([patterns, texts]), columns.bytes]
  }

  #stampOf(row: number): Stamp | null {
    const line = this.#lineOf[row]!
    if (line < 0) return null
    const { slots, forms } = this.#lines.of[line]!
    for (let i = 0; i < forms.length; i++) {
      const { kind, values } = slots[i]!
      if (kind === PART.time && values !== null && fractionOf(forms[i]!) > 0) {
        return { value: values[this.#lines.nth[line]!]!, unit: 10 ** (9 - fractionOf(forms[i]!)) }
      }
    }
    return null
  }

  /** What the values of operations may be made of: see `Sources`. */
  *#sourcesOf({ rows }: Shape): Generator<[number, ArrayLike<number>]> {
    const { back, span, lastNs, line } = this.#operation
    const last = rows.map((at) => line[at]! - back[at]! - this.#firstLine)
    const first = rows.map((at, i) => last[i]! - span[at]!)
    for (const [end, lines] of [last, first].entries()) {
      const times = lines.map((at, i) => {
        const ns = this.#lines.times[at]
        return ns === undefined ? 0 : ns - lastNs[rows[i]!]!
      })
      yield [end, times]
    }
    for (const [end, lines] of [last, first].entries()) {
      const slots = lines.map((at) => this.#varying[this.#lines.of[at]?.at ?? -1] ?? [])
      const most = slots.reduce((max, { length }) => Math.max(max, length), 0)
      for (let k = 0; k < most; k++) {
        yield [2 + k * 2 + end, lines.map((at, i) => slots[i]![k]?.values?.[this.#lines.nth[at]!] ?? 0)]
      }
    }
  }
}

const isNear = (ns: number): boolean => Math.abs(ns) < NEAR_NS
