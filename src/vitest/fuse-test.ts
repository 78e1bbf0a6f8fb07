import { existsSync } from 'node:fs'
import { test as base, beforeAll, type TestAPI } from 'vitest'
import { systemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import type { Mode } from '../fixture/modes.js'
import { openRun } from '../fixture/open-run.js'
import { checkOptions, type FuseTestOptions } from '../fixture/options.js'
import type { KeptBetweenRuns, Run, RunPlan } from '../fixture/run.js'
import type { WaitFor } from '../wait/wait-for.js'
import { closeLateRun, conclude } from './conclude.js'
import type { FixturesOfMount, FuseFixtures, SharedHook } from './fixtures.js'
import { type AnotherMount, MoreMounts } from './more-mounts.js'
import { placesOf } from './places.js'
import { recordCommandOf } from './record-command.js'
import { namesOf } from './recording-names.js'
import { warn } from './say.js'
import { settingsOf } from './settings.js'
import { sharedHooks } from './shared-hooks.js'
import { SharedRuns } from './shared-runs.js'
import { outcomeOf, type TaskLike } from './task.js'
import { changedApi } from './test-api.js'
import { skipWithoutTrace, untracedWaits } from './untraced.js'
import { watchUnused } from './unused.js'
import { recordedOf, turnOf, type Unverified, verified } from './verification.js'
import { skippedWithoutPath } from './without-path.js'
import { rememberWaits } from './write-report.js'

/** The test function that `fuseTest` makes. */
export type FuseTest = TestAPI<FuseFixtures> & {
  /** With `scope: 'file'`: runs before the tests, on the mount that they share. Its calls are recorded. */
  readonly beforeAll: SharedHook
  /** With `scope: 'file'`: runs after the tests, before the mount is taken down. */
  readonly afterAll: SharedHook
}

interface Internals {
  trace: Run
}

/**
 * Makes a test function whose tests each have a FUSE mount, live or in replay, as the setting `FUSETRACE` says
 * (see `settingsFrom`).
 *
 * @throws {FusetraceError} `FT_USAGE` for an option that there is not
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
  checkOptions(options)
  const recordings = options.recordings ?? 'recordings'
  watchUnused(recordings)
  const shared = options.scope === 'file' ? new SharedRuns((task) => placesOf(task, recordings, true)) : null
  const settings = () => settingsOf(options.mode)
  /** What has been said of recordings. */
  const said = new Set<string>()
  /** It has been said that the daemon says nothing. */
  let quiet = false
  const kept: KeptBetweenRuns = {}
  warmFirst(kept, () => settings().mode, recordings)
  /** How to open another mount beside that of a run. */
  const opening = new WeakMap<Run, (given: AnotherMount) => Promise<Run>>()
  const opened = (run: Run, given: AnotherMount): Promise<Run> => {
    const open = opening.get(run)
    return open ? open(given) : Promise.reject(new FusetraceError('FT_USAGE', 'another: the test has ended'))
  }
  const test = base.extend<FuseFixtures & Internals>({
    trace: async ({ task, annotate, signal, skip, onTestFinished }, use) => {
      const { mode, summary, verify } = settings()
      const turn = turnOf(task, verify && !shared && !task.fails)
      // Nothing: what failed has been reported, and vitest reports each of what is thrown.
      if (turn === 'void') throw []
      // Vitest leaves the first turn's state, in which a test can annotate nothing.
      if (turn === 'verify' && task.result) task.result.state = 'run'
      const { plan, places } = planOf(task, options, recordings, verify && !shared && !task.fails)
      const name = namesOf(task).join(' > ')
      const as = turn === 'verify' ? 'replay' : mode
      const open = (): Promise<Run> => openRun(shared ? { ...plan, kept } : { ...plan, kept, signal }, as)
      const entered = shared
        ? shared.enter(task, name, mode, open)
        : open().then((run) => ({ run, skipped: run.skipped }))
      const { run, skipped } = await closeLateRun(entered, signal, name)
      if (skipped !== null) {
        if (shared) await shared.leave(task, 'skipped')
        else await run.finish('skipped')
        skip(`it skipped itself when it was recorded${skipped === '' ? '' : `: ${skipped}`}`)
      }
      if (turn !== 'verify') sayOnce(said, task.file.name, run.remarks)
      if (mode === 'off') skipWithoutTrace(run.monitor, skip)
      // Thrown from here, vitest would report it twice.
      let objection: unknown = null
      onTestFinished(() => {
        if (objection !== null) throw objection
      })
      const more = new MoreMounts()
      opening.set(run, (given) =>
        more.open(run, shared ? { ...plan, ...placesOf(task, recordings, false) } : plan, given, {
          mode: as,
          kept,
          signal,
        }),
      )
      rememberWaits(run)
      await use(run)
      const objectionToMore = await more.finish(task, warn)
      objection = await conclude(run, { task, annotate, signal, name, ...places, summary, shared })
      objection ??= objectionToMore
      if (mode !== 'off' && !shared && !quiet && saysNothing(run)) {
        quiet = true
        warn(`${name}: ${SILENT}`)
      }
      if (turn === 'verify') {
        const failed = verified(task, objection === null && outcomeOf(task) === 'passed')
        objection ??= failed
      } else recordedOf(task, [plan, ...more.plans].flatMap(placeOfUnverified))
    },
    mount: async ({ trace, skip }, use) => use(skippedWithoutPath(trace.mount, skip)),
    waitFor: async ({ trace }, use) => use(waitsOf(trace, settings().mode)),
    step: async ({ trace }, use) => use((name, fn) => trace.session.step(name, fn)),
    another: async ({ trace, skip }, use) =>
      use(async (given = {}) => {
        const fixtures = fixturesOf(await opened(trace, given), settings().mode)
        return { ...fixtures, mount: skippedWithoutPath(fixtures.mount, skip) }
      }),
    mark: async ({ trace }, use) => use((name) => trace.session.mark(name)),
    fence: async ({ trace }, use) => use(() => trace.session.fence()),
    monitor: async ({ trace }, use) => use(trace.monitor),
    session: async ({ trace }, use) => use(trace.session),
  }) as unknown as FuseTest
  const open = (task: TaskLike): Promise<Run> =>
    openRun({ ...planOf(task, options, recordings, false).plan, kept }, settings().mode)
  const fixtures = (run: Run): FixturesOfMount => fixturesOf(run, settings().mode)
  return changedApi(test, {
    twice: () => settings().verify && !shared,
    hooks: shared ? sharedHooks(shared, () => settings().mode, open, fixtures) : {},
  })
}

/** What the first live test would have to start is started before it, and outside of its time. */
function warmFirst(kept: KeptBetweenRuns, mode: () => Mode, recordings: string): void {
  const warm = async (): Promise<void> => {
    const now = mode()
    const isLive = now === 'once' ? !existsSync(recordings) : ['live', 'record', 'off'].includes(now)
    if (!isLive) return
    const { warmUp } = await import('../fixture/warm-up.js')
    await warmUp(kept)
  }
  try {
    beforeAll(warm, WARM_LIMIT_MS)
  } catch {
    // Not where tests are declared: the first does it itself.
  }
}

const WARM_LIMIT_MS = 60_000

const waitsOf = ({ session, monitor }: Run, mode: Mode): WaitFor =>
  mode === 'off' ? untracedWaits(session.waitFor, monitor) : session.waitFor

/** All fixtures at once, for hooks. */
const fixturesOf = (run: Run, mode: Mode): FixturesOfMount => ({
  mount: run.mount,
  waitFor: waitsOf(run, mode),
  step: (name, fn) => run.session.step(name, fn),
  mark: (name) => run.session.mark(name),
  fence: () => run.session.fence(),
  monitor: run.monitor,
  session: run.session,
})

function planOf(
  task: TaskLike,
  options: FuseTestOptions,
  recordings: string,
  verify: boolean,
): { plan: RunPlan; places: ReturnType<typeof placesOf> } {
  const shared = options.scope === 'file'
  const { mode } = settingsOf(options.mode)
  const places = placesOf(task, recordings, shared, mode === 'replay' || mode === 'once')
  const { recording, failed, unverified } = places
  const plan: RunPlan = {
    options,
    recording,
    failed,
    ...(verify && { unverified }),
    name: task.id,
    nowWallNs: systemClock().originWallNs,
    recordCommand: recordCommandOf(task, shared),
    ...waitTimeout(task.timeout),
  }
  return { plan, places }
}

const placeOfUnverified = ({ unverified, recording, failed }: RunPlan): Unverified[] =>
  unverified === undefined || failed === null ? [] : [{ unverified, recording, failed }]

/** A wait that fails before its test runs out of time says what it waited for, and the test says nothing besides. */
function waitTimeout(testMs: number | undefined): { waitTimeoutMs?: number } {
  if (testMs === undefined || !(testMs > 0) || testMs === Number.POSITIVE_INFINITY) return {}
  return { waitTimeoutMs: Math.min(5000, Math.round(testMs * 0.8)) }
}

/** Says what is to be said of recordings, each thing once. */
function sayOnce(said: Set<string>, file: string, remarks: readonly string[]): void {
  for (const remark of remarks) {
    if (said.has(remark)) continue
    said.add(remark)
    warn(`${file}: ${remark}`)
  }
}

/** A daemon whose log shows nothing: waits pass by polling, and nobody would know. */
const saysNothing = ({ mount, monitor }: Run): boolean =>
  mount.live && (monitor.dialect === null || monitor.dialect === 'none') && monitor.recentOperations(1).length === 0

const SILENT =
  'the daemon logs nothing that is understood, so waits only poll the file system: is its debug log on (-d)? fusetrace formats says what can be read'
