import type { Capabilities } from '../core/dialect.js'

/** What logs of tracing-subscriber show, whatever their format. */
export const capabilities: Capabilities = {
  ids: true,
  start: true,
  end: 'inferred',
  errno: 'some',
  path: 'all',
  pid: false,
  timestamps: 'us',
  lookupNames: true,
  // fuser gives the kernel one number for both.
  inodes: true,
}
