import { FusetraceError } from '../errors.js'
import type { Mount } from '../fixture/run.js'

/**
 * A mount for a test that may ask for its path, or unmount it, where there is none (FUSETRACE=wire): such a test cannot be run so, and is
 * skipped with the reason.
 */
export function skippedWithoutPath(mount: Mount, skip: (note: string) => never): Mount {
  const skipped = (error: unknown): never => {
    if (error instanceof FusetraceError && error.code === 'FT_ENVIRONMENT') skip(error.message)
    throw error
  }
  const path = (): string => {
    try {
      return mount.path
    } catch (error) {
      return skipped(error)
    }
  }
  return new Proxy(mount, {
    get(target, name) {
      if (name === 'unmount' || name === 'remount') return () => target[name]().catch(skipped)
      if (name === 'toString') return path
      return name === 'path' ? path() : Reflect.get(target, name)
    },
  })
}
