import type { LineRow, Row } from '../../row.js'
import { encodeRow } from '../../row-codec.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Coder } from './coder.js'
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
  readonly coder: Coder
  readonly guesses: Guesses
  readonly texts: Texts
  readonly templates: string
  readonly budget: Budget
  /** All times are so near to each other that their differences are exact. */
  readonly comparable: boolean
  /** Lines in the blocks before. */
  readonly firstLine: number
  /** Of operations; without them they are left out when reading. */
  readonly operations: Pick<RowsOptions, 'coder' | 'guesses' | 'texts'> | null
}

/** The rows of a block, one after the other. */
export class Rows {
  readonly lines: Lines
  readonly budget: Budget
  readonly #coder: Coder
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

  constructor({ coder, guesses, texts, templates, budget, comparable, firstLine, operations }: RowsOptions) {
    this.#coder = coder
    this.#guesses = guesses
    this.budget = budget
    this.#values = new Values(coder, guesses, texts, budget)
    this.lines = new Lines(coder, { guesses, texts, templates, budget, firstLine })
    this.#operations =
      operations && new Operations(operations.coder, { ...operations, budget, lines: this.lines, comparable })
    this.#kinds = coder.context(1025)
    this.#comparable = comparable
  }

  /**
   * Null for an operation that is left out.
   *
   * @param text whether the text of lines is wanted, when reading
   */
  code(given: Row | null, text: boolean): PackedRow | null {
    const tuple = given === null || given.kind === 'line' ? null : encodeRow(given)
    const kind = this.#kind(given === null ? 0 : tuple === null ? LINE : (tuple[0] as number))
    if (kind === LINE) {
      const line = this.lines.code(given as LineRow | null, this.#comparable ? this.#lastNs : null, text)
      this.#lastNs = line.atNs
      return line
    }
    if (kind === OPERATION) return this.#operations?.code(tuple, this.#lastNs) ?? null
    return this.#other(kind, tuple)
  }

  /** Most rows are of the kind that came when the two before were last of theirs. */
  #kind(given: number): number {
    const at = this.#kinds + this.#previous
    const guess = this.#next[this.#previous]!
    const guessed = this.#coder.bit(at, this.#kinds + 1024, SET_KIND, given === guess ? 1 : 0)
    const kind = guessed === 1 ? guess : this.#coder.plain(5, given)
    this.#next[this.#previous] = kind
    this.#previous = ((this.#previous << 5) | kind) & 1023
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

  #other(kind: number, tuple: readonly unknown[] | null): unknown[] {
    const given = tuple === null ? null : this.#relative(tuple, kind)
    const general = this.#place(`${kind}`)
    const named = general.named('length')
    const length = this.#values.code(named, named, [], given?.length ?? null, 1)
    if (typeof length !== 'number' || length < 2 || length > 64) throw new Damaged()
    const row: unknown[] = [kind]
    const item = (special: Place, at: number): void => {
      row[at] = this.#values.code(special.item(at), general.item(at), [], given === null ? null : given[at], 1)
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

  /** Times by what has passed since the row before. */
  #relative(tuple: readonly unknown[], kind: number): unknown[] {
    const given = [...tuple]
    if (!this.#comparable) return given
    given[1] = (given[1] as number) - this.#lastNs
    for (const at of LATER_TIMES[kind] ?? []) given[at] = (given[at] as number) - (tuple[1] as number)
    return given
  }

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
