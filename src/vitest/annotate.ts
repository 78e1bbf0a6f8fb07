import { relative } from 'node:path'
import type { TestContext } from 'vitest'
import { printableLines } from '../line/text.js'
import { rootOf } from './places.js'
import { shellWord } from './shell-word.js'
import type { TaskLike } from './task.js'

/**
 * Reports, through vitest's annotations, what a failed test should know of its mount and where its trace is.
 *
 * @param page the trace as a page: an artifact of the test where it is written already
 */
export async function annotateFailure(
  task: TaskLike,
  annotate: TestContext['annotate'],
  report: string,
  kept: string | null,
  page: { readonly path: string; readonly written: boolean } | null = null,
): Promise<void> {
  const trace = kept === null ? null : relative(rootOf(task.file), kept)
  const lines = [report]
  if (page !== null) lines.push(`report: ${relative(rootOf(task.file), page.path)}`)
  if (trace !== null) lines.push(`trace: ${trace}`, `see it: npx fusetrace show ${shellWord(trace)}`)
  const { result } = task
  const state = result?.state
  // Vitest takes annotations while a test runs; ours are made when its outcome is known.
  if (result) result.state = 'run'
  const annotated: Promise<unknown>[] = []
  try {
    annotated.push(annotate(printableLines(lines.join('\n').trim()), 'fusetrace'))
    // Vitest names its copy by the message: that has to be short.
    if (page?.written)
      annotated.push(annotate('fusetrace report', 'fusetrace', { path: page.path, contentType: 'text/html' }))
  } finally {
    if (result && state !== undefined) result.state = state
  }
  await Promise.all(annotated)
}
