import { Damaged } from '../damaged.js'
import type { Coder } from './coder.js'
import type { Guesses } from './guesses.js'
import { toFront } from './number-slot.js'
import { codeNumber, LENGTH_CONTEXTS, NUMBER_CONTEXTS } from './numbers.js'

/** Texts used last, which are named by how long ago that was. */
const RECENT = 24
/** Longer ones are not looked for among those that were there. */
const MAX_KNOWN = 4096
const SET_HIT = 3
const SET_RECENT = 4
const HITS = 8

/** A place where texts stand. */
export class TextSlot {
  readonly hits: number
  readonly place: number
  last = -1
  readonly #coder: Coder
  #lengths = 0

  constructor(coder: Coder, guesses: Guesses) {
    this.#coder = coder
    this.hits = coder.context(HITS)
    this.place = guesses.place()
  }

  get lengths(): number {
    if (this.#lengths === 0) this.#lengths = this.#coder.context(LENGTH_CONTEXTS)
    return this.#lengths
  }
}

/** All texts of a block, each once, in the order in which they came. */
export class Texts {
  readonly #coder: Coder
  readonly #general: TextSlot
  readonly #lengths: number
  readonly #list: string[] = []
  readonly #ids = new Map<string, number>()
  /** The latest first. */
  readonly #recent = new Int32Array(RECENT).fill(-1)
  readonly #guesses: Guesses
  /** What followed each text when it was there last. */
  readonly #follower: number[] = []
  #previous = -1
  readonly #parts: Buffer[] = []
  readonly #pool: Buffer
  #at = 0

  /** @param pool the bytes of all texts, when reading */
  constructor(coder: Coder, guesses: Guesses, pool: Buffer | null) {
    this.#coder = coder
    this.#guesses = guesses
    this.#general = new TextSlot(coder, guesses)
    this.#lengths = coder.context(NUMBER_CONTEXTS)
    this.#pool = pool ?? Buffer.alloc(0)
  }

  /** The bytes of all texts that were written. */
  get pool(): Buffer {
    return Buffer.concat(this.#parts)
  }

  /** Whether all bytes were taken. */
  get used(): boolean {
    return this.#at === this.#pool.length
  }

  /**
   * A text, as its number.
   *
   * @param before stands for what was coded just before
   */
  code(slot: TextSlot, before: number, given: string): number {
    let id = this.#guessed(slot, before, given)
    if (id < 0) {
      const known = this.#coder.reading ? -1 : (this.#ids.get(given) ?? -1)
      id = this.#named(slot, known)
      if (id < 0) id = this.#fresh(slot, given)
    }
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
  #guessed(slot: TextSlot, before: number, given: string): number {
    const one = this.#guesses.get(slot.place, before)
    if (one >= 0 && this.#hit(slot, 0, given === this.#list[one])) return one
    const two = slot.last
    if (two >= 0 && two !== one && this.#hit(slot, 1, given === this.#list[two])) return two
    const three = this.#previous >= 0 ? (this.#follower[this.#previous] ?? -1) : -1
    if (three >= 0 && three !== one && three !== two && this.#hit(slot, 2, given === this.#list[three])) return three
    return -1
  }

  #hit(slot: TextSlot, at: number, is: boolean): boolean {
    return this.#coder.bit(slot.hits + at, this.#general.hits + at, SET_HIT, is ? 1 : 0) === 1
  }

  /** One of those that were there; -1 when it is new. */
  #named(slot: TextSlot, given: number): number {
    const coder = this.#coder
    const known = this.#list.length
    if (known === 0) return -1
    if (!this.#hit(slot, 3, given >= 0)) return -1
    const rank = coder.reading ? 0 : this.#recent.indexOf(given)
    if (this.#hit(slot, 4, rank >= 0)) {
      const id = this.#recent[codeNumber(coder, slot.lengths, this.#lengths, Math.max(0, rank))] ?? -1
      if (id < 0) throw new Damaged()
      return id
    }
    const bits = 32 - Math.clz32(known)
    const id = known - 1 - coder.plain(bits, known - 1 - given)
    if (id < 0) throw new Damaged()
    return id
  }

  #fresh(slot: TextSlot, given: string): number {
    const coder = this.#coder
    let bytes: Buffer | null = null
    let wide = false
    if (!coder.reading) {
      wide = /[^\x00-\xff]/.test(given)
      bytes = Buffer.from(given, wide ? 'utf8' : 'latin1')
      this.#parts.push(bytes)
    }
    wide = coder.bit(slot.hits + 5, this.#general.hits + 5, SET_RECENT, wide ? 1 : 0) === 1
    const length = codeNumber(coder, slot.lengths, this.#lengths, bytes?.length ?? 0)
    if (bytes === null) {
      if (length > this.#pool.length - this.#at) throw new Damaged()
      bytes = this.#pool.subarray(this.#at, this.#at + length)
      this.#at += length
    }
    const text = coder.reading ? bytes.toString(wide ? 'utf8' : 'latin1') : given
    const id = this.#list.push(text) - 1
    if (!coder.reading && given.length <= MAX_KNOWN) this.#ids.set(given, id)
    return id
  }
}
