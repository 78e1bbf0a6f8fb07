/** Puts spans of time that come in order of their begins on as few lanes as it takes, so that none overlaps another. */
export class Lanes {
  readonly #busyUntilNs: number[] = []

  /** The lane of the next span. */
  place(beginNs: number, endNs: number): number {
    const free = this.#busyUntilNs.findIndex((busyNs) => busyNs <= beginNs)
    const lane = free < 0 ? this.#busyUntilNs.length : free
    this.#busyUntilNs[lane] = Math.max(endNs, beginNs)
    return lane
  }
}
