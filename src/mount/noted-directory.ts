import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { register, removeDirectory } from './leftovers.js'

/** A temporary directory that is noted: `clean` removes it where the run that made it was killed. */
export interface NotedDirectory {
  readonly path: string
  /** Removes it with all that is in it, and its note; where something is mounted in it both stay. */
  remove(): void
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
  }
}
