import type { SystemClock } from '../clock.js'
import type { Line, Raw } from '../line/line.js'
import type { KernelRow } from '../recording/row.js'

/**
 * How soon events are handed on: to whoever waits, at once; to whoever listens or records, every few milliseconds; where nobody does,
 * when the machine has time for it. `drain` hands on all in any case.
 */
export type Pace = 'at-once' | 'soon' | 'later'

export interface KernelSourceOptions {
  clock: SystemClock
  /** An event of the connection that is followed; `line` is what the dialect `kernel` reads. */
  onEvent(row: KernelRow, line: (index: number) => Line): void
  /** Events are missing here. */
  onLoss(count: number): void
  /**
   * At pace `later`, of so many that they cannot be kept: a request that has been answered, of which only what it did to names counts.
   */
  onPassed?(send: KernelRow, end: KernelRow): void
  /** So many events, of so many requests, were not handed on, but for `onPassed`. */
  onSkipped?(events: number, requests: number): void
}

/** Requests that somebody waits for. */
export interface WantedRequest {
  readonly opcode: string
  /** A name that is in it, where it is about one in a directory; null: any. */
  readonly name: Raw | null
}

/** The kernel's own view of a mount, from before it is there or from the middle of its life. */
export interface KernelSource {
  /** Events come with their arguments: names, nodes, sizes. */
  readonly named: boolean
  /** Why they do not, and what would help; null when they do. */
  readonly note: string | null
  /** The connection that is ours: events of others that were held, and all that come, are left out. */
  follow(connection: number): void
  /** Hands on every event that has happened by now. */
  drain(): void
  pace: Pace
  /** Somebody has begun to wait: the next answers are handed on each by itself. */
  hurry(): void
  /**
   * At pace `at-once`: events are handed on when there is one of such a request, or the answer to one of those that are `open`, and others
   * not before. Null: when there is any.
   *
   * @default null
   */
  narrow(wanted: readonly WantedRequest[] | null, open: readonly number[]): void
  /** Takes what is left, and takes everything down. May be called twice. */
  stop(): Promise<void>
}
