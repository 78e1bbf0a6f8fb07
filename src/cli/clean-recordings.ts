import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FusetraceError } from '../errors.js'
import { isOfTest, orphansIn, type UnusedRecording, unusedByNotes } from '../fixture/unused-recordings.js'

/** A recording that no test uses, and what came of it. */
export interface CleanedRecording extends UnusedRecording {
  readonly removed: boolean
  readonly problem: string | null
}

/**
 * Removes recordings of tests that no test uses. Only files that are recordings which a test has made are touched.
 *
 * @param directory of the recordings, from the project's root
 * @param dry nothing is removed
 * @throws FT_USAGE when there is no such directory below the root
 */
export function cleanRecordings(
  root: string,
  directory: string,
  dry: boolean,
): { cleaned: CleanedRecording[]; stale: string[] } {
  if (directory.startsWith('/') || directory.split('/').includes('..')) {
    throw new FusetraceError('FT_USAGE', `--recordings ${directory} is not a directory of this project`, {
      hint: "call it from the project's root, with the directory as seen from there",
    })
  }
  const recordings = directory.replace(/^\.\//, '').replace(/\/+$/, '')
  if (!statSync(join(root, recordings), { throwIfNoEntry: false })?.isDirectory()) {
    throw new FusetraceError('FT_USAGE', `there is no directory ${directory} here`, {
      hint: "call it from the project's root; another directory: --recordings DIR",
    })
  }
  const { unused, stale } = unusedByNotes(root, recordings)
  const all = new Map([...unused, ...orphansIn(root, recordings)].map((each) => [each.path, each]))
  const cleaned = [...all.values()].map((each) => ({ ...each, ...remove(join(root, each.path), dry) }))
  return { cleaned, stale }
}

function remove(path: string, dry: boolean): { removed: boolean; problem: string | null } {
  if (!isOfTest(path)) return { removed: false, problem: 'it stays, as it is no recording that a test has made' }
  if (dry) return { removed: false, problem: null }
  try {
    rmSync(path)
    return { removed: true, problem: null }
  } catch (error) {
    return { removed: false, problem: (error as Error).message }
  }
}
