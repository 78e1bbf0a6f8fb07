import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formerFolder, recordingFolder } from '../fixture/recording-path.js'
import { recordingNames } from './recording-names.js'
import type { TaskLike } from './task.js'

/** The project's root: a file's name is its path from there. */
export function rootOf(file: TaskLike['file']): string {
  return file.filepath.endsWith(`/${file.name}`) ? file.filepath.slice(0, -file.name.length - 1) : process.cwd()
}

/** Name of the recording that all tests of a file share; no test's is like it. */
export const SHARED_NAME = '(file)'

/**
 * Where a test's recording is, where the trace goes when it fails, and the test file as the user would name it.
 *
 * @param reads it is to be replayed: then it may be where tests of files of like names had theirs before
 */
export function placesOf(
  task: TaskLike,
  recordings: string,
  shared: boolean,
  reads = false,
): { recording: string; failed: string; unverified: string; file: string } {
  const root = rootOf(task.file)
  const name = shared ? SHARED_NAME : recordingNames(task.file).get(task.id)
  const folder = (directory: string): string => recordingFolder({ root, directory, testFile: task.file.filepath })
  const recording = join(folder(recordings), `${name}.fusetrace`)
  const former = reads ? formerFolder({ root, directory: recordings, testFile: task.file.filepath }) : null
  const before = former === null || existsSync(recording) ? null : join(former, `${name}.fusetrace`)
  return {
    recording: before !== null && existsSync(before) ? before : recording,
    failed: join(folder(join('.fusetrace', 'failed')), `${name}.fusetrace`),
    unverified: join(folder(join('.fusetrace', 'unverified')), `${name}.fusetrace`),
    file: task.file.name,
  }
}
