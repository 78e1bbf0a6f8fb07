import { existsSync } from 'node:fs'
import type { TestContext } from 'vitest'
import { FusetraceError, pointAtCaller } from '../errors.js'
import { failureReport } from '../fixture/failure-report.js'
import { NOWHERE } from '../fixture/replay-run.js'
import type { Run } from '../fixture/run.js'
import { printableLines } from '../line/text.js'
import { annotateFailure } from './annotate.js'
import { say, warn } from './say.js'
import type { SharedRuns } from './shared-runs.js'
import { summaryOf } from './summary.js'
import { outcomeOf, type TaskLike } from './task.js'
import { pageOf, removePage, writeReport } from './write-report.js'

interface Conclusion {
  readonly task: TaskLike
  readonly annotate: TestContext['annotate']
  readonly signal: AbortSignal
  readonly name: string
  /** Where the test's recording is, and where its trace goes when it fails. */
  readonly recording: string
  readonly failed: string
  /** Where its recording is until it has been replayed once. */
  readonly unverified: string
  readonly summary: boolean
  readonly shared: SharedRuns | null
}

/**
 * The end of a test: ends the run, or leaves it to the file's other tests; gives a failed one what its reader should know.
 *
 * @returns what is to be reported as an error: an objection to how the test used its recording; of a test that ran out of
 * time, what it waited for. Null when there is nothing.
 */
export async function conclude(run: Run, conclusion: Conclusion): Promise<unknown> {
  const { task, annotate, signal, name, recording, failed, unverified, summary, shared } = conclusion
  const outcome = outcomeOf(task)
  const report = failureReport(run)
  // A test that ran out of time has said nothing of what it waited for.
  const tooLate = outcome === 'failed' && signal.aborted ? unsatisfied(run) : null
  if (summary && !shared) say(process.stdout, summaryOf(name, run))
  if (outcome === 'passed') for (const what of forgotten(run)) warn(`${name}: ended before ${what}; no await?`)
  try {
    const why = task.result?.note
    if (shared) await run.leave(name, outcome, why)
    const { trace, note, problem } = shared ? shared.leave(task, outcome) : await run.finish(outcome, why)
    if (outcome === 'failed') {
      const notes = [report, awaitedMount(task), note].filter((part) => part !== null)
      const page = shared ? laterPage(failed) : await pageFor(run, [trace, unverified], failed)
      await annotateFailure(task, annotate, notes.join('\n'), trace, page)
    } else if (!shared) removePage(failed)
    if (problem !== null) warn(`${problem}; try: npx fusetrace clean`)
    return tooLate
  } catch (error) {
    shared?.leave(task, 'failed')
    await annotateFailure(task, annotate, report, run.mount.live ? null : recording)
    return error
  }
}

interface Page {
  readonly path: string
  readonly written: boolean
}

/** The page of a file's run is made when its last test has ended. */
const laterPage = (failed: string): Page => ({ path: pageOf(failed), written: false })

/** The page of a failure; null, and why, where there is none. */
async function pageFor(run: Run, traces: readonly (string | null)[], failed: string): Promise<Page | null> {
  // A recording that does not replay is moved to where it will be named only then.
  const trace = traces.find((path) => path !== null && existsSync(path))
  if (traces[0] === null || trace == null) return null
  const { page, problem } = await writeReport(run, trace, failed)
  if (problem !== null) warn(`no report of ${trace}: ${problem}`)
  return page === null ? null : { path: page, written: true }
}

function forgotten(run: Run): string[] {
  return [
    ...run.pendingCalls().map(({ title }) => `${title} returned`),
    ...run.session.waitFor.pending.list().map(({ title }) => `its wait for ${title}`),
  ]
}

/** Says what was waited for, at the place in the test that called the last of it. */
function unsatisfied(run: Run): Error | null {
  const waits = run.session.waitFor.pending.list()
  const calls = run.pendingCalls()
  const last = waits.at(-1) ?? calls.at(-1)
  if (!last) return null
  const all = [
    ...waits.map((wait) => wait.explain()),
    ...calls.map(({ title }) => `${title} has not returned${run.mount.live ? `; ${run.describeDaemon()}` : ''}`),
  ]
  const error = new Error(`the test ran out of time while it waited:\n\n${printableLines(all.join('\n\n'))}`)
  error.stack = `${error.name}: ${error.message}\n${last.caller}`
  return pointAtCaller(error)
}

/** A test that looks for its mount where none is has the paths of replay in its errors. */
function awaitedMount({ result }: TaskLike): string | null {
  const errors = (result?.errors ?? []) as { message?: unknown }[]
  if (!errors.some(({ message }) => String(message).includes(`${NOWHERE}/`))) return null
  return `in replay there is nothing at ${NOWHERE}: go through mount.fs and mount.branches[i].fs`
}

/** A mount that cannot be had: where the test has run out of time meanwhile, nobody but us can say so. */
export async function closeLateRun<T>(opening: Promise<T>, signal: AbortSignal, name: string): Promise<T> {
  try {
    return await opening
  } catch (error) {
    if (signal.aborted) warn(`${name}: ran out of time before it had its mount: ${(error as Error).message}`)
    throw withHint(error)
  }
}

/** Vitest shows messages and stacks, and nothing else that an error holds; where we came from is nobody's business. */
function withHint(error: unknown): unknown {
  if (!(error instanceof FusetraceError)) return error
  const { hint } = error
  if (hint !== undefined && !error.message.includes(hint)) error.message += `\n${hint}`
  return pointAtCaller(error)
}
