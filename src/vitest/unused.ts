import { relative } from 'node:path'
import { afterAll } from 'vitest'
import { settingsFrom } from '../fixture/modes.js'
import { recordingFolder } from '../fixture/recording-path.js'
import { firstFolder, noteUsed, orphansIn, type UnusedRecording, unusedOf } from '../fixture/unused-recordings.js'
import { rootOf, SHARED_NAME } from './places.js'
import { recordingNames } from './recording-names.js'
import { warn } from './say.js'
import type { TaskLike } from './task.js'

type File = TaskLike['file']

/** Files that have been checked: several `fuseTest`s in one are checked once. */
const seen = new WeakSet<object>()

/**
 * After the tests of a file: which of its recordings no test of it uses, and which have no test file any more. What counts are
 * the tests that the file has, whichever of them run. A warning; in CI a failure (`FUSETRACE_UNUSED`).
 */
export function watchUnused(recordings: string): void {
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are wanted off the pattern
  afterAll(({}, suite) => {
    const { file } = suite as unknown as { file?: File }
    const { unused } = settingsFrom(process.env)
    if (!file || seen.has(file) || unused === 'off') return
    seen.add(file)
    const root = rootOf(file)
    const used = [SHARED_NAME, ...recordingNames(file).values()]
    const note = { file: relative(root, file.filepath), recordings, used }
    noteUsed(root, note)
    const said = [
      ...report(`no test of ${file.name} uses these recordings`, unusedOf(root, note)),
      ...report(
        'the test files of these recordings are gone',
        isFirst(file, recordings) ? orphansIn(root, recordings) : [],
      ),
    ]
    if (said.length === 0) return
    if (unused !== 'fail') for (const text of said) warn(text)
    else {
      const error = new Error(`${said.join('\n')}\n(FUSETRACE_UNUSED=warn lets it pass)`)
      error.stack = `${error.name}: ${error.message}`
      throw error
    }
  })
}

function report(what: string, unused: readonly UnusedRecording[]): string[] {
  if (unused.length === 0) return []
  const paths = unused.map(({ path }) => `  ${path}`).join('\n')
  return [`${what} (rename them, or remove them: npx fusetrace clean --recordings):\n${paths}`]
}

/** All test files see recordings without one; the first of those that have recordings reports, so that a full run says it once. */
function isFirst(file: File, recordings: string): boolean {
  const root = rootOf(file)
  const own = relative(root, recordingFolder({ root, directory: recordings, testFile: file.filepath }))
  return firstFolder(root, recordings) === own
}
