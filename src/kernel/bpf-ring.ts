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

/** Takes a record: `length` bytes at `at`. They belong to somebody else again when it returns. */
export type TakeRecord = (bytes: Buffer, at: number, length: number) => void

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

  /** Bytes that were written and not read yet. */
  get used(): number {
    return Number(Atomics.load(this.#producer, 0)) - this.#at
  }

  /**
   * Hands over up to `limit` records. The bytes belong to the kernel again when `take` returns.
   *
   * @returns how many records were read
   * @throws RangeError when what is there cannot be a ring: nothing in it can be trusted any more
   */
  read(limit: number, take: TakeRecord): number {
    const end = Number(Atomics.load(this.#producer, 0))
    let count = 0
    try {
      while (this.#at < end && count < limit) {
        const header = this.#header(this.#at, end)
        if (header === null) break
        const at = this.#at % this.#bytes
        this.#at += sizeOf(header)
        count++
        if (header < DISCARDED) take(this.#data, at + HEADER_BYTES, header)
      }
    } finally {
      Atomics.store(this.#consumer, 0, BigInt(this.#at))
    }
    return count
  }

  /**
   * Takes all that is there as it is.
   *
   * @throws RangeError as `read`
   */
  copy(): CopiedRecords {
    const end = Number(Atomics.load(this.#producer, 0))
    let to = this.#at
    while (to < end) {
      const header = this.#header(to, end)
      if (header === null) break
      to += sizeOf(header)
    }
    const at = this.#at % this.#bytes
    const copied = Buffer.allocUnsafeSlow(to - this.#at)
    this.#data.copy(copied, 0, at, at + copied.length)
    this.#at = to
    Atomics.store(this.#consumer, 0, BigInt(to))
    return new CopiedRecords(copied)
  }

  /** Null where a record is being written: those behind it wait. */
  #header(place: number, end: number): number | null {
    const header = Atomics.load(this.#headers, (place % this.#bytes) / 4) >>> 0
    if (header >= BUSY) return null
    if (sizeOf(header) > end - place) throw new RangeError(`a record of ${header % DISCARDED} bytes at ${place}`)
    return header
  }
}

/** Bytes of a record in the ring, its header included. */
const sizeOf = (header: number): number => Math.ceil(((header % DISCARDED) + HEADER_BYTES) / 8) * 8

/** Records as `BpfRing.copy` takes them. */
export class CopiedRecords {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Bytes that were not read yet. */
  get length(): number {
    return this.#bytes.length - this.#at
  }

  /** Shows every record that was not read yet, and leaves it to be read. */
  each(take: TakeRecord): void {
    const from = this.#at
    this.read(Number.POSITIVE_INFINITY, take)
    this.#at = from
  }

  /** Hands over up to `limit` records; returns how many there were. */
  read(limit: number, take: TakeRecord): number {
    let count = 0
    while (this.#at < this.#bytes.length && count < limit) {
      const at = this.#at
      const header = this.#bytes.readUInt32LE(at)
      this.#at += sizeOf(header)
      count++
      if (header < DISCARDED) take(this.#bytes, at + HEADER_BYTES, header)
    }
    return count
  }
}
