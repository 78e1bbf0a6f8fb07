/** After tries in vain, so many at most are left out. */
const MAX_LEFT_OUT = 256

/** Whether something is worth trying that often is in vain: after each time it is, more tries are left out; after one that paid, none. */
export class Trials {
  #leftOut = 0
  #toLeaveOut = 0

  /** Whether to try this time. */
  due(): boolean {
    if (this.#leftOut >= this.#toLeaveOut) return true
    this.#leftOut++
    return false
  }

  /** It was worth it. */
  paid(): void {
    this.#toLeaveOut = 0
  }

  inVain(): void {
    this.#leftOut = 0
    this.#toLeaveOut = Math.min(MAX_LEFT_OUT, this.#toLeaveOut * 2 + 1)
  }
}
