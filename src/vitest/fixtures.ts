import type { Mount } from '../fixture/run.js'
import type { Fence, Mark, MonitorView } from '../monitor/monitor.js'
import type { Session } from '../wait/engine/session.js'
import type { WaitFor } from '../wait/wait-for.js'

/** What a test of `fuseTest` can take. */
export interface FuseFixtures {
  /** The mount and its branches: `mount.fs.writeFile('a.txt', 'x')`. */
  mount: Mount
  /** All waits. By default they look at what started since the latest step began. */
  waitFor: WaitFor
  /** Runs a named piece of the test; its begin and end are in the recording. */
  step: Session['step']
  /** A position for `since`. */
  mark: (name?: string) => Mark
  /** An exact mark: everything before it is in the log when it resolves. */
  fence: () => Promise<Fence>
  /** What has happened, for assertions: `expect(monitor).toHaveCompleted(…)`. */
  monitor: MonitorView
  /** The session behind all of these. */
  session: Session
}

/** A hook around all tests of a file or suite, with the mount that they share (`scope: 'file'`). */
export type SharedHook = (fn: (fixtures: FuseFixtures) => unknown, timeout?: number) => void
