import type { Dialect } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import { openRecording } from '../recording/reader.js'
import { lineOf } from '../recording/row.js'
import { suggest } from '../suggest/suggest.js'
import { dialectOf } from './drift-input.js'

/** Lines of a log that a suggestion is made from. */
export const KEPT_LINES = 20_000

/** A dialect file that makes the new log understood as the old one was; null when none is needed or found. */
export async function suggestion(file: string, lines: readonly Line[], given: Dialect | null): Promise<string | null> {
  const reader = openRecording(file)
  try {
    const dialect = dialectOf(reader, given)
    if (dialect === null) return null
    const old: Line[] = []
    for (const row of reader.rows({ kinds: ['line'] })) {
      if (row.kind === 'line' && old.push(lineOf(row, old.length)) >= KEPT_LINES) break
    }
    return suggest(old, lines, dialect)
  } finally {
    reader.close()
  }
}
