type JournalPlaceName =
  | 'file'
  | 'segment'
  | 'length'
  | 'spilling'
  | 'spillSegment'
  | 'spillAt'
  | 'failed'
  | 'offsets'
  | 'size'

/** What two threads know of the journal: places in a `Float64Array` that they share, read and written with the pipes' lock. */
export const JournalPlace: { readonly [Key in JournalPlaceName]: number } = {
  /** The descriptor of the segment that is written; -1 when there is none (any more). */
  file: 0,
  /** Its number, and its length in bytes. */
  segment: 1,
  length: 2,
  /** 1 while what is read goes to the journal alone, because too much waits: the first thread reads it there. */
  spilling: 3,
  /** Where that begins. */
  spillSegment: 4,
  spillAt: 5,
  /** 1 when it could not be written (a full disk). */
  failed: 6,
  /** Bytes so far of each of the first pipes. */
  offsets: 7,
  size: 7 + 16,
}

/**
 * Appends what was read from pipes to the journal of a recording (see recording/journal-file.ts), before anybody parses it.
 * Two threads do so in turns, with the pipes' lock.
 *
 * Its source text is run in the second thread as well, so it may use nothing from outside of itself.
 */
export class Journal {
  readonly #fs: Pick<typeof import('node:fs'), 'writevSync'>
  readonly #crc32: (data: Uint8Array, value?: number) => number
  readonly #shared: Float64Array
  readonly #place: typeof JournalPlace
  readonly #head = Buffer.alloc(25)

  constructor(
    fs: Pick<typeof import('node:fs'), 'writevSync'>,
    crc32: (data: Uint8Array, value?: number) => number,
    shared: Float64Array,
    place: typeof JournalPlace,
  ) {
    this.#fs = fs
    this.#crc32 = crc32
    this.#shared = shared
    this.#place = place
  }

  /** Whether what is read is written. */
  get active(): boolean {
    return this.#shared[this.#place.file] !== -1 && this.#shared[this.#place.failed] === 0
  }

  /** Whether what is read is to be found in the journal alone. */
  get spilling(): boolean {
    return this.#shared[this.#place.spilling] === 1
  }

  /** Where the frame begins that was appended last. */
  #last = 0

  /** From here on, beginning with the frame that was appended last, what is read is in the journal alone. */
  spill(): void {
    const [shared, place] = [this.#shared, this.#place]
    shared[place.spilling] = 1
    shared[place.spillSegment] = shared[place.segment] as number
    shared[place.spillAt] = this.#last
  }

  /**
   * Writes what was read from a pipe; null for its end.
   *
   * @returns whether it is in the journal: pipes beyond the first sixteen are not kept there
   */
  append(pipe: number, bytes: Uint8Array | null, atNs: number): boolean {
    const [shared, place] = [this.#shared, this.#place]
    if (!this.active || pipe >= place.size - place.offsets) return false
    const length = bytes?.length ?? 0
    const head = this.#head
    head.writeUInt32LE(length, 0)
    head.writeUInt8(pipe, 4)
    head.writeDoubleLE(atNs, 5)
    head.writeDoubleLE(shared[place.offsets + pipe] as number, 13)
    const crc = this.#crc32(head.subarray(0, 21))
    head.writeUInt32LE(bytes === null ? crc : this.#crc32(bytes, crc), 21)
    this.#last = shared[place.length] as number
    try {
      const written = this.#fs.writevSync(shared[place.file] as number, bytes === null ? [head] : [head, bytes])
      shared[place.length] = this.#last + written
      if (written < head.length + length) shared[place.failed] = 1
    } catch {
      shared[place.failed] = 1
    }
    shared[place.offsets + pipe] = (shared[place.offsets + pipe] as number) + length
    return shared[place.failed] === 0
  }
}
