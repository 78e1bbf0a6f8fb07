import { Damaged } from '../damaged.js'
import { MAX_PARTS, PART } from '../scan.js'
import { fractionOf } from '../time-of-day.js'
import type { Decoder } from './decoder.js'
import type { Guesses } from './guesses.js'
import { NumberKey, NumberSlot } from './number-slot.js'
import { LENGTH_CONTEXTS, NUMBER_CONTEXTS, readNumber } from './numbers.js'
import { TextSlot } from './texts.js'

/** What lines of one kind have in common. */
export interface Template {
  readonly id: number
  /** What stands before each part, and after the last. */
  readonly literals: readonly string[]
  readonly kinds: readonly number[]
  readonly forms: readonly number[]
  readonly slots: readonly (TextSlot | NumberSlot)[]
  /** For parts that are numbers. */
  readonly keys: readonly NumberKey[]
  readonly facts: number
  readonly times: number
  /** Stream and end of the line last seen. */
  way: number
  /** Templates that came next, the last first. */
  readonly next: Template[]
  /** The first part that is a time with a fraction; -1 when there is none. */
  readonly timeAt: number
  /** What all lines so far had in each part; null before the first. */
  values: (number | string)[] | null
  /** Parts in which they differ. */
  varying: readonly number[]
  /** What stands before each of these, and after the last. */
  pieces: readonly string[]
}

/** Chances of what is known of a line besides its text. */
const FACTS = 16
const MAX_TEMPLATES = 20_000

/** The templates of a block, in the order in which they came. */
export class Templates {
  readonly #decoder: Decoder
  readonly #guesses: Guesses
  readonly #keys = new Map<string, NumberKey>()
  readonly list: Template[] = []
  readonly #pool: string
  #at = 0

  /** @param pool the text of all templates */
  constructor(decoder: Decoder, guesses: Guesses, pool: string) {
    this.#decoder = decoder
    this.#guesses = guesses
    this.#pool = pool
    // A line of any form: one piece of text.
    this.#add(['', ''], [PART.text], [0])
  }

  /** The next of those that were written. */
  grow(): Template {
    const literals: string[] = []
    const kinds: number[] = []
    const forms: number[] = []
    if (this.list.length >= MAX_TEMPLATES) throw new Damaged()
    for (let from = this.#at; ; ) {
      let to = from
      while (to < this.#pool.length && this.#pool.charCodeAt(to) > PART.end) to++
      if (to >= this.#pool.length) throw new Damaged()
      literals.push(this.#pool.slice(from, to))
      const kind = this.#pool.charCodeAt(to)
      from = to + 1
      if (kind === PART.end) {
        this.#at = from
        return this.#add(literals, kinds, forms)
      }
      if (kinds.push(kind) > MAX_PARTS) throw new Damaged()
      forms.push(kind >= PART.wide ? this.#pool.charCodeAt(from++) - 48 : 0)
    }
  }

  #add(literals: readonly string[], kinds: readonly number[], forms: readonly number[]): Template {
    const decoder = this.#decoder
    const guesses = this.#guesses
    const keys = kinds.map((kind, i) => (kind === PART.text ? NO_KEY : this.#key(kind, literals[i]!)))
    const template: Template = {
      id: this.list.length,
      literals,
      kinds,
      forms,
      slots: kinds.map((kind) =>
        kind === PART.text ? new TextSlot(decoder, guesses) : new NumberSlot(decoder, guesses),
      ),
      keys: keys as NumberKey[],
      facts: decoder.context(FACTS),
      times: decoder.context(LENGTH_CONTEXTS),
      way: 0,
      next: [],
      timeAt: kinds.findIndex((kind, i) => kind === PART.time && fractionOf(forms[i]!) > 0),
      values: null,
      varying: [],
      pieces: [],
    }
    this.list.push(template)
    return template
  }

  /** By the word before it. */
  #key(kind: number, literal: string): NumberKey {
    const name =
      kind === PART.time ? 'time' : (/[A-Za-z_]+[^A-Za-z_]*$/.exec(literal.slice(-16))?.[0] ?? literal.slice(-4))
    let key = this.#keys.get(name)
    if (key === undefined) {
      key = new NumberKey(this.#decoder)
      this.#keys.set(name, key)
    }
    return key
  }
}

const NO_KEY = null

/** Which template comes next. */
export class Order {
  readonly #decoder: Decoder
  readonly #templates: Templates
  readonly #numbers: number
  readonly #general: number
  #previous: Template
  #context = new Map<number, Template>()
  #two = 0

  constructor(decoder: Decoder, templates: Templates) {
    this.#decoder = decoder
    this.#templates = templates
    this.#numbers = decoder.context(NUMBER_CONTEXTS)
    this.#general = decoder.context(FACTS)
    this.#previous = templates.list[0]!
  }

  /** Null when a new one comes. */
  read(): Template | null {
    const found = this.#read()
    if (found !== null) this.learn(found)
    return found
  }

  /** A template has come. */
  learn(template: Template): void {
    const { next } = this.#previous
    const at = next.indexOf(template)
    if (at !== 0) {
      if (at > 0) next.splice(at, 1)
      else if (next.length === 6) next.pop()
      next.unshift(template)
    }
    this.#context.set(this.#previous.id * MAX_TEMPLATES + this.#two, template)
    this.#two = this.#previous.id
    this.#previous = template
  }

  #read(): Template | null {
    const { facts, next, id } = this.#previous
    const guess = this.#context.get(id * MAX_TEMPLATES + this.#two)
    if (guess !== undefined && this.#hit(facts, 0)) return guess
    let at = 1
    for (const one of next) {
      if (one !== guess && this.#hit(facts, at)) return one
      at++
    }
    if (this.#hit(facts, 7)) return null
    const index = readNumber(this.#decoder, this.#numbers, this.#numbers)
    const found = this.#templates.list[this.#templates.list.length - 1 - index]
    if (found === undefined) throw new Damaged()
    return found
  }

  #hit(facts: number, at: number): boolean {
    return this.#decoder.bit(facts + at, this.#general + at, 6) === 1
  }
}
