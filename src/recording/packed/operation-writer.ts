import { ByteWriter } from './bytes.js'
import { type Source, writeColumn } from './column-writer.js'
import { ABSOLUTE, END, ID, LINES, START } from './layout.js'
import type { LineWriter } from './line-writer.js'
import { type Shape, ShapeWriter } from './shape-writer.js'
import { TextWriter } from './text-pool.js'
import { isNear } from './times.js'

/** The operations of a block. Much of what they say stands in their lines. */
export class OperationWriter {
  readonly #lines: LineWriter
  readonly #firstLine: number
  readonly #texts: TextWriter
  readonly #shapes: ShapeWriter
  /** How far ids are from the next one's. */
  readonly #ids: number[] = []
  /** How many lines ago the last line of each was, and the first before that. */
  readonly #back: number[] = []
  readonly #span: number[] = []
  /** Lines of the block before each, and the time of the row before it. */
  readonly #line: number[] = []
  readonly #lastNs: number[] = []
  #nextId = 0

  /** @param texts of the other rows; theirs that are among these are not repeated */
  constructor(
    { texts, lines, firstLine }: { texts: TextWriter; lines: LineWriter; firstLine: number },
    nextId: () => number,
  ) {
    this.#lines = lines
    this.#firstLine = firstLine
    this.#texts = new TextWriter(texts)
    this.#shapes = new ShapeWriter(this.#texts, nextId)
  }

  get characters(): number {
    return this.#shapes.characters
  }

  get items(): number {
    return this.#shapes.items
  }

  /** The number of its shape. */
  add(tuple: unknown[], lastNs: number): number {
    const id = tuple[ID] as number
    const [from, to] = tuple[LINES] as [number, number]
    const line = this.#lines.count
    this.#ids.push(id - this.#nextId)
    this.#back.push(this.#firstLine + line - to)
    this.#span.push(to - from)
    this.#lastNs.push(lastNs)
    this.#line.push(line)
    this.#nextId = id + 1
    tuple[ID] = 0
    tuple[LINES] = null
    const start = tuple[START] as number
    const end = tuple[END] as number | null
    if (isNear(lastNs) && isNear(start) && (end === null || isNear(end))) {
      tuple[START] = start - lastNs
      if (end !== null) tuple[END] = end - lastNs
    } else tuple[0] = (tuple[0] as number) + ABSOLUTE
    return this.#shapes.add(tuple, tuple[2], this.#ids.length - 1).id
  }

  /** Their texts and their columns; nothing when there are none. */
  end(): Buffer[] {
    if (this.#ids.length === 0) return [Buffer.alloc(0), Buffer.alloc(0)]
    const patterns = this.#shapes.patterns()
    const columns = new ByteWriter()
    columns.number(patterns.length)
    for (const column of [this.#ids, this.#back, this.#span]) writeColumn(columns, column)
    const parts = this.#lines.templates.map((template) => template.columns.map(({ values }) => values!))
    this.#shapes.end(columns, (shape) => this.#sourcesOf(shape, parts))
    const texts = this.#texts.end(columns)
    return [Buffer.concat([patterns, texts]), columns.bytes]
  }

  /** What the values of a shape's operations may be made of: times and parts of their last and first lines, as `OperationReader` counts them. */
  #sourcesOf({ rows }: Shape, parts: readonly (readonly number[][])[]): Source[] {
    const last = Int32Array.from(rows, (at) => this.#line[at]! - this.#back[at]!)
    const first = Int32Array.from(rows, (at, i) => last[i]! - this.#span[at]!)
    const ends = rows.some((at) => this.#span[at] !== 0) ? [last, first] : [last]
    return ends.flatMap((lines, end) => {
      const { of, nth, times, count } = this.#lines
      const passed = new Float64Array(rows.length)
      let most = 0
      for (let i = 0; i < rows.length; i++) {
        const line = lines[i]!
        if (!(line >= 0 && line < count)) continue
        passed[i] = times[line]! - this.#lastNs[rows[i]!]!
        most = Math.max(most, parts[of[line]!]!.length)
      }
      const sources: Source[] = [{ number: end, values: passed }]
      for (let part = 0; part < most; part++) {
        const values = new Float64Array(rows.length)
        for (let i = 0; i < rows.length; i++) {
          const line = lines[i]!
          if (line >= 0 && line < count) values[i] = parts[of[line]!]![part]?.[nth[line]!] ?? 0
        }
        sources.push({ number: 2 + part * 2 + end, values })
      }
      return sources
    })
  }
}
