/** A ring's memory, as the kernel maps it: see `Documentation/bpf/ringbuf.rst`. */
export interface RingMemory {
  /** The page with our position; it may be written. */
  readonly consumer: ArrayBuffer
  /** The page with the kernel's position; the data follow it, twice in a row, so that no record is cut by the end. */
  readonly producer: ArrayBuffer
  readonly pageBytes: number
  /** Bytes of data, a power of two. */
  readonly bytes: number
}

const BUSY = 2 ** 31
const DISCARDED = 2 ** 30
const HEADER_BYTES = 8

/**
 * Reads a BPF ring buffer in place. There must be no other reader.
 *
 * @example
 * ring.read(1000, (bytes, at, length) => …)
 */
export class BpfRing {
  readonly #consumer: BigInt64Array
  readonly #producer: BigInt64Array
  readonly #headers: Int32Array
  readonly #data: Buffer
  readonly #bytes: number
  #at: number

  constructor({ consumer, producer, pageBytes, bytes }: RingMemory) {
    this.#consumer = new BigInt64Array(consumer, 0, 1)
    this.#producer = new BigInt64Array(producer, 0, 1)
    this.#headers = new Int32Array(producer, pageBytes, bytes / 4)
    this.#data = Buffer.from(producer, pageBytes, 2 * bytes)
    this.#bytes = bytes
    this.#at = Number(Atomics.load(this.#consumer, 0))
  }

  /**
   * Hands over up to `limit` records. The bytes belong to the kernel again when `take` returns.
   *
   * @returns how many records were read
   * @throws RangeError when what is there cannot be a ring: nothing in it can be trusted any more
   */
  read(limit: number, take: (bytes: Buffer, at: number, length: number) => void): number {
    const end = Number(Atomics.load(this.#producer, 0))
    let count = 0
    while (this.#at < end && count < limit) {
      const at = this.#at % this.#bytes
      const header = Atomics.load(this.#headers, at / 4) >>> 0
      // It is being written; those behind it wait.
      if (header >= BUSY) break
      const length = header % DISCARDED
      if (length + HEADER_BYTES > end - this.#at) throw new RangeError(`a record of ${length} bytes at ${this.#at}`)
      try {
        if (header < DISCARDED) take(this.#data, at + HEADER_BYTES, length)
      } finally {
        this.#at += Math.ceil((length + HEADER_BYTES) / 8) * 8
        Atomics.store(this.#consumer, 0, BigInt(this.#at))
      }
      count++
    }
    return count
  }
}
