import { Damaged } from '../damaged.js'
import { RATES, SQUASH, STRETCH } from './mixing.js'

/** Contexts that are kept at most; those beyond share the first. */
const MAX_CONTEXTS = 1 << 22
/** A chance follows no slower than after so many bits. */
const STEADY = 120
/** Sets of weights for the mixing. */
const SETS = 16
/** What a context holds is compared with this, so that memory that was never written needs no preparing. */
const EVEN = 1 << 29
const MAX_WEIGHT = 400_000

/**
 * Reads binary arithmetic coding with adaptive chances; each bit's chance is mixed of that in a special context and that in a general
 * one.
 *
 * A context is a number of 30 bits: the chance of a one, of 2^20, and how many bits were seen (10 bits).
 */
export class Decoder {
  #contexts: Int32Array
  #used = 1
  readonly #weights = new Int32Array(SETS * 2).fill(22_000)
  #low = 0
  #high = 0xffffff
  #value = 0
  readonly #bytes: Buffer
  #at = 0

  /** @param contexts how many there will be */
  constructor(bytes: Buffer, contexts: number) {
    this.#contexts = new Int32Array(Math.min(contexts, MAX_CONTEXTS) + 1)
    this.#bytes = bytes
    for (let i = 0; i < 3; i++) this.#value = (this.#value << 8) | this.#next()
  }

  /** Room for so many contexts, one behind the other; the position of the first. */
  context(size: number): number {
    if (this.#used + size > MAX_CONTEXTS) return 1
    const at = this.#used
    this.#used += size
    if (this.#used > this.#contexts.length) {
      const longer = new Int32Array(Math.max(this.#used, this.#contexts.length * 4))
      longer.set(this.#contexts)
      this.#contexts = longer
    }
    return at
  }

  /**
   * One bit.
   *
   * @param special, general contexts
   * @param set which weights mix them
   */
  bit(special: number, general: number, set: number): number {
    const contexts = this.#contexts
    const weights = this.#weights
    const one = STRETCH[(contexts[special]! ^ EVEN) >> 18]!
    const two = STRETCH[(contexts[general]! ^ EVEN) >> 18]!
    const first = weights[set * 2]!
    const second = weights[set * 2 + 1]!
    let mixed = (one * first + two * second) >> 15
    if (mixed > 2047) mixed = 2047
    else if (mixed < -2047) mixed = -2047
    const chance = SQUASH[mixed + 2048]!
    const bit = this.#coded(chance)
    const error = ((bit << 12) - chance) * 5
    if (error > 160 || error < -160) {
      weights[set * 2] = bounded(first + ((one * error + 0x2000) >> 14))
      weights[set * 2 + 1] = bounded(second + ((two * error + 0x2000) >> 14))
    }
    learn(contexts, special, bit)
    if (general !== special) learn(contexts, general, bit)
    return bit
  }

  /** So many bits of which nothing is known, up to 30. */
  plain(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) value = (value << 1) | this.#coded(2048)
    return value
  }

  #coded(chance: number): number {
    const range = this.#high - this.#low
    const middle = this.#low + (range >>> 12) * chance + (((range & 4095) * chance) >>> 12)
    const bit = this.#value <= middle ? 1 : 0
    if (bit === 1) this.#high = middle
    else this.#low = middle + 1
    while (((this.#low ^ this.#high) & 0xff0000) === 0) this.#shift()
    return bit
  }

  #shift(): void {
    this.#value = ((this.#value << 8) & 0xffffff) | this.#next()
    this.#low = (this.#low << 8) & 0xffffff
    this.#high = ((this.#high << 8) & 0xffffff) | 255
  }

  /** Zeros behind the bytes are not stored. */
  #next(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at++]!
    if (this.#at++ > this.#bytes.length + 8) throw new Damaged()
    return 0
  }
}

function learn(contexts: Int32Array, at: number, bit: number): void {
  const context = contexts[at]! ^ EVEN
  const seen = context & 1023
  const chance = context >> 10
  const moved = chance + (((((bit === 1 ? 0xfffff : 0) - chance) >> 4) * RATES[seen]!) >> 11)
  contexts[at] = ((moved << 10) | (seen < STEADY ? seen + 1 : seen)) ^ EVEN
}

function bounded(weight: number): number {
  return Math.max(-MAX_WEIGHT, Math.min(MAX_WEIGHT, weight))
}
