import type { Decoder } from './decoder.js'
import type { Guesses } from './guesses.js'
import { LENGTH_CONTEXTS, NUMBER_CONTEXTS, readNumber, readSigned } from './numbers.js'

const RECENT = 8
const SET_HIT = 5
const HITS = 8

/** A place where numbers stand. */
export class NumberSlot {
  readonly hits: number
  readonly place: number
  step = 0
  readonly #decoder: Decoder
  #values = 0

  constructor(decoder: Decoder, guesses: Guesses) {
    this.#decoder = decoder
    this.hits = decoder.context(HITS)
    this.place = guesses.place()
  }

  get values(): number {
    if (this.#values === 0) this.#values = this.#decoder.context(LENGTH_CONTEXTS)
    return this.#values
  }
}

/** Numbers of one meaning, in whatever lines they stand: `unique`, `nodeid`, `pid`. */
export class NumberKey {
  readonly hits: number
  readonly values: number
  last = 0
  /** The latest first. */
  readonly recent: Float64Array = new Float64Array(RECENT).fill(-1)

  constructor(decoder: Decoder) {
    this.hits = decoder.context(HITS)
    this.values = decoder.context(NUMBER_CONTEXTS)
  }
}

/** Reads numbers by what stood in their place, or near it. */
export class Numbers {
  readonly #decoder: Decoder
  readonly #guesses: Guesses

  constructor(decoder: Decoder, guesses: Guesses) {
    this.#decoder = decoder
    this.#guesses = guesses
  }

  /**
   * An integer from 0 to 2^53.
   *
   * @param before stands for what was read just before
   */
  read(slot: NumberSlot, key: NumberKey, before: number): number {
    const value = this.#value(slot, key, before)
    slot.step = value - key.last
    if (value !== key.last) {
      key.last = value
      toFront(key.recent, value)
    }
    this.#guesses.set(value)
    return value
  }

  #value(slot: NumberSlot, key: NumberKey, before: number): number {
    const one = this.#guesses.get(slot.place, before)
    if (one >= 0 && this.#hit(slot, key, 0)) return one
    const two = key.last
    if (two !== one && this.#hit(slot, key, 1)) return two
    const three = key.last + slot.step
    if (three !== one && three !== two && this.#hit(slot, key, 2)) return three
    if (this.#hit(slot, key, 3)) return key.recent[readNumber(this.#decoder, slot.values, key.values)] ?? 0
    if (this.#hit(slot, key, 4)) return key.last + readSigned(this.#decoder, slot.values, key.values)
    return readNumber(this.#decoder, slot.values, key.values)
  }

  #hit(slot: NumberSlot, key: NumberKey, at: number): boolean {
    return this.#decoder.bit(slot.hits + at, key.hits + at, SET_HIT) === 1
  }
}

/** Puts a value first; what is behind its old place, or the last, stays or goes. */
export function toFront(recent: Float64Array | Int32Array, value: number): void {
  let held = value
  for (let i = 0; i < recent.length; i++) {
    const next = recent[i]!
    recent[i] = held
    if (next === value) return
    held = next
  }
}
