import type { Dialect } from './dialect.js'

/** All dialects that come with fusetrace, in the order in which doubt is settled. */
export const dialects: readonly Dialect[] = []
