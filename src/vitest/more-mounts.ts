import type { Mode } from '../fixture/modes.js'
import { openRun } from '../fixture/open-run.js'
import { checkOptions, type FuseTestOptions } from '../fixture/options.js'
import type { KeptBetweenRuns, Outcome, Run, RunPlan } from '../fixture/run.js'
import { checkKeys } from '../known-keys.js'
import { outcomeOf, type TaskLike } from './task.js'

/** What of `fuseTest`'s options another mount of a test can have of its own. */
export type AnotherMount = Partial<
  Pick<FuseTestOptions, 'daemon' | 'branches' | 'setup' | 'teardown' | 'wire' | 'kernel' | 'dialect' | 'readyMs'>
>

const OWN: readonly (keyof AnotherMount)[] = [
  'daemon',
  'branches',
  'setup',
  'teardown',
  'wire',
  'kernel',
  'dialect',
  'readyMs',
]

const numbered = (path: string, nth: number): string => path.replace(/\.fusetrace$/, ` (mount ${nth}).fusetrace`)

/** Mounts that a test makes beside its own, each with branches, a monitor and a recording of its own. */
export class MoreMounts {
  readonly #runs: Run[] = []
  readonly #plans: RunPlan[] = []

  /**
   * Opens one, live where the test's own mount is.
   *
   * @throws {FusetraceError} as `openRun`; `FT_USAGE` for an option that there is not
   */
  async open(
    own: Run,
    plan: RunPlan,
    options: AnotherMount,
    { mode, kept, signal }: { mode: Mode; kept: KeptBetweenRuns; signal: AbortSignal },
  ): Promise<Run> {
    checkKeys('an option of another mount', options, OWN)
    const whole: FuseTestOptions = { ...plan.options, ...options, scope: 'test' }
    checkOptions(whole)
    const nth = this.#plans.length + 2
    const next: RunPlan = {
      ...plan,
      options: whole,
      recording: numbered(plan.recording, nth),
      ...(plan.unverified !== undefined && { unverified: numbered(plan.unverified, nth) }),
      failed: plan.failed === null ? null : numbered(plan.failed, nth),
      name: `${plan.name}-${nth}`,
      kept,
      signal,
    }
    this.#plans.push(next)
    const live = mode === 'once' ? 'record' : mode
    const run = await openRun(next, own.mount.live ? live : 'replay')
    this.#runs.push(run)
    return run
  }

  /** Where each is recorded. */
  get plans(): readonly RunPlan[] {
    return this.#plans
  }

  /**
   * Ends all of them, the latest first.
   *
   * @returns the first objection to how the test used them; null when there is none
   */
  async finish(task: TaskLike, warn: (what: string) => void): Promise<unknown> {
    const outcome: Outcome = outcomeOf(task)
    let objection: unknown = null
    for (const run of this.#runs.reverse()) {
      try {
        const { problem } = await run.finish(outcome, task.result?.note)
        if (problem !== null) warn(`${problem}; try: npx fusetrace clean`)
      } catch (error) {
        objection ??= error
      }
    }
    return objection
  }
}
