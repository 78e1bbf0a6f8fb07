/** The latest entries of a stream; what falls out is counted. */
export class Ring<T> {
  readonly #limit: number
  #entries: T[] = []
  #head = 0
  #dropped = 0

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  /** How many entries have fallen out. */
  get dropped(): number {
    return this.#dropped
  }

  get length(): number {
    return this.#entries.length - this.#head
  }

  /** So many entries came and went without having been here. */
  skip(count: number): void {
    this.#dropped += count
  }

  /** Adds an entry; returns the one that fell out, if any. */
  push(entry: T): T | undefined {
    this.#entries.push(entry)
    if (this.length <= this.#limit) return undefined
    const out = this.#entries[this.#head++]
    this.#dropped++
    // Moves everything only once per `limit` entries.
    if (this.#head > this.#limit) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return out
  }

  /** The latest `count` entries, oldest first. */
  latest(count: number = this.length): T[] {
    return this.#entries.slice(Math.max(this.#head, this.#entries.length - Math.max(0, count)))
  }

  /** All entries from the first for which `reached` is true; it must stay true from there on. */
  from(reached: (entry: T) => boolean): T[] {
    let low = this.#head
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (reached(this.#entries[middle] as T)) high = middle
      else low = middle + 1
    }
    return this.#entries.slice(low)
  }
}
