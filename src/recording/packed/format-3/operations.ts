import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Decoder } from './decoder.js'
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
  readonly #decoder: Decoder
  readonly #guesses: Guesses
  readonly #values: Values
  readonly #general: Place
  /** By the templates of the lines. */
  readonly #places = new Map<number, Place>()
  readonly #lines: Lines
  readonly #comparable: boolean
  #nextId = 0

  constructor(decoder: Decoder, { guesses, texts, budget, lines, comparable }: OperationsOptions) {
    this.#decoder = decoder
    this.#guesses = guesses
    this.#lines = lines
    this.#comparable = comparable
    this.#values = new Values(decoder, this.#guesses, texts, budget)
    this.#general = new Place(decoder, this.#guesses)
  }

  /** @param lastNs the time of the row before, for those without lines */
  read(lastNs: number): unknown[] {
    const general = this.#general
    const named = general.named('length')
    const length = this.#values.read(named, named, [], 1)
    if (typeof length !== 'number' || length <= LINES || length > 64) throw new Damaged()
    const row: unknown[] = [OPERATION]
    const item = (special: Place, at: number, sources: readonly (string | number)[]): void => {
      row[at] = this.#values.read(special.item(at), general.item(at), sources, 1)
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
      place = new Place(this.#decoder, this.#guesses)
      this.#places.set(key, place)
    }
    return place
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
