import type { Budget } from './budget.js'
import type { ByteReader, ByteWriter } from './bytes.js'
import { Damaged } from './damaged.js'

/** Where the numbers of a second pool's own begin until it is known how many the first one has. */
const OWN = 2 ** 40

/** Texts, each once, by numbers in the order in which they came. */
export class TextWriter {
  readonly #ids = new Map<string, number>()
  readonly #first: TextWriter | null

  /** @param first whose texts are not repeated; numbers go on from its */
  constructor(first: TextWriter | null) {
    this.#first = first
  }

  get count(): number {
    return this.#ids.size
  }

  id(text: string): number {
    const known = this.#first?.find(text)
    if (known !== undefined) return known
    const found = this.#ids.get(text)
    if (found !== undefined) return found
    const id = this.#ids.size + (this.#first ? OWN : 0)
    this.#ids.set(text, id)
    return id
  }

  /** What `id` has said, when the first pool is whole. */
  final(id: number): number {
    return id < OWN ? id : id - OWN + this.#first!.count
  }

  find(text: string): number | undefined {
    return this.#ids.get(text)
  }

  /** The bytes of all; their number and lengths go to `out`. */
  end(out: ByteWriter): Buffer {
    const parts: Buffer[] = []
    out.number(this.count)
    for (const text of this.#ids.keys()) {
      const wide = /[^\x00-\xff]/.test(text)
      const bytes = Buffer.from(text, wide ? 'utf8' : 'latin1')
      out.number(bytes.length * 2 + (wide ? 1 : 0))
      parts.push(bytes)
    }
    return Buffer.concat(parts)
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
