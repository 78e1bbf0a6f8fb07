import type { Connection } from '../mount/connection.js'
import type { ReadyMount } from '../mount/readiness.js'
import type { Unmounted } from '../mount/unmount.js'

/** The mount that a session watches, from its begin to its end: one that we make, or one of somebody else's. */
export interface MountSide {
  /**
   * Resolves when the mount is there: our own answers requests by then.
   *
   * @throws FT_DAEMON, FT_ENVIRONMENT, FT_INPUT, FT_ABORTED; what has come about by then is for `takeDown`
   */
  start(): Promise<ReadyMount>
  /** Whether there is anything that a recording should be kept of. */
  readonly begun: boolean
  /** Everything that this side reads and that has happened by now has been handed on when this returns. */
  catchUp(): void
  /** The state of the daemon in a few words; `connection` knows how many requests wait for it. */
  describe(connection: Connection | null): string
  /** Ends it, as far as it is ours, and its log. Never throws, never hangs; may be called again. */
  takeDown(): Promise<Unmounted>
}
