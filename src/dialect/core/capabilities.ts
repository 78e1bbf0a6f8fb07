import type { Capabilities } from './dialect.js'

/** A log that shows begin, end, outcome and names of every request, and no times: to be narrowed down by what a dialect shows. */
export const ALL_CAPABILITIES: Capabilities = {
  ids: true,
  start: true,
  end: 'reply',
  errno: 'all',
  path: 'all',
  pid: true,
  timestamps: null,
  lookupNames: true,
}
