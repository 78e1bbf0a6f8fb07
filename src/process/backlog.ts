// Tests that fake the globals (vi.useFakeTimers) do not hold up what is real.
import { setImmediate } from 'node:timers'
import type { Clock } from '../clock.js'
import { MS } from '../time.js'
import type { Arrived } from './chunk-queue.js'
import type { Position } from './journal-keeper.js'

/** Bytes handed on, and time taken for it, before the event loop has its turn. */
export const SLICE_BYTES: number = 256 * 1024
const SLICE_NS = 10 * MS

export interface BacklogOptions {
  clock: Clock
  /** Takes the next; returns how many bytes that were. */
  handOn(arrived: Arrived<number>): number
  /** Nothing waits here: adds what waits elsewhere, up to a position; false when there is nothing (more). */
  refill(until?: Position): boolean
  /** Whether something waits elsewhere. */
  more(): boolean
  /** Called in a turn of the event loop of its own, after what waited was handed on. */
  onTurn(): void
}

/**
 * What has been read and not handed on. It is handed on in order and a slice a turn of the event loop, so that nothing else has to
 * wait long for its turn.
 */
export class Backlog {
  readonly #options: BacklogOptions
  #waiting: Arrived<number>[] = []
  /** Position of the first that has not been handed on. */
  #next = 0
  #handing = false
  #scheduled = false

  constructor(options: BacklogOptions) {
    this.#options = options
  }

  /** Whether nothing waits here. */
  get empty(): boolean {
    return this.#next === this.#waiting.length
  }

  /** Whether a turn of the event loop has been asked for. */
  get scheduled(): boolean {
    return this.#scheduled
  }

  add(arrived: Arrived<number>): void {
    this.#waiting.push(arrived)
  }

  /** Hands on a slice, or all that there is by now up to a position. Called while something is being handed on it does nothing. */
  work(until?: Position): void {
    if (this.#handing) return
    const { clock, handOn, refill, more } = this.#options
    this.#handing = true
    try {
      const endNs = clock.nowNs() + SLICE_NS
      for (let bytes = 0; until !== undefined || (bytes < SLICE_BYTES && clock.nowNs() < endNs); ) {
        if (this.empty) {
          this.#waiting = []
          this.#next = 0
          if (!refill(until)) break
        }
        bytes += handOn(this.#waiting[this.#next++] as Arrived<number>)
      }
    } finally {
      this.#handing = false
    }
    // What was handed on is let go, at the cost of moving the rest now and then.
    if (this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    if (this.#waiting.length > 0 || more()) this.schedule()
  }

  /** Goes on in a turn of the event loop of its own. */
  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.work()
      this.#options.onTurn()
    })
  }
}
