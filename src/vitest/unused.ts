import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { afterAll } from 'vitest'
import { recordingFolder } from '../fixture/recording-path.js'
import { openRecording } from '../recording/reader.js'
import { withoutMountNumber } from './more-mounts.js'
import { rootOf, SHARED_NAME } from './places.js'
import { recordingNames } from './recording-names.js'
import { warn } from './say.js'
import type { TaskLike } from './task.js'

type File = TaskLike['file']

/** Files that have been looked at: several `fuseTest`s in one are looked at once. */
const seen = new WeakSet<object>()

/** Says, after the tests of a file, which of its recordings no test of it uses; and which have no test file any more. */
export function watchUnused(recordings: string): void {
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are wanted off the pattern
  afterAll(({}, suite) => {
    const { file } = suite as unknown as { file?: File }
    if (!file || seen.has(file)) return
    seen.add(file)
    report(`no test of ${file.name} uses these recordings`, unusedRecordings(file, recordings))
    report('the test files of these recordings are gone', orphans(file, recordings))
  })
}

function report(what: string, unused: readonly string[]): void {
  if (unused.length > 0) warn(`${what} (delete or rename them):\n${unused.map((path) => `  ${path}`).join('\n')}`)
}

function unusedRecordings(file: File, recordings: string): string[] {
  const root = rootOf(file)
  const folder = recordingFolder({ root, directory: recordings, testFile: file.filepath })
  const used = new Set([SHARED_NAME, ...recordingNames(file).values()].map((name) => `${name}.fusetrace`))
  return list(folder, false)
    .filter((name) => !used.has(ownName(name)))
    .map((name) => relative(root, join(folder, name)))
}

/** Those of other mounts of a test go with its own. */
const ownName = (name: string): string => `${withoutMountNumber(name.replace(/\.fusetrace$/, ''))}.fusetrace`

/**
 * Recordings of tests whose files are gone. All test files see them; the first of those that have recordings tells, so that
 * a full run says it once.
 */
function orphans(file: File, recordings: string): string[] {
  const root = rootOf(file)
  const all = list(join(root, recordings), true)
  const folders = [...new Set(all.map((name) => dirname(name)))].filter((folder) => folder !== '.')
  const own = relative(
    join(root, recordings),
    recordingFolder({ root, directory: recordings, testFile: file.filepath }),
  )
  if (folders.find((folder) => hasTestFile(root, folder)) !== own) return []
  const gone = folders.filter((folder) => !hasTestFile(root, folder))
  return all
    .filter((name) => gone.includes(dirname(name)) && isOfTest(join(root, recordings, name)))
    .map((name) => join(recordings, name))
}

function hasTestFile(root: string, folder: string): boolean {
  const path = join(root, folder)
  const kinds = ['.test', '.spec', ''].flatMap((kind) =>
    ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs', 'tsx', 'jsx'].map((end) => `${kind}.${end}`),
  )
  return kinds.some((ending) => existsSync(path + ending))
}

/** There may be other recordings beside those of tests. */
function isOfTest(path: string): boolean {
  try {
    const reader = openRecording(path)
    reader.close()
    return reader.header.origin === 'test'
  } catch {
    return false
  }
}

/** Recordings in a folder, sorted. */
function list(folder: string, recursive: boolean): string[] {
  try {
    const names = readdirSync(folder, { recursive, encoding: 'utf8' })
    return names
      .filter((name) => name.endsWith('.fusetrace'))
      .map((name) => name.split(sep).join('/'))
      .sort()
  } catch {
    return []
  }
}
