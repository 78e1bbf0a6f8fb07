import type { TestContext } from 'vitest'
import { failureReport } from '../fixture/failure-report.js'
import type { Finished, Run } from '../fixture/run.js'
import { annotateFailure } from './annotate.js'
import { outcomeOf, type TaskLike } from './places.js'
import type { SharedRuns } from './shared-runs.js'
import { summaryOf } from './summary.js'

interface Conclusion {
  readonly task: TaskLike
  readonly annotate: TestContext['annotate']
  readonly signal: AbortSignal
  readonly name: string
  readonly summary: boolean
  readonly shared: SharedRuns | null
}

/**
 * The end of a test: ends the run, or leaves it to the file's other tests; tells a failed one what it should know.
 *
 * @throws what the end of the run has to object to, and for a test that ran out of time what it waited for
 */
export async function conclude(run: Run, conclusion: Conclusion): Promise<void> {
  const { task, annotate, signal, name, summary, shared } = conclusion
  const outcome = outcomeOf(task)
  const report = failureReport(run)
  const waits = run.session.waitFor.pending.list()
  const unsatisfied = outcome === 'failed' && signal.aborted ? waits.map((wait) => wait.explain()) : []
  if (summary) say(process.stdout, summaryOf(name, run))
  if (outcome === 'passed')
    for (const { title } of waits) warn(`${name}: ended before its wait for ${title}; no await?`)
  let finished: Finished
  try {
    finished = shared ? shared.leave(task, outcome) : await run.finish(outcome)
  } catch (error) {
    await annotateFailure(task, annotate, report, null)
    throw error
  }
  const { trace, note, problem } = finished
  if (outcome === 'failed') await annotateFailure(task, annotate, [report, note ?? ''].join('\n'), trace)
  if (problem !== null) warn(`${problem}; try: npx fusetrace clean`)
  // A test that ran out of time has said nothing of what it waited for.
  if (unsatisfied.length > 0)
    throw new Error(`the test ran out of time while it waited:\n\n${unsatisfied.join('\n\n')}`)
}

/** A mount that cannot be had: where the test has run out of time meanwhile, nobody but us can say so. */
export async function lateToo(opening: Promise<Run>, signal: AbortSignal, name: string): Promise<Run> {
  try {
    return await opening
  } catch (error) {
    if (signal.aborted) warn(`${name}: ran out of time before it had its mount: ${(error as Error).message}`)
    throw error
  }
}

/** Tells whoever runs the tests. */
export function warn(what: string): void {
  say(process.stderr, `fusetrace: ${what}`)
}

function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`)
}
