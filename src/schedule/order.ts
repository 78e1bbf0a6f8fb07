import type { Operation } from '../operation/operation.js'
import type { ReplayOptions } from '../replay/replay-options.js'
import type { ReplaySession } from '../replay/replay-session.js'

/** What is explored: a test's logic on a session of `openReplay`. It throws where it is not satisfied. */
export type Explored = (session: ReplaySession) => unknown

/** How many orders are tried, and which. */
export interface ExploreRecordingOptions {
  /**
   * Every order with at most so many things at other moments than recorded is tried.
   * @default 1
   */
  preemptions?: number
  /**
   * Beyond those, so many orders with more of them, drawn at random.
   * @default 0
   */
  samples?: number
  /**
   * Of the random orders, and of how far the recording plays on before the test has its turn. The same seed does the same.
   * @default 0
   */
  seed?: number
  /**
   * Bound of all orders that are tried.
   * @default 10000
   */
  maxOrders?: number
  /** Read with this dialect instead of the recording's. */
  dialect?: ReplayOptions['dialect']
  /** Called after each order. */
  onOrder?(tried: number): void
}

/** A thing that came at another moment than it was recorded at. */
export interface Preemption {
  /** The operation whose lines were moved. */
  readonly operation: Operation
  /** `log`: all of it. `end`: it took longer. */
  readonly what: 'log' | 'end'
  /** After what it came: an operation, a mark (`end of create`), or null at the begin. */
  readonly after: Operation | string | null
}

/** An order in which the test fails, though the daemon did the same. */
export interface FailingOrder {
  /** What is different from the recording; none where it fails as recorded. */
  readonly preemptions: readonly Preemption[]
  /** The seed of the turns that it had; null where each came at once. */
  readonly seed: number | null
  /** What the test threw. */
  readonly error: Error
}

/** What trying the orders came to. */
export interface ExploreRecordingReport {
  /** Orders that were tried. */
  readonly orders: number
  /** Orders in which the log would have been read otherwise: they cannot be distinguished from others, and are left out. */
  readonly leftOut: number
  /** False when the bound was met first. */
  readonly complete: boolean
  /** The failing order with the fewest differences that was found; null when there is none. */
  readonly failing: FailingOrder | null
  /** What is wrong with the recording: more orders are possible in what is missing. Null when it is whole. */
  readonly problem: string | null
}
