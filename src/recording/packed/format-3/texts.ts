import { Damaged } from '../damaged.js'
import type { Decoder } from './decoder.js'
import type { Guesses } from './guesses.js'
import { toFront } from './number-slot.js'
import { LENGTH_CONTEXTS, NUMBER_CONTEXTS, readNumber } from './numbers.js'

/** Texts used last, which are named by how long ago that was. */
const RECENT = 24
const SET_HIT = 3
const SET_RECENT = 4
const HITS = 8

/** A place where texts stand. */
export class TextSlot {
  readonly hits: number
  readonly place: number
  last = -1
  readonly #decoder: Decoder
  #lengths = 0

  constructor(decoder: Decoder, guesses: Guesses) {
    this.#decoder = decoder
    this.hits = decoder.context(HITS)
    this.place = guesses.place()
  }

  get lengths(): number {
    if (this.#lengths === 0) this.#lengths = this.#decoder.context(LENGTH_CONTEXTS)
    return this.#lengths
  }
}

/** All texts of a block, each once, in the order in which they came. */
export class Texts {
  readonly #decoder: Decoder
  readonly #general: TextSlot
  readonly #lengths: number
  readonly #list: string[] = []
  /** The latest first. */
  readonly #recent = new Int32Array(RECENT).fill(-1)
  readonly #guesses: Guesses
  /** What followed each text when it was there last. */
  readonly #follower: number[] = []
  #previous = -1
  readonly #pool: Buffer
  #at = 0

  /** @param pool the bytes of all texts */
  constructor(decoder: Decoder, guesses: Guesses, pool: Buffer) {
    this.#decoder = decoder
    this.#guesses = guesses
    this.#general = new TextSlot(decoder, guesses)
    this.#lengths = decoder.context(NUMBER_CONTEXTS)
    this.#pool = pool
  }

  /**
   * A text, as its number.
   *
   * @param before stands for what was read just before
   */
  read(slot: TextSlot, before: number): number {
    let id = this.#guessed(slot, before)
    if (id < 0) id = this.#named(slot)
    if (id < 0) id = this.#fresh(slot)
    slot.last = id
    this.#guesses.set(id)
    const previous = this.#previous
    if (id !== previous) {
      if (previous >= 0) this.#follower[previous] = id
      this.#previous = id
      toFront(this.#recent, id)
    }
    return id
  }

  text(id: number): string {
    return this.#list[id] ?? ''
  }

  /** Three guesses; -1 when none is right. */
  #guessed(slot: TextSlot, before: number): number {
    const one = this.#guesses.get(slot.place, before)
    if (one >= 0 && this.#hit(slot, 0)) return one
    const two = slot.last
    if (two >= 0 && two !== one && this.#hit(slot, 1)) return two
    const three = this.#previous >= 0 ? (this.#follower[this.#previous] ?? -1) : -1
    if (three >= 0 && three !== one && three !== two && this.#hit(slot, 2)) return three
    return -1
  }

  #hit(slot: TextSlot, at: number): boolean {
    return this.#decoder.bit(slot.hits + at, this.#general.hits + at, SET_HIT) === 1
  }

  /** One of those that were there; -1 when it is new. */
  #named(slot: TextSlot): number {
    const decoder = this.#decoder
    const known = this.#list.length
    if (known === 0) return -1
    if (!this.#hit(slot, 3)) return -1
    if (this.#hit(slot, 4)) {
      const id = this.#recent[readNumber(decoder, slot.lengths, this.#lengths)] ?? -1
      if (id < 0) throw new Damaged()
      return id
    }
    const bits = 32 - Math.clz32(known)
    const id = known - 1 - decoder.plain(bits)
    if (id < 0) throw new Damaged()
    return id
  }

  #fresh(slot: TextSlot): number {
    const decoder = this.#decoder
    const wide = decoder.bit(slot.hits + 5, this.#general.hits + 5, SET_RECENT) === 1
    const length = readNumber(decoder, slot.lengths, this.#lengths)
    if (length > this.#pool.length - this.#at) throw new Damaged()
    const bytes = this.#pool.subarray(this.#at, this.#at + length)
    this.#at += length
    return this.#list.push(bytes.toString(wide ? 'utf8' : 'latin1')) - 1
  }
}
