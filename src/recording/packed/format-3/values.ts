import { pack, unpack } from '../../pack.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Coder } from './coder.js'
import { type Guesses, traceOf } from './guesses.js'
import { NumberKey, NumberSlot, Numbers } from './number-slot.js'
import { codeNumber, LENGTH_CONTEXTS, NUMBER_CONTEXTS } from './numbers.js'
import { TextSlot, type Texts } from './texts.js'

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  positive: 3,
  negative: 4,
  float: 5,
  text: 6,
  bytes: 7,
  list: 8,
  map: 9,
  packed: 10,
}
const MAX_DEPTH = 60
const SET_TAG = 8
const SET_HIT = 9
/** Items of a list that have places of their own; the rest share the last. */
const MAX_PLACES = 40
/** Values beyond share the places that there are. */
const MAX_PLACES_IN_ALL = 100_000

type Simple = string | number | boolean | null

/** A place in rows of one kind, and what stood there. */
export class Place {
  readonly hits: number
  readonly tags: number
  #lengths = 0
  #text: TextSlot | null = null
  #number: NumberSlot | null = null
  #key: NumberKey | null = null
  readonly #items: Place[] = []
  readonly #named = new Map<string, Place>()
  readonly #coder: Coder
  readonly #guesses: Guesses
  last: Simple | undefined = undefined
  /** Where in the lines the value stood. */
  source = -1

  constructor(coder: Coder, guesses: Guesses) {
    this.#coder = coder
    this.#guesses = guesses
    guesses.place()
    this.hits = coder.context(4)
    this.tags = coder.context(16)
  }

  get lengths(): number {
    if (this.#lengths === 0) this.#lengths = this.#coder.context(LENGTH_CONTEXTS)
    return this.#lengths
  }

  get text(): TextSlot {
    this.#text ??= new TextSlot(this.#coder, this.#guesses)
    return this.#text
  }

  get number(): NumberSlot {
    this.#number ??= new NumberSlot(this.#coder, this.#guesses)
    return this.#number
  }

  get key(): NumberKey {
    this.#key ??= new NumberKey(this.#coder)
    return this.#key
  }

  /** Of an item of a list. */
  item(at: number): Place {
    let place = this.#items[at]
    if (place === undefined) {
      if (this.#guesses.places > MAX_PLACES_IN_ALL) return this
      place = new Place(this.#coder, this.#guesses)
      this.#items[at] = place
    }
    return place
  }

  /** Of a value by its name. */
  named(name: string): Place {
    let place = this.#named.get(name)
    if (place === undefined) {
      if (this.#guesses.places > MAX_PLACES_IN_ALL) return this
      place = new Place(this.#coder, this.#guesses)
      this.#named.set(name, place)
    }
    return place
  }
}

/** Values of any form, each compared with what stood in its place before, and in the lines that it was read from. */
export class Values {
  readonly #coder: Coder
  readonly #texts: Texts
  readonly #numbers: Numbers
  readonly #lengths: number
  readonly #budget: Budget
  #before = 0

  constructor(coder: Coder, guesses: Guesses, texts: Texts, budget: Budget) {
    this.#coder = coder
    this.#numbers = new Numbers(coder, guesses)
    this.#lengths = coder.context(NUMBER_CONTEXTS)
    this.#texts = texts
    this.#budget = budget
  }

  /** @param sources parts of the lines that the row is of */
  code(special: Place, general: Place, sources: readonly (string | number)[], given: unknown, depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new Damaged()
    this.#budget.takeItems(1)
    const simple = this.#guessed(special, general, sources, given)
    if (simple !== undefined) return simple
    const coder = this.#coder
    const tag = this.#tag(special, general, given)
    switch (tag) {
      case TAG.list:
        return this.#list(special, general, sources, given as unknown[], depth)
      case TAG.map:
        return this.#map(special, general, sources, given as Record<string, unknown>, depth)
      case TAG.bytes: {
        const bytes = coder.reading ? '' : Buffer.from(given as Uint8Array).toString('latin1')
        return Buffer.from(this.#text(special, bytes), 'latin1')
      }
      case TAG.packed: {
        const bytes = coder.reading ? '' : pack(given).toString('latin1')
        return unpack(Buffer.from(this.#text(special, bytes), 'latin1'), this.#budget.items) ?? null
      }
      default:
    }
    const value = this.#leaf(tag, special, given)
    special.last = value
    general.last = value
    if (sources.length > 0 && (typeof value === 'string' || typeof value === 'number')) {
      const source = sources.indexOf(value)
      special.source = source
      if (source >= 0) general.source = source
    }
    return value
  }

  #guessed(special: Place, general: Place, sources: readonly (string | number)[], given: unknown): Simple | undefined {
    const source = special.source >= 0 ? special.source : general.source
    const one = source >= 0 ? sources[source] : undefined
    if (one !== undefined && this.#hit(special, general, 0, given === one)) return this.#kept(special, general, one)
    const two = special.last
    if (two !== undefined && two !== one && this.#hit(special, general, 1, given === two)) {
      return this.#kept(special, general, two)
    }
    return undefined
  }

  #kept(special: Place, general: Place, value: Simple): Simple {
    special.last = value
    general.last = value
    if (typeof value === 'string') this.#budget.takeText(value.length)
    if (typeof value === 'number') {
      this.#before = traceOf(value)
      if (Number.isSafeInteger(value) && value >= 0) special.key.last = value
    }
    return value
  }

  #leaf(tag: number, special: Place, given: unknown): Simple {
    const coder = this.#coder
    switch (tag) {
      case TAG.null:
        return null
      case TAG.false:
        return false
      case TAG.true:
        return true
      case TAG.positive:
      case TAG.negative: {
        const size = coder.reading ? 0 : Math.abs(given as number)
        const value = this.#numbers.code(special.number, special.key, this.#before, size)
        this.#before = traceOf(value)
        return tag === TAG.positive ? value : -value
      }
      case TAG.float: {
        const bytes = Buffer.alloc(8)
        if (!coder.reading) bytes.writeDoubleBE(given as number)
        for (let i = 0; i < 8; i += 2) bytes.writeUInt16BE(coder.plain(16, bytes.readUInt16BE(i)), i)
        return bytes.readDoubleBE()
      }
      case TAG.text:
        return this.#text(special, given as string)
      default:
        throw new Damaged()
    }
  }

  #text(place: Place, given: string): string {
    const id = this.#texts.code(place.text, this.#before, given)
    this.#before = id * 2 + 1
    const text = this.#texts.text(id)
    this.#budget.takeText(text.length)
    return text
  }

  #list(
    special: Place,
    general: Place,
    sources: readonly (string | number)[],
    given: readonly unknown[],
    depth: number,
  ): unknown[] {
    const reading = this.#coder.reading
    const length = codeNumber(this.#coder, special.lengths, this.#lengths, reading ? 0 : given.length)
    this.#budget.takeItems(length)
    const list: unknown[] = []
    for (let i = 0; i < length; i++) {
      const at = Math.min(i, MAX_PLACES)
      list.push(this.code(special.item(at), general.item(at), sources, reading ? null : given[i], depth + 1))
    }
    return list
  }

  #map(
    special: Place,
    general: Place,
    sources: readonly (string | number)[],
    given: Readonly<Record<string, unknown>>,
    depth: number,
  ): Record<string, unknown> {
    const keys = this.#coder.reading ? [] : Object.keys(given)
    const length = codeNumber(this.#coder, special.lengths, this.#lengths, keys.length)
    this.#budget.takeItems(length)
    const map: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const at = Math.min(i, MAX_PLACES)
      const key = this.code(special.item(at), general.item(at), [], keys[i] ?? null, depth + 1)
      if (typeof key !== 'string' || key === '__proto__') throw new Damaged()
      const known = i < MAX_PLACES ? key : ''
      map[key] = this.code(special.named(known), general.named(known), sources, given?.[key] ?? null, depth + 1)
    }
    return map
  }

  #tag(special: Place, general: Place, given: unknown): number {
    const coder = this.#coder
    const tag = coder.reading ? 0 : tagOf(given)
    let node = 1
    for (let i = 3; i >= 0; i--) {
      node = node * 2 + coder.bit(special.tags + node, general.tags + node, SET_TAG, (tag >> i) & 1)
    }
    return node - 16
  }

  #hit(special: Place, general: Place, at: number, is: boolean): boolean {
    return this.#coder.bit(special.hits + at, general.hits + at, SET_HIT, is ? 1 : 0) === 1
  }
}

function tagOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return TAG.text
    case 'boolean':
      return value ? TAG.true : TAG.false
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return TAG.float
      return value >= 0 ? TAG.positive : TAG.negative
    case 'undefined':
      return TAG.null
    case 'object':
      if (value === null) return TAG.null
      if (Array.isArray(value)) return TAG.list
      if (value instanceof Uint8Array) return TAG.bytes
      return Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null
        ? TAG.map
        : TAG.packed
    default:
      return TAG.packed
  }
}
