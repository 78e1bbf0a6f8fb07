import type { Budget } from './budget.js'
import type { ByteReader, ByteWriter } from './bytes.js'
import { Damaged } from './damaged.js'

/** Where the numbers of a second pool's own begin until it is known how many the first one has. */
const OWN = 2 ** 40

/** The hash of no bytes; that of more bytes is made of it, one by one. */
export const NO_HASH: number = 0x811c9dc5 | 0
export const hashed = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

export function hashOf(bytes: Uint8Array): number {
  let hash = NO_HASH
  for (let i = 0; i < bytes.length; i++) hash = hashed(hash, bytes[i]!)
  return hash
}

/** Texts, each once, by numbers in the order in which they came. */
export class TextWriter {
  readonly #first: TextWriter | null
  /** The numbers of those that were given as strings. */
  readonly #ids = new Map<string, number>()
  /** All, one behind the other, and where each ends. */
  #bytes = Buffer.allocUnsafe(1024)
  readonly #ends: number[] = []
  /** Those that are UTF-8; of the others each byte is a character. */
  readonly #wide = new Set<number>()
  readonly #hashes: number[] = []
  /** By hash, then the next free place: numbers from 1, 0 for none. */
  #table = new Int32Array(256)

  /** @param first whose texts are not repeated; numbers go on from its */
  constructor(first: TextWriter | null) {
    this.#first = first
  }

  get count(): number {
    return this.#ends.length
  }

  id(text: string): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    const id = /[^\x00-\xff]/.test(text) ? this.#wideId(text) : this.#narrowId(Buffer.from(text, 'latin1'))
    this.#ids.set(text, id)
    return id
  }

  /**
   * The number of the text that is written here, a byte a character.
   *
   * @param hash of these bytes
   */
  idOf(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const found = this.#find(bytes, from, to, hash)
    return (found < 0 ? this.#add(bytes.subarray(from, to), hash) : found) + (this.#first ? OWN : 0)
  }

  /** Whether this text is written here. */
  stands(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const begin = id === 0 ? 0 : this.#ends[id - 1]!
    if (this.#ends[id]! - begin !== to - from || this.#wide.has(id)) return false
    const own = this.#bytes
    for (let i = from, at = begin; i < to; i++, at++) if (bytes[i] !== own[at]) return false
    return true
  }

  /** How many bytes a text has. */
  length(id: number): number {
    return this.#ends[id]! - (id === 0 ? 0 : this.#ends[id - 1]!)
  }

  /** What `id` has said, when the first pool is whole. */
  final(id: number): number {
    return id < OWN ? id : id - OWN + this.#first!.count
  }

  /** The bytes of all; their number and lengths go to `out`. */
  end(out: ByteWriter): Buffer {
    out.number(this.count)
    for (let id = 0; id < this.count; id++) out.number(this.length(id) * 2 + (this.#wide.has(id) ? 1 : 0))
    return this.#bytes.subarray(0, this.#ends.at(-1) ?? 0)
  }

  #wideId(text: string): number {
    const known = this.#first === null ? undefined : this.#first.#ids.get(text)
    if (known !== undefined) return known
    const bytes = Buffer.from(text)
    const id = this.#add(bytes, hashOf(bytes))
    this.#wide.add(id)
    return id + (this.#first ? OWN : 0)
  }

  #narrowId(bytes: Buffer): number {
    const hash = hashOf(bytes)
    const known = this.#first === null ? -1 : this.#first.#find(bytes, 0, bytes.length, hash)
    return known < 0 ? this.idOf(bytes, 0, bytes.length, hash) : known
  }

  #find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const table = this.#table
    const mask = table.length - 1
    for (let at = (hash ^ (hash >>> 15)) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const id = table[at]! - 1
      if (this.#hashes[id] === hash && this.stands(id, bytes, from, to)) return id
    }
    return -1
  }

  #add(text: Uint8Array, hash: number): number {
    const from = this.#ends.at(-1) ?? 0
    const id = this.#ends.length
    if (from + text.length > this.#bytes.length) {
      const longer = Buffer.allocUnsafe((from + text.length) * 2)
      this.#bytes.copy(longer, 0, 0, from)
      this.#bytes = longer
    }
    this.#bytes.set(text, from)
    this.#ends.push(from + text.length)
    this.#hashes.push(hash)
    if (id * 2 > this.#table.length) {
      this.#table = new Int32Array(this.#table.length * 4)
      for (let other = 0; other < id; other++) this.#place(other)
    }
    this.#place(id)
    return id
  }

  #place(id: number): void {
    const mask = this.#table.length - 1
    const hash = this.#hashes[id]!
    let at = (hash ^ (hash >>> 15)) & mask
    while (this.#table[at] !== 0) at = (at + 1) & mask
    this.#table[at] = id + 1
  }
}

/** Texts by their numbers, made when they are asked for. */
export class TextReader {
  readonly #bytes: Buffer
  readonly #ends: Float64Array
  readonly #texts: string[] = []
  readonly #wide: Uint8Array
  readonly #first: TextReader | null
  readonly #budget: Budget

  constructor(bytes: Buffer, lengths: ByteReader, budget: Budget, first: TextReader | null) {
    this.#bytes = bytes
    this.#budget = budget
    this.#first = first
    const count = lengths.number()
    if (count > bytes.length + 1) throw new Damaged()
    this.#ends = new Float64Array(count)
    this.#wide = new Uint8Array(count)
    lengths.numbers(this.#ends)
    let end = 0
    for (let i = 0; i < count; i++) {
      const length = this.#ends[i]!
      this.#wide[i] = length % 2
      this.#ends[i] = end += Math.floor(length / 2)
    }
    if (end > bytes.length) throw new Damaged()
  }

  get count(): number {
    return this.#ends.length + (this.#first?.count ?? 0)
  }

  /** Counted before it is used: one text can be named again and again. */
  text(id: number): string {
    const before = this.#first?.count ?? 0
    if (this.#first !== null && id < before) return this.#first.text(id)
    if (!(id >= 0)) throw new Damaged()
    const at = id - before
    const text = this.#texts[at] ?? this.#made(at)
    this.#budget.takeText(text.length)
    return text
  }

  #made(at: number): string {
    const to = this.#ends[at]
    if (to === undefined) throw new Damaged()
    const from = at === 0 ? 0 : this.#ends[at - 1]!
    const text = this.#bytes.toString(this.#wide[at] === 1 ? 'utf8' : 'latin1', from, to)
    this.#texts[at] = text
    return text
  }
}
