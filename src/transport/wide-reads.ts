import { endianness } from 'node:os'

const READ = 15
const INTERRUPT = 36
/** Where a READ says how much it asks for: behind the header, the handle and the offset. */
const SIZE_AT = 40 + 16
/** Answers to shorter reads fit into sixteen pages of a pipe, wherever in a page they begin. */
const NARROW_BYTES = 13 * 4096
/** After so many long answers in one piece a daemon is taken for one that does not splice. */
const MIN_WHOLE = 8

const little = endianness() === 'LE'
const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
const u64 = (bytes: Buffer, at: number): bigint => (little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))

/**
 * Keeps long reads from being answered at the same time. A daemon that splices sends a long answer in several pieces, and pieces
 * of two answers that several threads send at once cannot be distinguished. Until a daemon has shown that it answers in one piece,
 * one long READ waits until the one before is answered or interrupted; everything else passes by.
 */
export class WideReads {
  readonly #send: (request: Buffer) => void
  readonly #waiting: Buffer[] = []
  #inFlight: bigint | null = null
  #whole = 0
  #pieces = false

  /** @param send gives a request to the daemon */
  constructor(send: (request: Buffer) => void) {
    this.#send = send
  }

  /** A request on its way to the daemon; kept where it has to wait. */
  request(bytes: Buffer): void {
    if (this.#inFlight !== null && interrupted(bytes) === this.#inFlight) {
      this.#send(bytes)
      this.#next()
    } else if (this.#whole >= MIN_WHOLE || !isWide(bytes)) this.#send(bytes)
    else if (this.#inFlight !== null) this.#waiting.push(Buffer.from(bytes))
    else {
      this.#inFlight = u64(bytes, 8)
      this.#send(bytes)
    }
  }

  /** An answer of the daemon's has begun to come, and not come whole. */
  piece(): void {
    this.#pieces = true
  }

  /** A whole answer of the daemon's. */
  reply(bytes: Buffer): void {
    if (this.#inFlight === null || bytes.length < 16 || u64(bytes, 8) !== this.#inFlight) return
    if (bytes.length > NARROW_BYTES && !this.#pieces) this.#whole++
    this.#next()
  }

  #next(): void {
    this.#inFlight = null
    const next = this.#waiting.splice(0, this.#whole >= MIN_WHOLE ? this.#waiting.length : 1)
    if (this.#whole < MIN_WHOLE && next[0]) this.#inFlight = u64(next[0], 8)
    for (const request of next) this.#send(request)
  }
}

const isWide = (bytes: Buffer): boolean =>
  bytes.length >= SIZE_AT + 4 && u32(bytes, 4) === READ && u32(bytes, SIZE_AT) > NARROW_BYTES

const interrupted = (bytes: Buffer): bigint | null =>
  bytes.length >= 48 && u32(bytes, 4) === INTERRUPT ? u64(bytes, 40) : null
