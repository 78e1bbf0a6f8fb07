import type { Dialect } from '../dialect/core/dialect.js'
import { suggest } from '../drift/suggest/suggest.js'
import type { Line } from '../line/line.js'
import { openRecording } from '../recording/reader.js'
import { dialectOf, profileOf } from './drift-input.js'

/** A dialect file that makes the new log understood as the old one was; null when none is needed or found. */
export async function suggestion(file: string, lines: readonly Line[], given: Dialect | null): Promise<string | null> {
  const reader = openRecording(file)
  try {
    const dialect = dialectOf(reader, given)
    return dialect === null ? null : suggest(profileOf(reader, given), dialect, lines)
  } finally {
    reader.close()
  }
}
