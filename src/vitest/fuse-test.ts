import { test as base, type TestAPI } from 'vitest'
import { type Mode, settingsFrom } from '../fixture/modes.js'
import { openRun } from '../fixture/open-run.js'
import type { FuseTestOptions } from '../fixture/options.js'
import type { Mount, Run, RunPlan } from '../fixture/run.js'
import type { Fence, Mark, MonitorView } from '../monitor/monitor.js'
import type { Session } from '../wait/engine/session.js'
import type { WaitFor } from '../wait/wait-for.js'
import { closeLateRun, conclude } from './conclude.js'
import { placesOf, type TaskLike } from './places.js'
import { namesOf } from './recording-names.js'
import { SharedRuns } from './shared-runs.js'
import { shellWord } from './shell-word.js'
import { skipWithoutTrace, untracedWaits } from './untraced.js'
import { watchUnused } from './unused.js'

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

/** The test function that `fuseTest` makes. */
export type FuseTest = TestAPI<FuseFixtures>

interface Internals {
  trace: Run
}

/**
 * Makes a test function whose tests each have a FUSE mount, live or in replay, as the setting `FUSETRACE` says
 * (see `settingsFrom`).
 *
 * @example
 * const test = fuseTest({
 *   daemon: ({ mountpoint, branches }) => ['bindfs', '-f', '-d', branches[0], mountpoint],
 * })
 * test('a created file becomes visible', async ({ mount, waitFor, step }) => {
 *   await step('create', () => mount.fs.writeFile('a.txt', 'content'))
 *   await waitFor.fileVisible('a.txt')
 * })
 */
export function fuseTest(options: FuseTestOptions): FuseTest {
  const recordings = options.recordings ?? 'recordings'
  watchUnused(recordings)
  const shared = options.scope === 'file' ? new SharedRuns((task) => placesOf(task, recordings, true)) : null
  return base.extend<FuseFixtures & Internals>({
    trace: async ({ task, annotate, signal, skip, onTestFinished }, use) => {
      const { mode, summary } = settings(options)
      const plan = planOf(task, options, recordings)
      const name = namesOf(task).join(' > ')
      const open = (): Promise<Run> => openRun(shared ? plan : { ...plan, signal }, mode)
      const run = await closeLateRun(shared ? shared.enter(task, name, mode, open) : open(), signal, name)
      if (mode === 'off') skipWithoutTrace(run.monitor, skip)
      // Thrown from here, vitest would report it twice.
      let objection: unknown = null
      onTestFinished(() => {
        if (objection !== null) throw objection
      })
      await use(run)
      objection = await conclude(run, { task, annotate, signal, name, recording: plan.recording, summary, shared })
    },
    mount: async ({ trace }, use) => use(trace.mount),
    waitFor: async ({ trace: { session, monitor } }, use) =>
      use(settings(options).mode === 'off' ? untracedWaits(session.waitFor, monitor) : session.waitFor),
    step: async ({ trace }, use) => use((name, fn) => trace.session.step(name, fn)),
    mark: async ({ trace }, use) => use((name) => trace.session.mark(name)),
    fence: async ({ trace }, use) => use(() => trace.session.fence()),
    monitor: async ({ trace }, use) => use(trace.monitor),
    session: async ({ trace }, use) => use(trace.session),
  }) as unknown as FuseTest
}

function settings(options: FuseTestOptions): { mode: Mode; summary: boolean } {
  const given = settingsFrom(process.env)
  return { ...given, mode: options.mode ?? given.mode }
}

function planOf(task: TaskLike, options: FuseTestOptions, recordings: string): RunPlan {
  const { recording, failed, file } = placesOf(task, recordings, options.scope === 'file')
  const name = namesOf(task).join(' ')
  // To vitest it is a regular expression.
  const pattern = options.scope === 'file' ? '' : ` -t ${shellWord(name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))}`
  return {
    options,
    recording,
    failed,
    name: task.id,
    recordCommand: `FUSETRACE=record npx vitest run ${shellWord(file)}${pattern}`,
  }
}
