import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Coder } from './coder.js'
import type { Guesses } from './guesses.js'
import type { Lines, SeenLine } from './lines.js'
import type { Texts } from './texts.js'
import { Place, Values } from './values.js'

const OPERATION = 5
/** Items of an operation in the order in which each says most of the next. */
const ORDER = [13, 1, 2, 3, 16, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]
const [ID, START, END, LINES] = [1, 7, 8, 13]

export interface OperationsOptions {
  readonly guesses: Guesses
  readonly texts: Texts
  readonly budget: Budget
  readonly lines: Lines
  /** See `Rows`. */
  readonly comparable: boolean
}

/** The operations of a block, by the lines that they were read from; in bits of their own, which need not be read. */
export class Operations {
  readonly #coder: Coder
  readonly #guesses: Guesses
  readonly #values: Values
  readonly #general: Place
  /** By the templates of the lines. */
  readonly #places = new Map<number, Place>()
  readonly #lines: Lines
  readonly #comparable: boolean
  #nextId = 0

  constructor(coder: Coder, { guesses, texts, budget, lines, comparable }: OperationsOptions) {
    this.#coder = coder
    this.#guesses = guesses
    this.#lines = lines
    this.#comparable = comparable
    this.#values = new Values(coder, this.#guesses, texts, budget)
    this.#general = new Place(coder, this.#guesses)
  }

  /** @param lastNs the time of the row before, for those without lines */
  code(tuple: readonly unknown[] | null, lastNs: number): unknown[] {
    const general = this.#general
    const given = tuple === null ? null : this.#fromLines(tuple, lastNs)
    const named = general.named('length')
    const length = this.#values.code(named, named, [], given?.length ?? null, 1)
    if (typeof length !== 'number' || length <= LINES || length > 64) throw new Damaged()
    const row: unknown[] = [OPERATION]
    const item = (special: Place, at: number, sources: readonly (string | number)[]): void => {
      row[at] = this.#values.code(special.item(at), general.item(at), sources, given === null ? null : given[at], 1)
    }
    item(general, LINES, [])
    const [first, last] = this.#linesOf(row[LINES])
    const special = this.#place(first?.template ?? -1, last?.template ?? -1)
    const sources = first === last ? (first?.parts ?? []) : [...(first?.parts ?? []), ...(last?.parts ?? [])]
    for (const at of ORDER) if (at !== LINES && at < length) item(special, at, sources)
    for (let at = ORDER.length + 1; at < length; at++) item(special, at, sources)
    return this.#byLines(row, lastNs)
  }

  #place(first: number, last: number): Place {
    const key = (first + 1) * 2 ** 20 + last + 1
    let place = this.#places.get(key)
    if (place === undefined) {
      place = new Place(this.#coder, this.#guesses)
      this.#places.set(key, place)
    }
    return place
  }

  #fromLines(tuple: readonly unknown[], lastNs: number): unknown[] {
    const given = [...tuple]
    const [from, to] = tuple[LINES] as [number, number]
    given[LINES] = [this.#lines.count - to, to - from]
    given[ID] = (tuple[ID] as number) - this.#nextId
    if (!this.#comparable) return given
    const [first, last] = this.#linesOf(given[LINES])
    given[START] = (tuple[START] as number) - (first?.atNs ?? lastNs)
    if (tuple[END] !== null) given[END] = (tuple[END] as number) - (last?.atNs ?? lastNs)
    return given
  }

  #byLines(row: unknown[], lastNs: number): unknown[] {
    const [first, last] = this.#linesOf(row[LINES])
    const [back, span] = row[LINES] as [number, number]
    const [id, start] = [row[ID], row[START]]
    if (typeof id !== 'number' || typeof start !== 'number') throw new Damaged()
    row[LINES] = [this.#lines.count - back - span, this.#lines.count - back]
    row[ID] = id + this.#nextId
    this.#nextId = id + this.#nextId + 1
    if (!this.#comparable) return row
    row[START] = start + (first?.atNs ?? lastNs)
    if (typeof row[END] === 'number') row[END] += last?.atNs ?? lastNs
    return row
  }

  #linesOf(packed: unknown): readonly [SeenLine | undefined, SeenLine | undefined] {
    if (!Array.isArray(packed) || packed.length !== 2 || !packed.every(Number.isSafeInteger)) throw new Damaged()
    const [back, span] = packed as [number, number]
    return [this.#lines.seen(this.#lines.count - back - span), this.#lines.seen(this.#lines.count - back)]
  }
}
