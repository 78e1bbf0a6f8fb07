import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { afterAll } from 'vitest'
import { fileNameOf, recordingFolder } from '../fixture/recording-path.js'
import { namesOf, rootOf, SHARED_NAME, type TaskLike } from './places.js'

interface Collected {
  readonly type: string
  readonly tasks?: readonly Collected[]
}

/** Files that have been looked at: several `fuseTest`s in one are looked at once. */
const seen = new WeakSet<object>()

/** Says, after the tests of a file, which of its recordings no test of it uses. */
export function watchUnused(recordings: string): void {
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures that are wanted off the pattern
  afterAll(({}, suite) => {
    const { file } = suite as unknown as { file?: TaskLike['file'] & Collected & object }
    if (!file || seen.has(file)) return
    seen.add(file)
    const unused = unusedRecordings(file, recordings)
    if (unused.length === 0) return
    const names = unused.map((path) => `  ${path}\n`).join('')
    process.stderr.write(`fusetrace: no test of ${file.name} uses these recordings (delete or rename them):\n${names}`)
  })
}

function unusedRecordings(file: TaskLike['file'] & Collected, recordings: string): string[] {
  const root = rootOf(file)
  const folder = recordingFolder({ root, directory: recordings, testFile: file.filepath })
  const used = new Set([`${SHARED_NAME}.fusetrace`])
  const visit = (task: Collected): void => {
    if (task.type === 'test') used.add(`${fileNameOf(namesOf(task as unknown as TaskLike).join(' '))}.fusetrace`)
    for (const child of task.tasks ?? []) visit(child)
  }
  visit(file)
  return list(folder)
    .filter((name) => name.endsWith('.fusetrace') && !used.has(name))
    .map((name) => relative(root, join(folder, name)))
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
