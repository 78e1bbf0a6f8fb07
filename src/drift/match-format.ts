import type { Dialect } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import { linesOf } from '../line/splitter.js'
import { openRecording } from '../recording/reader.js'
import { compareProfiles } from './compare/compare.js'
import type { Comparison } from './findings/finding.js'
import { LogProfiler, profileRecording } from './profile/read-profile.js'

/**
 * Holds a log (its text, bytes or lines) against the format of a recording, for assertions in tests.
 *
 * @throws FT_INPUT when the recording cannot be read
 * @example
 * const { findings } = matchFormat(log, 'recordings/good.fusetrace', dialects)
 */
export function matchFormat(
  log: string | Uint8Array | readonly Line[],
  recording: string,
  candidates: readonly Dialect[],
): Comparison {
  const bytes = typeof log === 'string' ? Buffer.from(log, 'utf8') : log
  const lines = bytes instanceof Uint8Array ? linesOf(bytes) : bytes
  const reader = openRecording(recording)
  try {
    const dialect = candidates.find(({ name }) => name === reader.header.dialect) ?? null
    const before = profileRecording(reader, { dialect, candidates })
    const profiler = new LogProfiler({ usual: dialect, candidates, streamsKnown: lines === bytes })
    for (const line of lines) profiler.push(line)
    return compareProfiles(before, profiler.end(lines.at(-1)?.atNs ?? 0))
  } finally {
    reader.close()
  }
}
