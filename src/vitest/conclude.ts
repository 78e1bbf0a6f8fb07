import type { TestContext } from 'vitest'
import { FusetraceError } from '../errors.js'
import { failureReport } from '../fixture/failure-report.js'
import type { Run } from '../fixture/run.js'
import type { PendingWait } from '../wait/pending.js'
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
 * @returns what is to be reported as an error: an objection to how the test used its recording; of a test that ran out of
 * time, which waits were pending. Null when there is nothing.
 */
export async function conclude(run: Run, conclusion: Conclusion): Promise<unknown> {
  const { task, annotate, signal, name, summary, shared } = conclusion
  const outcome = outcomeOf(task)
  const report = failureReport(run)
  const waits = run.session.waitFor.pending.list()
  // A test that ran out of time has said nothing of what it waited for.
  const tooLate = outcome === 'failed' && signal.aborted ? unsatisfied(waits) : null
  if (summary && !shared) say(process.stdout, summaryOf(name, run))
  if (outcome === 'passed')
    for (const { title } of waits) warn(`${name}: ended before its wait for ${title}; no await?`)
  try {
    if (shared) await run.leave(name, outcome)
    const { trace, note, problem } = shared ? shared.leave(task, outcome) : await run.finish(outcome)
    if (outcome === 'failed') await annotateFailure(task, annotate, [report, note ?? ''].join('\n'), trace)
    if (problem !== null) warn(`${problem}; try: npx fusetrace clean`)
    return tooLate
  } catch (error) {
    shared?.leave(task, 'failed')
    await annotateFailure(task, annotate, report, null)
    return error
  }
}

/** Says what the waits waited for, at the place in the test that called the last of them. */
function unsatisfied(waits: readonly PendingWait[]): Error | null {
  const last = waits.at(-1)
  if (!last) return null
  const all = waits.map((wait) => wait.explain()).join('\n\n')
  const error = new Error(`the test ran out of time while it waited:\n\n${all}`)
  error.stack = `${error.name}: ${error.message}\n${last.caller}`
  return error
}

/** A mount that cannot be had: where the test has run out of time meanwhile, nobody but us can say so. */
export async function lateToo(opening: Promise<Run>, signal: AbortSignal, name: string): Promise<Run> {
  try {
    return await opening
  } catch (error) {
    if (signal.aborted) warn(`${name}: ran out of time before it had its mount: ${(error as Error).message}`)
    throw withHint(error)
  }
}

/** Vitest shows messages and stacks, and nothing else that an error holds. */
function withHint(error: unknown): unknown {
  if (!(error instanceof FusetraceError) || error.hint === undefined || error.message.includes(error.hint)) return error
  const { message, stack } = error
  error.message = `${message}\n${error.hint}`
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message)
  return error
}

/** Tells whoever runs the tests. */
export function warn(what: string): void {
  say(process.stderr, `fusetrace: ${what}`)
}

function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`)
}
