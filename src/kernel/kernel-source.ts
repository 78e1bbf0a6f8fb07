import type { SystemClock } from '../clock.js'
import type { Line } from '../line/line.js'
import type { KernelRow } from '../recording/row.js'

export interface KernelSourceOptions {
  clock: SystemClock
  /** An event of the connection that is followed; `line` is what the dialect `kernel` reads. */
  onEvent(row: KernelRow, line: (index: number) => Line): void
  /** Events are missing here. */
  onLoss(count: number): void
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
  /** Whether somebody waits for what comes: then it is handed on at once. */
  eager: boolean
  /** Takes what is left, and takes everything down. May be called twice. */
  stop(): Promise<void>
}
