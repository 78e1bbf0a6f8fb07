import { endianness } from 'node:os'

/** Bytes before which no message says how long it is. */
const HEADER_BYTES = 16
const readLength: (bytes: Buffer) => number =
  endianness() === 'LE' ? (bytes) => bytes.readUInt32LE(0) : (bytes) => bytes.readUInt32BE(0)

/**
 * Puts messages together that arrive in pieces. A library that splices its answers out of a pipe sends sixteen pages at a time,
 * and what it sends is cut there. Whatever is longer or shorter than it says in any other way is handed on as it came.
 */
export class Frames {
  readonly #onMessage: (message: Buffer) => void
  readonly #maxBytes: number
  #pieces: Buffer[] = []
  #have = 0
  #want = 0

  /** @param maxBytes messages that say to be longer are not waited for */
  constructor(maxBytes: number, onMessage: (message: Buffer) => void) {
    this.#maxBytes = maxBytes
    this.#onMessage = onMessage
  }

  /** Bytes of a message that has not come whole. */
  get partial(): number {
    return this.#have
  }

  /** Takes what one read gave. */
  push(bytes: Buffer): void {
    if (this.#have === 0) {
      const want = bytes.length >= HEADER_BYTES ? readLength(bytes) : bytes.length
      if (want <= bytes.length || want > this.#maxBytes) {
        this.#onMessage(bytes)
        return
      }
      this.#want = want
    }
    this.#pieces.push(bytes)
    this.#have += bytes.length
    if (this.#have < this.#want) return
    const whole = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#have = 0
    this.#onMessage(whole)
  }
}
