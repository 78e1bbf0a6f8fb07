import { afterAll, beforeAll } from 'vitest'
import type { Mode } from '../fixture/modes.js'
import type { Run } from '../fixture/run.js'
import { closeLateRun } from './conclude.js'
import type { FixturesOfMount, SharedHook } from './fixtures.js'
import type { SharedRuns } from './shared-runs.js'
import type { TaskLike } from './task.js'

/** A suite, or the file itself, as hooks get it. */
type Suite = Omit<TaskLike, 'suite'> & { readonly suite?: Suite; readonly type?: string }

/** The hooks of `scope: 'file'`: each is a step of the file's recording. */
export function sharedHooks(
  shared: SharedRuns,
  mode: () => Mode,
  open: (task: TaskLike) => Promise<Run>,
  fixtures: (run: Run) => FixturesOfMount,
): { beforeAll: SharedHook; afterAll: SharedHook } {
  const hook =
    (name: 'beforeAll' | 'afterAll', declare: typeof beforeAll): SharedHook =>
    (fn, timeout) => {
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are wanted off the pattern
      declare(async ({}, given) => {
        const suite = given as unknown as Suite
        const task = suite as TaskLike
        const title = [name, ...titlesOf(suite)].join(' ')
        const { run } = await closeLateRun(
          shared.enter(task, title, mode(), () => open(task)),
          NEVER,
          title,
        )
        let passed = false
        try {
          await fn(fixtures(run))
          passed = true
        } finally {
          await run
            .leave(title, passed ? 'passed' : 'failed')
            .finally(() => shared.leave(task, passed ? 'passed' : 'failed'))
        }
      }, timeout)
    }
  return { beforeAll: hook('beforeAll', beforeAll), afterAll: hook('afterAll', afterAll as typeof beforeAll) }
}

const NEVER = new AbortController().signal

/** Names of a suite and of those around it; none for the file itself. */
function titlesOf(suite: Suite | undefined): string[] {
  if (suite === undefined || (suite as object) === suite.file) return []
  return [...titlesOf(suite.suite), suite.name].filter((name) => name !== '')
}
