import type { MonitorView } from '../../monitor/monitor.js'
import type { PendingWaits } from './pending.js'
import type { LegacyProber, Prober } from './prober.js'

/** What waits stand on. */
export interface WaitContext {
  monitor: MonitorView
  /** Probes the file system; null where that cannot be done. */
  prober: Prober | LegacyProber | null
  /** Where waits that have not ended are kept; `createWaitFor` makes one when none is given. */
  pending: PendingWaits
  /**
   * Milliseconds that a wait without a `timeoutMs` of its own has.
   * @default 5000
   */
  timeoutMs?: number | undefined
  /** `off`: there is no log at all, waits poll. */
  trace?: 'log' | 'off'
  /** The daemon's state in a few words, for explanations. */
  describeDaemon?: (() => string) | undefined
  /** How many requests the daemon has not answered, as the kernel counts them. */
  unanswered?: (() => number) | undefined
  /** What else a wait that fails should say: one line, at the end of its explanation. */
  remark?: string | undefined
}
