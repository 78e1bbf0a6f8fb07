import { join } from 'node:path'
import { recordingFolder } from '../fixture/recording-path.js'
import type { Outcome } from '../fixture/run.js'
import { recordingNames } from './recording-names.js'

/** What of a vitest task is needed here. */
export interface TaskLike {
  readonly id: string
  readonly name: string
  readonly suite?: { readonly name: string; readonly suite?: TaskLike['suite'] } | undefined
  readonly file: { readonly filepath: string; readonly name: string; readonly projectName?: string | undefined }
  /** Of the test, ms. */
  readonly timeout?: number | undefined
  readonly fails?: boolean | undefined
  result?:
    | {
        state?: string
        pending?: boolean | undefined
        note?: string | undefined
        repeatCount?: number
        errors?: unknown[]
      }
    | undefined
}

/** How a test has ended, as far as it has; of `test.fails` failing is what it should do. */
export function outcomeOf({ result, fails }: TaskLike): Outcome {
  if (result?.pending || result?.state === 'skip') return 'skipped'
  return (result?.state === 'fail') === (fails === true) ? 'passed' : 'failed'
}

/** The project's root: a file's name is its path from there. */
export function rootOf(file: TaskLike['file']): string {
  return file.filepath.endsWith(`/${file.name}`) ? file.filepath.slice(0, -file.name.length - 1) : process.cwd()
}

/** Name of the recording that all tests of a file share; no test's is like it. */
export const SHARED_NAME = '(file)'

/** Where a test's recording is, where the trace goes when it fails, and the test file as the user would name it. */
export function placesOf(
  task: TaskLike,
  recordings: string,
  shared: boolean,
): { recording: string; failed: string; unverified: string; file: string } {
  const root = rootOf(task.file)
  const name = shared ? SHARED_NAME : recordingNames(task.file).get(task.id)
  const folder = (directory: string): string => recordingFolder({ root, directory, testFile: task.file.filepath })
  return {
    recording: join(folder(recordings), `${name}.fusetrace`),
    failed: join(folder(join('.fusetrace', 'failed')), `${name}.fusetrace`),
    unverified: join(folder(join('.fusetrace', 'unverified')), `${name}.fusetrace`),
    file: task.file.name,
  }
}
