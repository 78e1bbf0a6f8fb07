import { hasPlaceholder } from '../live/options.js'
import { makeNotedDirectory } from '../mount/noted-directory.js'

/** Where a daemon is to mount. */
export interface MountDirectory {
  /** Null when only the daemon's arguments name it. */
  readonly path: string | null
  /** Removes the directory again, if it was made here, is not mounted and is empty. */
  remove(): void
}

/** The directory that was given, or a fresh one where the command has a placeholder for it. */
export function mountDirectory(given: string | undefined, daemon: readonly string[]): MountDirectory {
  if (given !== undefined || !hasPlaceholder(daemon)) return { path: given ?? null, remove: () => undefined }
  const directory = makeNotedDirectory('mount')
  return { path: directory.path, remove: () => directory.removeEmpty() }
}
