import type { Fence, Mark, MonitorView } from '../../monitor/monitor.js'
import type { WaitFor } from '../wait-for.js'

/** What a test holds, live or in replay: the same things mean the same. */
export interface Session extends AsyncDisposable {
  readonly monitor: MonitorView
  readonly waitFor: WaitFor
  /** A named moment. In replay: the recorded one of that name when it comes next, else here and now. */
  mark(name?: string): Mark
  /**
   * Runs a named piece of the workload between two marks; waits count from its begin on.
   * In replay the recording is played to the step's begin before and to its end after.
   */
  step<T>(name: string, fn: () => T | Promise<T>): Promise<T>
  /** An exact mark, where the log shows names of lookups; else it says why it is not. */
  fence(): Promise<Fence>
  /** Ends the session; pending waits fail with `FT_STREAM_ENDED`. */
  close(): Promise<void>
}
