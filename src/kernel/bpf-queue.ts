import type { BpfRing, CopiedRecords, TakeRecord } from './bpf-ring.js'

export interface BpfQueueOptions {
  readonly ring: BpfRing
  /** Records that the kernel has dropped so far, modulo 2^32. */
  dropped(): number
  /** So many records are missing behind those that were handed over. */
  onLoss(count: number): void
}

/** The kernel's records in their order: those that were copied out of the ring so that it does not run full, then the ring's. */
export class BpfQueue {
  readonly #options: BpfQueueOptions
  readonly #copies: { readonly records: CopiedRecords; readonly lost: number }[] = []
  #copied = 0
  #dropped = 0

  constructor(options: BpfQueueOptions) {
    this.#options = options
  }

  /** Bytes that were copied out of the ring and wait. */
  get copiedBytes(): number {
    return this.#copied
  }

  /** Makes room in the ring: a copy of some megabytes, of which nothing is read. */
  copy(): CopiedRecords {
    const records = this.#options.ring.copy()
    this.#copied += records.length
    this.#copies.push({ records, lost: this.#takeLoss() })
    return records
  }

  /**
   * Hands over up to `limit` records.
   *
   * @returns how many there were; fewer than `limit`: there are no more
   * @throws RangeError when the ring's memory makes no sense
   */
  read(limit: number, take: TakeRecord): number {
    let count = 0
    for (let [oldest] = this.#copies; oldest !== undefined && count < limit; [oldest] = this.#copies) {
      const before = oldest.records.length
      try {
        count += oldest.records.read(limit - count, take)
      } finally {
        this.#copied -= before - oldest.records.length
      }
      if (oldest.records.length === 0) this.#shift()
    }
    if (count === limit) return count
    count += this.#options.ring.read(limit - count, take)
    this.#report(this.#takeLoss())
    return count
  }

  /** Hands over what is left of the oldest copy. */
  passOldest(pass: (records: CopiedRecords) => void): void {
    const [oldest] = this.#copies
    if (oldest === undefined) return
    this.#copied -= oldest.records.length
    pass(oldest.records)
    this.#shift()
  }

  #shift(): void {
    this.#report(this.#copies.shift()?.lost ?? 0)
  }

  #report(lost: number): void {
    if (lost > 0) this.#options.onLoss(lost)
  }

  #takeLoss(): number {
    const dropped = this.#options.dropped()
    const lost = (dropped - this.#dropped) >>> 0
    this.#dropped = dropped
    return lost
  }
}
