/** A power of two: see `get`. */
const SLOTS = 1 << 13

/** What was last seen after what, in which place: a table of fixed size, in which the newer takes the older's room. */
export class Guesses {
  readonly #checks = new Int32Array(SLOTS)
  readonly #values = new Float64Array(SLOTS)
  #at = 0
  #check = 0
  #places = 0

  /** Places so far. */
  get places(): number {
    return this.#places
  }

  /** A number for a place of which guesses are kept. */
  place(): number {
    return ++this.#places
  }

  /** What was seen there after that; -1 when nothing is known. `set` then says what is there now. */
  get(place: number, before: number): number {
    const hash = Math.imul(Math.imul(place, 0x2545f491) ^ before, 0x9e3779b1 | 0)
    this.#at = hash >>> 19
    this.#check = (hash ^ (hash >>> 15) ^ place) | 1
    return this.#checks[this.#at] === this.#check ? this.#values[this.#at]! : -1
  }

  set(value: number): void {
    this.#checks[this.#at] = this.#check
    this.#values[this.#at] = value
  }
}

/** A number of 32 bits that stands for a value. */
export const traceOf = (value: number): number => Math.imul(value | 0, 0x85ebca6b | 0) ^ ((value / 2 ** 32) | 0)
