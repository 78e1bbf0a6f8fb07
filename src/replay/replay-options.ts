import type { VirtualClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { TraceMonitor } from '../monitor/trace-monitor.js'
import type { MarkRow, RecordingHeader, Row } from '../recording/row.js'

/** How a recording is replayed. */
export interface ReplayOptions {
  /**
   * `auto`: while waits are pending, the recording plays on by itself. `manual`: only `step`, `seekTo`, `advanceTo` and
   * `playToEnd` play it.
   * @default 'auto'
   */
  pace?: 'auto' | 'manual'
  /**
   * Varies how far the recording plays on before a caller whose wait has ended gets its turn, as live daemons do. The same
   * seed does the same. Without one a caller's turn comes at once.
   */
  seed?: number
  /** Read with this dialect instead of the recording's. */
  dialect?: Dialect
  /** Dialects to find the recording's among, or to choose from. Default: all that come with fusetrace. */
  candidates?: readonly Dialect[]
  /** Finished operations that the monitor's history keeps. @default 50000 */
  historyLimit?: number
  /**
   * Milliseconds of virtual time that a wait without a `timeoutMs` of its own has.
   * @default 5000
   */
  waitTimeoutMs?: number
  /** A row as the replay is to see it, asked when it is played: what was replaced in a recording can be put back. */
  restore?(row: Row): Row
  /** Called for each row when it is played, before its effects. */
  onRow?(row: Row): void
  /**
   * Milliseconds of real time that a test which does nothing else has for beginning or ending its next step, where its recording
   * has that next and a wait is pending. Only then deadlines that lie behind it come nearer.
   * @default 1000
   */
  idleMs?: number
  /** Called for the begin of each step that the test begins itself; `nth` among all marks of the recording. */
  onStep?(begin: MarkRow, nth: number): void
  /** Said at the end of each explanation of a wait that failed: what else there is to try. */
  remark?: string
  /** What is wrong with the recording (damage, an early end), as far as it has been read; for explanations. */
  problem?(): string | null
}

/** A monitor that reads with the recording's dialect, unless another is asked for. */
export function monitorOf(header: RecordingHeader | null, options: ReplayOptions, clock: VirtualClock): TraceMonitor {
  const { dialect, candidates, historyLimit } = options
  return new TraceMonitor({
    clock,
    dialect: dialect ?? candidates?.find((one) => one.name === header?.dialect),
    candidates,
    historyLimit,
    wire: header?.wire,
    mountpoint: header?.mountpoint ?? undefined,
  })
}
