import { endianness } from 'node:os'

/** The longest message that is taken, bytes: a megabyte of data, which is the most that FUSE negotiates, and what surrounds it. */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024 + 64 * 1024

/** Bytes of an answer's header: its length, its error, the number of its request. */
const HEADER_BYTES = 16
const MAX_NOTIFICATION = 64
const little = endianness() === 'LE'
const lengthOf = (bytes: Buffer): number => (little ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0))
const errorOf = (bytes: Buffer): number => (little ? bytes.readInt32LE(4) : bytes.readInt32BE(4))
const uniqueOf = (bytes: Buffer): bigint => (little ? bytes.readBigUInt64LE(8) : bytes.readBigUInt64BE(8))

interface Partial {
  readonly unique: bigint
  readonly want: number
  readonly pieces: Buffer[]
  have: number
}

export interface FramesOptions {
  /** Messages that claim to be longer are not waited for. */
  maxBytes: number
  onMessage(message: Buffer): void
  /** Whether a request of this number waits for its answer. @default every one may */
  awaits?(unique: bigint): boolean
}

/**
 * Puts messages together that arrive in pieces. A library that splices its answers out of a pipe sends sixteen pages at a time,
 * and what it sends is cut there; its other threads may answer in between. Whatever is longer or shorter than it claims in any other
 * way is handed on as it came.
 */
export class Frames {
  readonly #options: FramesOptions
  /** Messages that have not come whole, in the order in which they began. */
  #partials: Partial[] = []

  constructor(options: FramesOptions) {
    this.#options = options
  }

  /** Bytes of messages that have not come whole. */
  get partial(): number {
    return this.#partials.reduce((sum, { have }) => sum + have, 0)
  }

  /** Takes what one read gave. Only pieces are copied. */
  push(bytes: Buffer): void {
    const goesOn = this.#goesOn(bytes)
    if (goesOn) this.#add(goesOn, bytes)
    else if (!this.#begins(bytes)) this.#options.onMessage(bytes)
    else {
      const begun: Partial = { unique: uniqueOf(bytes), want: lengthOf(bytes), pieces: [], have: 0 }
      this.#partials.push(begun)
      this.#add(begun, bytes)
    }
  }

  #add(partial: Partial, bytes: Buffer): void {
    partial.pieces.push(Buffer.from(bytes))
    partial.have += bytes.length
    if (partial.have < partial.want) return
    this.#partials = this.#partials.filter((one) => one !== partial)
    this.#options.onMessage(Buffer.concat(partial.pieces))
  }

  /** The message that these bytes belong to; null when they begin one, or are one. */
  #goesOn(bytes: Buffer): Partial | null {
    if (this.#partials.length === 0 || this.#answers(bytes)) return null
    const fitting = this.#partials.filter(({ want, have }) => want - have >= bytes.length)
    // Its last piece, if it can be that; else the oldest.
    return fitting.find(({ want, have }) => want - have === bytes.length) ?? fitting[0] ?? this.#partials[0] ?? null
  }

  /** It has the header of an answer that is awaited, whole or cut: contents of files do not look like that. */
  #answers(bytes: Buffer): boolean {
    if (bytes.length < HEADER_BYTES || lengthOf(bytes) < bytes.length) return false
    const unique = uniqueOf(bytes)
    const error = errorOf(bytes)
    // A notification: its code stands in the error's place.
    if (unique === 0n) return lengthOf(bytes) === bytes.length && error > 0 && error < MAX_NOTIFICATION
    if (error > 0 || error < -511 || this.#partials.some((one) => one.unique === unique)) return false
    const whole = lengthOf(bytes) === bytes.length
    return (whole || (error === 0 && lengthOf(bytes) <= this.#options.maxBytes)) && this.#awaits(unique)
  }

  #begins(bytes: Buffer): boolean {
    if (bytes.length < HEADER_BYTES) return false
    return lengthOf(bytes) > bytes.length && lengthOf(bytes) <= this.#options.maxBytes
  }

  #awaits(unique: bigint): boolean {
    return this.#options.awaits?.(unique) ?? true
  }
}
