import type { Clock, Timer } from '../../clock.js'
import type { Ends } from './ends.js'
import type { PendingWaits } from './pending.js'
import type { ProbeAnswer, ProbeQuestion } from './prober.js'

export interface EndRequestsOptions {
  clock: Clock
  /** When they are needed. */
  ends: Ends
  pending: PendingWaits
  probe(question: ProbeQuestion): Promise<ProbeAnswer>
  /** Whether none is to be made now: the wait has ended, or it probes, which is a request as well. */
  paused(): boolean
}

/** Makes the requests of our own that `Ends` asks for, one at a time: what the log shows of them ends what was before. */
export class EndRequests {
  readonly #options: EndRequestsOptions
  #asking = false
  #timer: Timer | null = null

  constructor(options: EndRequestsOptions) {
    this.#options = options
  }

  /** Makes one now if it is due, else when it is. */
  schedule(): void {
    const { clock, ends, pending, probe, paused } = this.#options
    if (this.#asking || paused() || ends.dueNs === Number.POSITIVE_INFINITY) return
    if (clock.nowNs() < ends.dueNs) {
      this.#timer?.cancel()
      this.#timer = clock.at(ends.dueNs, () => this.schedule())
      return
    }
    this.#asking = true
    ends.asks()
    const answered = pending.beginProbe()
    const done = (): void => {
      this.#asking = false
      ends.answered()
      this.schedule()
      answered()
    }
    probe({ probe: 'answers' }).then(done, done)
  }

  /** Makes no further one. */
  cancel(): void {
    this.#timer?.cancel()
  }
}
