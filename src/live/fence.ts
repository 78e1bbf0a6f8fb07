import type { Clock } from '../clock.js'
import type { Fence, Mark, MonitorView } from '../monitor/monitor.js'
import type { LiveProber } from '../mount/prober.js'
import { LATE, MS, within } from '../time.js'

/** Whether a daemon's log hides lookups, as far as its mounts have shown by now. */
export interface LookupsShown {
  /** A fence was not found, and no lookup has been seen since. */
  hidden: boolean
}

export interface FenceOptions {
  clock: Clock
  monitor: MonitorView
  prober: Pick<LiveProber, 'answers' | 'ownName'>
  /** Everything that has been logged by now has been handed on when this returns. */
  catchUp(): void
  /**
   * How long the mount may take to answer, and the log to show it, ns; five times as long where the log has shown lookups.
   * @default 1 s
   */
  limitNs?: number
  /** What the mounts before have shown. @default nothing is known */
  lookups?: LookupsShown
}

/**
 * How long to wait for the lookup in a log that has shown none yet, or that nobody understands yet. Daemons log it before they answer:
 * this is for those that log in a thread of their own.
 */
const UNSEEN_NS = 100 * MS

/** So many times the limit is waited for a line that has no reason not to come. */
const LIMITS_FOR_LINE = 5

/**
 * Exact marks: looks up a name that cannot exist and finds it again in the log; all that was done before has then been read.
 * Where the log does not show lookups, a mark is set after what has arrived by now, and says why it is not exact.
 */
export class Fences {
  readonly #options: FenceOptions
  readonly #lookups: LookupsShown

  constructor(options: FenceOptions) {
    this.#options = options
    this.#lookups = options.lookups ?? { hidden: false }
    options.monitor.subscribe(
      (event) => {
        if (event.type === 'started' && event.operation.opcode === 'lookup') this.#lookups.hidden = false
      },
      { lines: false, passive: true },
    )
  }

  /** `set` makes the mark; it is called at once when the fence's request is read. */
  async fence(set: () => Mark): Promise<Fence> {
    const { clock, monitor, prober, catchUp } = this.#options
    const limitNs = this.#options.limitNs ?? 1000 * MS
    const here = (note: string): Fence => {
      catchUp()
      return { mark: set(), exact: false, note }
    }
    if (monitor.state !== 'running') return here('the log has ended')
    const name = prober.ownName()
    if (this.#lookups.hidden || monitor.capabilities?.lookupNames === false) {
      // Not in the log, but answered: what was logged before has been read by then.
      if (monitor.capabilities?.lookupNames !== false) await prober.answers(name, limitNs)
      return here('the log does not show the names of lookups')
    }
    let cancel = (): void => undefined
    const seen = new Promise<Fence | null>((resolve) => {
      cancel = monitor.subscribe(
        (event) => {
          if (event.type === 'stream-ended' || event.type === 'mount-lost') resolve(null)
          if (event.type !== 'started' && event.type !== 'ended') return
          if (event.operation.opcode !== 'lookup' || !event.operation.path?.endsWith(name)) return
          cancel()
          resolve({ mark: set(), exact: true })
        },
        { lines: false },
      )
    })
    try {
      const answer = await prober.answers(name, limitNs)
      if (answer === 'unknown') return here('the mount did not answer a lookup in time')
      catchUp()
      // A daemon that answers and shows its lookups will show this one, however busy the machine is.
      const found = await within(clock, this.#limitForLine(limitNs), seen)
      if (found !== LATE && found !== null) return found
      this.#lookups.hidden = found === LATE
      cancel()
      return here(found === null ? 'the log has ended' : 'the lookup did not appear in the log')
    } finally {
      cancel()
    }
  }

  #limitForLine(limitNs: number): number {
    const { monitor } = this.#options
    if (monitor.hasSeen('lookup')) return LIMITS_FOR_LINE * limitNs
    return Math.min(limitNs, UNSEEN_NS)
  }
}
