import { unpack } from '../../unpack.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import type { Decoder } from './decoder.js'
import { type Guesses, traceOf } from './guesses.js'
import { NumberKey, NumberSlot, Numbers } from './number-slot.js'
import { LENGTH_CONTEXTS, NUMBER_CONTEXTS, readNumber } from './numbers.js'
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
  readonly #decoder: Decoder
  readonly #guesses: Guesses
  last: Simple | undefined = undefined
  /** Where in the lines the value stood. */
  source = -1

  constructor(decoder: Decoder, guesses: Guesses) {
    this.#decoder = decoder
    this.#guesses = guesses
    guesses.place()
    this.hits = decoder.context(4)
    this.tags = decoder.context(16)
  }

  get lengths(): number {
    if (this.#lengths === 0) this.#lengths = this.#decoder.context(LENGTH_CONTEXTS)
    return this.#lengths
  }

  get text(): TextSlot {
    this.#text ??= new TextSlot(this.#decoder, this.#guesses)
    return this.#text
  }

  get number(): NumberSlot {
    this.#number ??= new NumberSlot(this.#decoder, this.#guesses)
    return this.#number
  }

  get key(): NumberKey {
    this.#key ??= new NumberKey(this.#decoder)
    return this.#key
  }

  /** Of an item of a list. */
  item(at: number): Place {
    let place = this.#items[at]
    if (place === undefined) {
      if (this.#guesses.places > MAX_PLACES_IN_ALL) return this
      place = new Place(this.#decoder, this.#guesses)
      this.#items[at] = place
    }
    return place
  }

  /** Of a value by its name. */
  named(name: string): Place {
    let place = this.#named.get(name)
    if (place === undefined) {
      if (this.#guesses.places > MAX_PLACES_IN_ALL) return this
      place = new Place(this.#decoder, this.#guesses)
      this.#named.set(name, place)
    }
    return place
  }
}

/** Values of any form, each compared with what stood in its place before, and in the lines that it was read from. */
export class Values {
  readonly #decoder: Decoder
  readonly #texts: Texts
  readonly #numbers: Numbers
  readonly #lengths: number
  readonly #budget: Budget
  #before = 0

  constructor(decoder: Decoder, guesses: Guesses, texts: Texts, budget: Budget) {
    this.#decoder = decoder
    this.#numbers = new Numbers(decoder, guesses)
    this.#lengths = decoder.context(NUMBER_CONTEXTS)
    this.#texts = texts
    this.#budget = budget
  }

  /** @param sources parts of the lines that the row is of */
  read(special: Place, general: Place, sources: readonly (string | number)[], depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new Damaged()
    this.#budget.takeItems(1)
    const simple = this.#guessed(special, general, sources)
    if (simple !== undefined) return simple
    const tag = this.#tag(special, general)
    switch (tag) {
      case TAG.list:
        return this.#list(special, general, sources, depth)
      case TAG.map:
        return this.#map(special, general, sources, depth)
      case TAG.bytes:
        return Buffer.from(this.#text(special), 'latin1')
      case TAG.packed:
        return unpack(Buffer.from(this.#text(special), 'latin1'), this.#budget.items) ?? null
      default:
    }
    const value = this.#leaf(tag, special)
    special.last = value
    general.last = value
    if (sources.length > 0 && (typeof value === 'string' || typeof value === 'number')) {
      const source = sources.indexOf(value)
      special.source = source
      if (source >= 0) general.source = source
    }
    return value
  }

  #guessed(special: Place, general: Place, sources: readonly (string | number)[]): Simple | undefined {
    const source = special.source >= 0 ? special.source : general.source
    const one = source >= 0 ? sources[source] : undefined
    if (one !== undefined && this.#hit(special, general, 0)) return this.#kept(special, general, one)
    const two = special.last
    if (two !== undefined && two !== one && this.#hit(special, general, 1)) {
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

  #leaf(tag: number, special: Place): Simple {
    switch (tag) {
      case TAG.null:
        return null
      case TAG.false:
        return false
      case TAG.true:
        return true
      case TAG.positive:
      case TAG.negative: {
        const value = this.#numbers.read(special.number, special.key, this.#before)
        this.#before = traceOf(value)
        return tag === TAG.positive ? value : -value
      }
      case TAG.float: {
        const bytes = Buffer.alloc(8)
        for (let i = 0; i < 8; i += 2) bytes.writeUInt16BE(this.#decoder.plain(16), i)
        return bytes.readDoubleBE()
      }
      case TAG.text:
        return this.#text(special)
      default:
        throw new Damaged()
    }
  }

  #text(place: Place): string {
    const id = this.#texts.read(place.text, this.#before)
    this.#before = id * 2 + 1
    const text = this.#texts.text(id)
    this.#budget.takeText(text.length)
    return text
  }

  #list(special: Place, general: Place, sources: readonly (string | number)[], depth: number): unknown[] {
    const length = readNumber(this.#decoder, special.lengths, this.#lengths)
    this.#budget.takeItems(length)
    const list: unknown[] = []
    for (let i = 0; i < length; i++) {
      const at = Math.min(i, MAX_PLACES)
      list.push(this.read(special.item(at), general.item(at), sources, depth + 1))
    }
    return list
  }

  #map(special: Place, general: Place, sources: readonly (string | number)[], depth: number): Record<string, unknown> {
    const length = readNumber(this.#decoder, special.lengths, this.#lengths)
    this.#budget.takeItems(length)
    const map: Record<string, unknown> = {}
    for (let i = 0; i < length; i++) {
      const at = Math.min(i, MAX_PLACES)
      const key = this.read(special.item(at), general.item(at), [], depth + 1)
      if (typeof key !== 'string' || key === '__proto__') throw new Damaged()
      const known = i < MAX_PLACES ? key : ''
      map[key] = this.read(special.named(known), general.named(known), sources, depth + 1)
    }
    return map
  }

  #tag(special: Place, general: Place): number {
    let node = 1
    for (let i = 0; i < 4; i++) node = node * 2 + this.#decoder.bit(special.tags + node, general.tags + node, SET_TAG)
    return node - 16
  }

  #hit(special: Place, general: Place, at: number): boolean {
    return this.#decoder.bit(special.hits + at, general.hits + at, SET_HIT) === 1
  }
}
