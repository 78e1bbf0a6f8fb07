import { availableParallelism } from 'node:os'
// Tests that fake the globals (vi.useFakeTimers) do not hold up what is real.
import { setImmediate } from 'node:timers'
import type { Clock } from '../clock.js'
import { Trials } from './trials.js'

export interface PromptReadsOptions {
  clock: Clock
  /** How many answers are to be expected. */
  expects(): number
  /** Waits for a message in this thread, so many ns at most. */
  wait(limitNs: number): boolean
  /** Takes the messages that have come and were expected. False when there was none. */
  read(): boolean
}

/** Whether a daemon can run while we wait for it. */
const SEVERAL = availableParallelism() > 1
/** Longest wait for one answer, ns: what a daemon takes that has not to wait itself. */
const WAIT_NS = 100_000
/** So long of it is spent awake, ns: to be woken up takes longer than most answers. */
const SPIN_NS = 50_000
/** So long the event loop may be kept from its other work, ns. */
const TURN_NS = 1_000_000
/**
 * Takes answers that come at once without the way through the event loop, which costs more than many an answer. After a request the
 * thread waits a moment for what comes. A daemon that takes longer is soon not waited for any more: its answers come as events. Where
 * the processors have too much to do, its answers come later than they were made, and are not awaited awake.
 */
export class PromptReads {
  readonly #options: PromptReadsOptions
  #scheduled = false
  /** When the event loop last had its turn, ns; null: it has it before the next wait. */
  #turnNs: number | null = null
  readonly #waits: Trials = new Trials()
  readonly #spins: Trials = new Trials()

  constructor(options: PromptReadsOptions) {
    this.#options = options
  }

  /** A request has been sent. */
  sent(): void {
    if (this.#scheduled || !this.#waits.due()) return
    this.#scheduled = true
    const nowNs = this.#options.clock.nowNs()
    if (this.#turnNs !== null && nowNs - this.#turnNs < TURN_NS) queueMicrotask(this.#take)
    else setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#turnNs = this.#options.clock.nowNs()
    this.#take()
  }

  readonly #take = (): void => {
    this.#scheduled = false
    const { expects, read, wait } = this.#options
    if (expects() === 0) return
    if (read() || this.#spin() || (wait(WAIT_NS) && read())) this.#waits.paid()
    else this.#waits.inVain()
  }

  /** Waits awake for one answer alone, where another processor can make it meanwhile. */
  #spin(): boolean {
    const { clock, expects, read } = this.#options
    if (!SEVERAL || expects() > 1 || !this.#spins.due()) return false
    const endNs = clock.nowNs() + SPIN_NS
    while (clock.nowNs() < endNs) {
      if (!read()) continue
      this.#spins.paid()
      return true
    }
    this.#spins.inVain()
    return false
  }
}
