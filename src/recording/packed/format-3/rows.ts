import type { LineRow } from '../../row.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Decoder } from './decoder.js'
import type { Guesses } from './guesses.js'
import { Lines } from './lines.js'
import { Operations } from './operations.js'
import type { Texts } from './texts.js'
import { Place, Values } from './values.js'

const LINE = 0
const OPERATION = 5
/** By kind: the item that says most of what the others will be. */
const SELECTORS: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 4, 4: 2, 6: 2, 8: 2, 12: 6 }
/** By kind: items that are times after that of item 1, the end first. Of kinds to come item 1 alone is a time. */
const LATER_TIMES: Readonly<Record<number, readonly number[]>> = { 3: [2], 12: [2, 5] }
const SET_KIND = 10

/** A packed row: a line as it is, any other as the tuple that it is packed as. */
export type PackedRow = LineRow | readonly unknown[]

export interface RowsOptions {
  readonly decoder: Decoder
  readonly guesses: Guesses
  readonly texts: Texts
  readonly templates: string
  readonly budget: Budget
  /** All times are so near to each other that their differences are exact. */
  readonly comparable: boolean
  /** Lines in the blocks before. */
  readonly firstLine: number
  /** Of operations; without them they are left out. */
  readonly operations: Pick<RowsOptions, 'decoder' | 'guesses' | 'texts'> | null
}

/** The rows of a block, one after the other. */
export class Rows {
  readonly lines: Lines
  readonly budget: Budget
  readonly #decoder: Decoder
  readonly #guesses: Guesses
  readonly #values: Values
  readonly #operations: Operations | null
  readonly #kinds: number
  /** The kind that came last, after the two before. */
  readonly #next = new Uint8Array(1024)
  readonly #places = new Map<string, Place>()
  readonly #comparable: boolean
  #previous = 0
  #lastNs = 0

  constructor({ decoder, guesses, texts, templates, budget, comparable, firstLine, operations }: RowsOptions) {
    this.#decoder = decoder
    this.#guesses = guesses
    this.budget = budget
    this.#values = new Values(decoder, guesses, texts, budget)
    this.lines = new Lines(decoder, { guesses, texts, templates, budget, firstLine })
    this.#operations =
      operations && new Operations(operations.decoder, { ...operations, budget, lines: this.lines, comparable })
    this.#kinds = decoder.context(1025)
    this.#comparable = comparable
  }

  /**
   * Null for an operation that is left out.
   *
   * @param text whether the text of lines is wanted
   */
  read(text: boolean): PackedRow | null {
    const kind = this.#kind()
    if (kind === LINE) {
      const line = this.lines.read(this.#comparable ? this.#lastNs : null, text)
      this.#lastNs = line.atNs
      return line
    }
    if (kind === OPERATION) return this.#operations?.read(this.#lastNs) ?? null
    return this.#other(kind)
  }

  /** Most rows are of the kind that came when the two before were last of theirs. */
  #kind(): number {
    const at = this.#kinds + this.#previous
    const guess = this.#next[this.#previous]!
    const guessed = this.#decoder.bit(at, this.#kinds + 1024, SET_KIND)
    const kind = guessed === 1 ? guess : this.#decoder.plain(5)
    this.#next[this.#previous] = kind
    this.#previous = ((this.#previous << 5) | kind) & 1023
    return kind
  }

  #place(name: string): Place {
    let place = this.#places.get(name)
    if (place === undefined) {
      place = new Place(this.#decoder, this.#guesses)
      this.#places.set(name, place)
    }
    return place
  }

  #other(kind: number): unknown[] {
    const general = this.#place(`${kind}`)
    const named = general.named('length')
    const length = this.#values.read(named, named, [], 1)
    if (typeof length !== 'number' || length < 2 || length > 64) throw new Damaged()
    const row: unknown[] = [kind]
    const item = (special: Place, at: number): void => {
      row[at] = this.#values.read(special.item(at), general.item(at), [], 1)
    }
    const selector = SELECTORS[kind]
    let special = general
    if (selector !== undefined && selector < length) {
      item(general, selector)
      special = this.#place(`${kind} ${String(row[selector])}`)
    }
    for (let at = 1; at < length; at++) if (at !== selector) item(special, at)
    return this.#absolute(row, kind)
  }

  /** Times are written by what has passed since the row before. */
  #absolute(row: unknown[], kind: number): unknown[] {
    if (!this.#comparable) return row
    if (typeof row[1] !== 'number') throw new Damaged()
    const begin = row[1] + this.#lastNs
    row[1] = begin
    this.#lastNs = begin
    for (const at of LATER_TIMES[kind] ?? []) {
      const time = row[at]
      if (typeof time !== 'number') throw new Damaged()
      row[at] = time + begin
    }
    // The next row comes when this one has ended.
    if (LATER_TIMES[kind]) this.#lastNs = row[2] as number
    return row
  }
}
