import type { Clock, Timer } from '../clock.js'

/** Requests that nobody waits for any more, whose late answers are no fault. */
const MAX_LATE = 1024

/** Requests without an answer, by number, and until when each may take. */
export class Unanswered<T> {
  readonly #clock: Clock
  readonly #onLate: (unique: bigint, request: T) => void
  readonly #waiting = new Map<bigint, { readonly request: T; readonly endNs: number }>()
  readonly #late = new Set<bigint>()
  /** For the oldest request; it is not set anew for each. */
  #timer: Timer | null = null

  /** @param onLate a request has taken too long, and is not waited for any more */
  constructor(clock: Clock, onLate: (unique: bigint, request: T) => void) {
    this.#clock = clock
    this.#onLate = onLate
  }

  get size(): number {
    return this.#waiting.size
  }

  has(unique: bigint): boolean {
    return this.#waiting.has(unique)
  }

  get(unique: bigint): T | undefined {
    return this.#waiting.get(unique)?.request
  }

  /** @param endNs when it has taken too long, ns on the clock; infinite for one that may take as long as it likes */
  add(unique: bigint, request: T, endNs: number): void {
    this.#waiting.set(unique, { request, endNs })
    if (this.#timer === null && endNs < Number.POSITIVE_INFINITY) this.#setTimer(endNs)
  }

  /** It is answered, or was not sent after all. */
  take(unique: bigint): void {
    this.#waiting.delete(unique)
  }

  /** Whether an answer of this number comes too late. Once: a second one is a mistake. */
  isLate(unique: bigint): boolean {
    return this.#late.delete(unique)
  }

  /** Nothing will be answered any more. @returns what has waited for it */
  end(): T[] {
    this.#timer?.cancel()
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    return waiting.map(({ request }) => request)
  }

  /** All requests but those without an end may take equally long: they are late in the order in which they were sent. */
  #setTimer(endNs: number): void {
    this.#timer = this.#clock.at(endNs, () => {
      this.#timer = null
      const nowNs = this.#clock.nowNs()
      let nextNs = Number.POSITIVE_INFINITY
      for (const [unique, { request, endNs }] of [...this.#waiting]) {
        if (endNs > nowNs) nextNs = Math.min(nextNs, endNs)
        else this.#giveUp(unique, request)
      }
      if (nextNs < Number.POSITIVE_INFINITY && this.#timer === null) this.#setTimer(nextNs)
    })
  }

  #giveUp(unique: bigint, request: T): void {
    this.take(unique)
    this.#late.add(unique)
    if (this.#late.size > MAX_LATE) this.#late.delete(this.#late.values().next().value as bigint)
    this.#onLate(unique, request)
  }
}
