import type { LineRow, Row } from '../row.js'
import { encodeRow } from '../row-codec.js'
import { type Coder, Damaged } from './coder.js'
import type { Guesses } from './guesses.js'
import { Lines } from './lines.js'
import type { Texts } from './texts.js'
import { Place, Values } from './values.js'

const LINE = 0
const OPERATION = 5
/** Which item says most of what the others will be. */
const SELECTORS: readonly (number | undefined)[] = [undefined, 2, 2, 4, 2, undefined, 2, undefined, 2, undefined, undefined]
/** Items of an operation in the order in which each says most of the next. */
const ORDER = [13, 1, 2, 3, 16, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]
const [ID, START, END, LINES] = [1, 7, 8, 13]
const SET_KIND = 10

/** A packed row: a line as it is, any other as the tuple that it is packed as. */
export type PackedRow = LineRow | readonly unknown[]

export interface RowsOptions {
  readonly guesses: Guesses
  readonly texts: Texts
  readonly templates: string | null
  /** See `Values`. */
  readonly left: number
  /** All times are so near to each other that their differences are exact. */
  readonly comparable: boolean
  /** Lines in the blocks before. */
  readonly firstLine: number
}

/** The rows of a block, one after the other. */
export class Rows {
  readonly #coder: Coder
  readonly #guesses: Guesses
  readonly #values: Values
  readonly lines: Lines
  readonly #kinds: number
  readonly #next = new Uint8Array(256)
  readonly #places = new Map<string, Place>()
  /** By the templates of the lines that they were read from. */
  readonly #operations = new Map<number, Place>()
  readonly #comparable: boolean
  #previous = 0
  #lastNs = 0
  #nextId = 0

  constructor(
    coder: Coder,
    { guesses, texts, templates, left, comparable, firstLine }: RowsOptions,
  ) {
    this.#coder = coder
    this.#guesses = guesses
    this.#values = new Values(coder, guesses, texts, left)
    this.lines = new Lines(coder, guesses, texts, templates, firstLine)
    this.#kinds = coder.context(257)
    this.#comparable = comparable
  }

  /** What may still come out. */
  get left(): number {
    return this.#values.left
  }

  /** @param text whether the text of lines is wanted, when reading */
  code(given: Row | null, text: boolean): PackedRow {
    const tuple = given === null || given.kind === 'line' ? null : encodeRow(given)
    const kind = this.#kind(given === null ? 0 : tuple === null ? LINE : (tuple[0] as number))
    if (kind === LINE) {
      const line = this.lines.code(given as LineRow | null, this.#comparable ? this.#lastNs : null, text)
      this.#lastNs = line.atNs
      this.#values.take(1 + line.raw.length)
      return line
    }
    return kind === OPERATION ? this.#operation(tuple) : this.#other(kind, tuple)
  }

  /** Most rows are of the kind that came when the two before were last of theirs. */
  #kind(given: number): number {
    const at = this.#kinds + this.#previous
    const guess = this.#next[this.#previous]!
    let kind = guess
    if (this.#coder.bit(at, this.#kinds + 256, SET_KIND, given === guess ? 1 : 0) === 0) kind = this.#coder.plain(4, given)
    this.#next[this.#previous] = kind
    this.#previous = ((this.#previous << 4) | kind) & 255
    return kind
  }

  #place(name: string): Place {
    let place = this.#places.get(name)
    if (place === undefined) {
      place = new Place(this.#coder, this.#guesses)
      this.#places.set(name, place)
    }
    return place
  }

  #operationPlace(first: number, last: number): Place {
    const key = (first + 1) * 2 ** 20 + last + 1
    let place = this.#operations.get(key)
    if (place === undefined) {
      place = new Place(this.#coder, this.#guesses)
      this.#operations.set(key, place)
    }
    return place
  }

  #other(kind: number, tuple: unknown[] | null): unknown[] {
    const given = tuple === null ? null : this.#relative(tuple, kind)
    const general = this.#place(`${kind}`)
    const length = this.#length(general, given)
    const row: unknown[] = [kind]
    const selector = SELECTORS[kind]
    let special = general
    if (selector !== undefined && selector < length) {
      row[selector] = this.#item(general, general, selector, [], given)
      special = this.#place(`${kind} ${String(row[selector])}`)
    }
    for (let i = 1; i < length; i++) if (i !== selector) row[i] = this.#item(special, general, i, [], given)
    return this.#absolute(row, kind)
  }

  #operation(tuple: unknown[] | null): unknown[] {
    const general = this.#place('operation')
    const given = tuple === null ? null : this.#fromLines(tuple)
    const length = this.#length(general, given)
    const row: unknown[] = [OPERATION]
    if (length <= LINES) throw new Damaged()
    row[LINES] = this.#item(general, general, LINES, [], given)
    const [first, last] = this.#linesOf(row[LINES])
    const special = this.#operationPlace(first?.template ?? -1, last?.template ?? -1)
    const sources = first === last ? (first?.parts ?? []) : [...(first?.parts ?? []), ...(last?.parts ?? [])]
    for (const i of ORDER) if (i !== LINES && i < length) row[i] = this.#item(special, general, i, sources, given)
    for (let i = ORDER.length + 1; i < length; i++) row[i] = this.#item(special, general, i, sources, given)
    return this.#byLines(row)
  }

  #item(special: Place, general: Place, at: number, sources: readonly (string | number)[], given: readonly unknown[] | null): unknown {
    return this.#values.code(special.item(at), general.item(at), sources, given === null ? null : given[at], 1)
  }

  #length(general: Place, given: readonly unknown[] | null): number {
    const length = this.#values.code(general.named('length'), general.named('length'), [], given?.length ?? null, 1)
    if (typeof length !== 'number' || length < 1 || length > 64) throw new Damaged()
    return length
  }

  /** Times by what has passed since the row before. */
  #relative(tuple: readonly unknown[], kind: number): unknown[] {
    const given = [...tuple]
    if (!this.#comparable) return given
    given[1] = (given[1] as number) - this.#lastNs
    if (kind === 3) given[2] = (given[2] as number) - (tuple[1] as number)
    return given
  }

  #absolute(row: unknown[], kind: number): unknown[] {
    if (!this.#comparable) return row
    if (typeof row[1] !== 'number') throw new Damaged()
    row[1] += this.#lastNs
    this.#lastNs = row[1] as number
    if (kind === 3) {
      if (typeof row[2] !== 'number') throw new Damaged()
      row[2] += this.#lastNs
      this.#lastNs = row[2] as number
    }
    return row
  }

  /** An operation by the lines that it was read from. */
  #fromLines(tuple: readonly unknown[]): unknown[] {
    const given = [...tuple]
    const [from, to] = tuple[LINES] as [number, number]
    given[LINES] = [this.lines.count - to, to - from]
    given[ID] = (tuple[ID] as number) - this.#nextId
    if (!this.#comparable) return given
    const [first, last] = this.#linesOf(given[LINES])
    given[START] = (tuple[START] as number) - (first?.atNs ?? this.#lastNs)
    if (tuple[END] !== null) given[END] = (tuple[END] as number) - (last?.atNs ?? this.#lastNs)
    return given
  }

  #byLines(row: unknown[]): unknown[] {
    const [first, last] = this.#linesOf(row[LINES])
    const [back, span] = row[LINES] as [number, number]
    if (typeof row[ID] !== 'number') throw new Damaged()
    row[LINES] = [this.lines.count - back - span, this.lines.count - back]
    row[ID] += this.#nextId
    this.#nextId = (row[ID] as number) + 1
    if (!this.#comparable) return row
    if (typeof row[START] !== 'number') throw new Damaged()
    row[START] += first?.atNs ?? this.#lastNs
    if (typeof row[END] === 'number') row[END] += last?.atNs ?? this.#lastNs
    return row
  }

  #linesOf(packed: unknown) {
    if (!Array.isArray(packed) || packed.length !== 2 || !packed.every(Number.isSafeInteger)) throw new Damaged()
    const [back, span] = packed as [number, number]
    return [this.lines.seen(this.lines.count - back - span), this.lines.seen(this.lines.count - back)] as const
  }
}
