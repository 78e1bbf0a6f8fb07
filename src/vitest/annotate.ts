import { relative } from 'node:path'
import type { TestContext } from 'vitest'
import { printableLines } from '../line/text.js'
import { rootOf } from './places.js'
import { shellWord } from './shell-word.js'
import type { TaskLike } from './task.js'

/** Reports, through vitest's annotations, what the reader of a failed test should know of its mount and where its trace is. */
export async function annotateFailure(
  task: TaskLike,
  annotate: TestContext['annotate'],
  report: string,
  kept: string | null,
): Promise<void> {
  const trace = kept === null ? null : relative(rootOf(task.file), kept)
  const lines = [report]
  if (trace !== null) lines.push(`trace: ${trace}`, `see it: npx fusetrace show ${shellWord(trace)}`)
  const { result } = task
  const state = result?.state
  // Vitest takes annotations while a test runs; ours are made when its outcome is known.
  if (result) result.state = 'run'
  let annotated: Promise<unknown>
  try {
    annotated = annotate(printableLines(lines.join('\n').trim()), 'fusetrace')
  } finally {
    if (result && state !== undefined) result.state = state
  }
  await annotated
}
