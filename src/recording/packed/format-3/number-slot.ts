import type { Coder } from './coder.js'
import type { Guesses } from './guesses.js'
import { codeNumber, codeSigned, LENGTH_CONTEXTS, NUMBER_CONTEXTS } from './numbers.js'

const RECENT = 8
const SET_HIT = 5
const HITS = 8

/** A place where numbers stand. */
export class NumberSlot {
  readonly hits: number
  readonly place: number
  step = 0
  readonly #coder: Coder
  #values = 0

  constructor(coder: Coder, guesses: Guesses) {
    this.#coder = coder
    this.hits = coder.context(HITS)
    this.place = guesses.place()
  }

  get values(): number {
    if (this.#values === 0) this.#values = this.#coder.context(LENGTH_CONTEXTS)
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

  constructor(coder: Coder) {
    this.hits = coder.context(HITS)
    this.values = coder.context(NUMBER_CONTEXTS)
  }
}

/** Codes numbers by what stood in their place, or near it. */
export class Numbers {
  readonly #coder: Coder
  readonly #guesses: Guesses

  constructor(coder: Coder, guesses: Guesses) {
    this.#coder = coder
    this.#guesses = guesses
  }

  /**
   * An integer from 0 to 2^53.
   *
   * @param before stands for what was coded just before
   */
  code(slot: NumberSlot, key: NumberKey, before: number, given: number): number {
    const value = this.#value(slot, key, before, given)
    slot.step = value - key.last
    if (value !== key.last) {
      key.last = value
      toFront(key.recent, value)
    }
    this.#guesses.set(value)
    return value
  }

  #value(slot: NumberSlot, key: NumberKey, before: number, given: number): number {
    const one = this.#guesses.get(slot.place, before)
    if (one >= 0 && this.#hit(slot, key, 0, given === one)) return one
    const two = key.last
    if (two !== one && this.#hit(slot, key, 1, given === two)) return two
    const three = key.last + slot.step
    if (three !== one && three !== two && this.#hit(slot, key, 2, given === three)) return three
    const rank = this.#coder.reading ? 0 : key.recent.indexOf(given)
    if (this.#hit(slot, key, 3, rank >= 0)) {
      const at = codeNumber(this.#coder, slot.values, key.values, Math.max(rank, 0))
      return key.recent[at] ?? 0
    }
    const step = given - key.last
    if (this.#hit(slot, key, 4, Math.abs(step) < given / 2)) {
      return key.last + codeSigned(this.#coder, slot.values, key.values, step)
    }
    return codeNumber(this.#coder, slot.values, key.values, given)
  }

  #hit(slot: NumberSlot, key: NumberKey, at: number, is: boolean): boolean {
    return this.#coder.bit(slot.hits + at, key.hits + at, SET_HIT, is ? 1 : 0) === 1
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
