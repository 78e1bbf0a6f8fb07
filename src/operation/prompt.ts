import type { Dialect } from '../dialect/core/dialect.js'
import type { Raw } from '../line/line.js'

/** A prompt is no longer than this. */
const MAX_PROMPT = 120
const PROMPT = /[$#%>] (?=\S| {3}\S)/g

/**
 * What follows a shell's prompt, `user@host:/mnt$ unique: 4, …`: a terminal shows both in one line. Null unless the dialect
 * surely knows it.
 */
export function behindPrompt(raw: Raw, dialect: Dialect): Raw | null {
  if (raw.length < 8) return null
  const head = raw.slice(0, MAX_PROMPT)
  for (const found of head.matchAll(PROMPT)) {
    // Behind a quote, or far in a line, it is part of somebody's name.
    if (/["'`]/.test(head.slice(0, found.index))) return null
    const rest = raw.slice(found.index + 2)
    if (dialect.recognize(rest) === 2) return rest
  }
  return null
}
