/**
 * Which request ids came of late. They rise by one or by two, so that each has a place of its own until that many, or half as
 * many, more have come. (Taking the oldest out of a set costs more, the larger it is.)
 */
export class RecentIds {
  readonly #ids: Float64Array
  /** How often it had been cleared when each was added, counted from 1: clearing takes no time. */
  readonly #eras: Uint32Array
  #era = 1

  /** @param count ids that are remembered, where they rise by one */
  constructor(count: number) {
    this.#ids = new Float64Array(count)
    this.#eras = new Uint32Array(count)
  }

  add(id: number): void {
    const place = this.#place(id)
    this.#ids[place] = id
    this.#eras[place] = this.#era
  }

  has(id: number): boolean {
    const place = this.#place(id)
    return this.#ids[place] === id && this.#eras[place] === this.#era
  }

  /** Says whether it was there. */
  delete(id: number): boolean {
    const known = this.has(id)
    if (known) this.#eras[this.#place(id)] = 0
    return known
  }

  clear(): void {
    this.#era++
  }

  #place(id: number): number {
    return id % this.#ids.length
  }
}
