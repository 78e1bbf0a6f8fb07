import { Damaged } from './damaged.js'

/** Bytes that grow. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(512)
  length = 0

  /** What was written. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.length++] = value
  }

  /** An integer from 0 to 2^53, 7 bits a byte, the lowest first. */
  number(value: number): void {
    this.#room(8)
    const bytes = this.#bytes
    let rest = value
    while (rest >= 128) {
      bytes[this.length++] = (rest % 128) | 128
      rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 128)
    }
    bytes[this.length++] = rest
  }

  numbers(values: ArrayLike<number>): void {
    const { length } = values
    this.#room(length * 8)
    const bytes = this.#bytes
    let at = this.length
    for (let i = 0; i < length; i++) {
      let rest = values[i]!
      while (rest >= 128) {
        bytes[at++] = (rest % 128) | 128
        rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 128)
      }
      bytes[at++] = rest
    }
    this.length = at
  }

  double(value: number): void {
    this.#room(8)
    this.length = this.#bytes.writeDoubleLE(value, this.length)
  }

  #room(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const longer = Buffer.allocUnsafe((this.length + count) * 2)
    this.#bytes.copy(longer, 0, 0, this.length)
    this.#bytes = longer
  }
}

/** Reads what a `ByteWriter` wrote; beyond the end is `Damaged`. */
export class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** How much was read. */
  get at(): number {
    return this.#at
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw new Damaged()
    return byte
  }

  number(): number {
    let value = 0
    for (let unit = 1; unit <= 2 ** 49; unit *= 128) {
      const byte = this.byte()
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
    throw new Damaged()
  }

  /** As many numbers as there is room for. */
  numbers(into: Float64Array): void {
    const bytes = this.#bytes
    let at = this.#at
    // Each takes a byte at least.
    if (into.length > bytes.length - at) throw new Damaged()
    for (let i = 0; i < into.length; i++) {
      const one = bytes[at++]!
      if (one < 128) into[i] = one
      else {
        const two = bytes[at++]!
        if (two < 128) into[i] = (one & 127) | (two << 7)
        else {
          this.#at = at - 2
          into[i] = this.number()
          at = this.#at
        }
      }
    }
    if (at > bytes.length) throw new Damaged()
    this.#at = at
  }

  doubles(into: Float64Array): void {
    if (into.length * 8 > this.#bytes.length - this.#at) throw new Damaged()
    for (let i = 0; i < into.length; i++) {
      into[i] = this.#bytes.readDoubleLE(this.#at)
      this.#at += 8
    }
  }
}
