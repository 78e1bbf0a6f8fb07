import type { FilterOptions } from '../report/filter.js'

/** The options of `show`, as commander gives them. */
export interface ShowOptions extends FilterOptions {
  lines?: boolean
  operations?: boolean
  steps?: boolean
  calls?: boolean
  all?: boolean
  json?: boolean
  canonical?: boolean
  since?: string
  limit?: string
  web?: boolean
}
