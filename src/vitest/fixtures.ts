import type { Mount } from '../fixture/run.js'
import type { Fence, Mark, MonitorView } from '../monitor/monitor.js'
import type { Session } from '../wait/engine/session.js'
import type { WaitFor } from '../wait/wait-for.js'
import type { AnotherMount } from './more-mounts.js'

/** What a test of `fuseTest` can take. */
export interface FuseFixtures {
  /** The mount and its branches: `mount.fs.writeFile('a.txt', 'x')`. */
  mount: Mount
  /** All waits. By default they see what started since the latest step began. */
  waitFor: WaitFor
  /** Runs a named piece of the test; its begin and end are in the recording. */
  step: Session['step']
  /**
   * Mounts once more, beside the mount of the test: with branches, a monitor, waits and a recording of its own. It is taken down when
   * the test ends.
   *
   * @param options what differs from the options of `fuseTest`
   * @example
   * const second = await another({ daemon: ({ mountpoint }) => ['bindfs', '-f', '-d', mount.branches[0], mountpoint] })
   * await mount.fs.writeFile('a.txt', 'x')
   * expect(await second.mount.fs.readFile('a.txt', 'utf8')).toBe('x')
   */
  another: (options?: AnotherMount) => Promise<FixturesOfMount>
  /** A position for `since`. */
  mark: (name?: string) => Mark
  /** An exact mark: everything before it is in the log when it resolves. */
  fence: () => Promise<Fence>
  /** What has happened, for assertions: `expect(monitor).toHaveCompleted(…)`. */
  monitor: MonitorView
  /** The session behind all of these. */
  session: Session
}

/** The fixtures of one mount. */
export type FixturesOfMount = Omit<FuseFixtures, 'another'>

/** A hook around all tests of a file or suite, with the mount that they share (`scope: 'file'`). */
export type SharedHook = (fn: (fixtures: FixturesOfMount) => unknown, timeout?: number) => void
