import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { register, removeDirectory } from './leftovers.js'

/** A temporary directory that is noted: `clean` removes it where the run that made it was killed. */
export interface NotedDirectory {
  readonly path: string
  /** Removes it with all that is in it, and its note; where something is mounted in it both stay. */
  remove(): void
  /** Removes it only where nothing is in it and nothing is mounted on it; else both stay. */
  removeEmpty(): void
}

/** Makes `fusetrace-KIND-…` among the temporary files, for this user alone. */
export function makeNotedDirectory(kind: string): NotedDirectory {
  const path = mkdtempSync(join(tmpdir(), `fusetrace-${kind}-`))
  const registration = register({ name: basename(path), directory: path })
  return {
    path,
    remove() {
      if (removeDirectory(path) === null) registration.remove()
    },
    removeEmpty() {
      try {
        rmdirSync(path)
        registration.remove()
      } catch {
        // Still mounted, or written to: not ours to delete.
      }
    },
  }
}
