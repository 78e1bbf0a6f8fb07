import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { makeFolderFor } from '../fixture/move-trace.js'
import type { Run } from '../fixture/run.js'
import { openRecording } from '../recording/reader.js'
import type { SettledWait } from '../wait/engine/settled.js'

/** The page of a longer recording is made only when somebody asks for it. */
const MAX_BYTES = 64 * 1024 * 1024
/** Waits of one run that are remembered. */
const MAX_WAITS = 10_000

const waits = new WeakMap<Run, SettledWait[]>()

/** From here on the waits of a run are remembered, for the report should it fail. */
export function rememberWaits(run: Run): void {
  if (waits.has(run)) return
  const list: SettledWait[] = []
  waits.set(run, list)
  run.session.waitFor.pending.onSettled((wait) => {
    if (list.length < MAX_WAITS) list.push(wait)
  })
}

/** Where the page of a failure is: beside its trace. */
export const pageOf = (failed: string): string => `${failed.replace(/\.fusetrace$/, '')}.html`

/** There is no failure any more that a page could show. */
export function removePage(failed: string): void {
  rmSync(pageOf(failed), { force: true })
}

/**
 * Makes the page of a test that failed, of its trace; of a replay with the waits of now in place of those that were recorded.
 *
 * @param failed where the trace of a failure goes: the page is put beside it, also when the trace is the test's recording
 * @returns the page; null when there is none, and then `problem` says why
 */
export async function writeReport(
  run: Run,
  trace: string,
  failed: string,
): Promise<{ page: string; problem: null } | { page: null; problem: string }> {
  const page = pageOf(failed)
  try {
    if (statSync(trace).size > MAX_BYTES)
      return { page: null, problem: 'its trace is long: fusetrace report makes one' }
    const { makeReport } = await import('../report/page.js')
    const reader = openRecording(trace)
    try {
      const own = run.mount.live ? {} : { waits: waits.get(run) ?? [] }
      const { html } = makeReport([{ reader, name: basename(trace), ...own }])
      makeFolderFor(page)
      writeFileSync(`${page}.partial`, html)
      renameSync(`${page}.partial`, page)
    } finally {
      reader.close()
    }
    return { page, problem: null }
  } catch (error) {
    rmSync(`${page}.partial`, { force: true })
    return { page: null, problem: (error as Error).message }
  }
}
