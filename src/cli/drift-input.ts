import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { dialects } from '../dialect/builtin.js'
import type { Dialect } from '../dialect/core/dialect.js'
import type { Profile } from '../drift/profile/profile.js'
import { LogProfiler, profileRecording } from '../drift/profile/read-profile.js'
import { FusetraceError } from '../errors.js'
import { readLog } from '../input/log-file.js'
import { StampedReader } from '../input/stamped.js'
import type { Line } from '../line/line.js'
import { LineSplitter } from '../line/splitter.js'
import { isRecording } from '../recording/format.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import { lineOf } from '../recording/row.js'

/** The dialect that a recording was read with; null when it is none of ours. */
export function dialectOf(reader: RecordingReader, given: Dialect | null): Dialect | null {
  return given ?? dialects.find(({ name }) => name === reader.header.dialect) ?? null
}

/** The format of a recording. */
export function profileOf(reader: RecordingReader, given: Dialect | null): Profile {
  return profileRecording(reader, { dialect: dialectOf(reader, given), candidates: dialects })
}

/**
 * The format of a log or recording that is held against an old one.
 *
 * @param onLine called for every line, so that a part can be kept
 * @throws FT_INPUT when it cannot be read
 */
export async function profileAgainst(
  path: string,
  usual: Dialect | null,
  onLine?: (line: Line) => void,
): Promise<Profile> {
  let profiler: LogProfiler | null = null
  let stamped: StampedReader | null = null
  let lastNs = 0
  const splitter = new LineSplitter({
    onLine(given) {
      if (profiler === null) {
        stamped = isStampedLike(given.raw) ? new StampedReader() : null
        profiler = new LogProfiler({ usual, candidates: dialects, streamsKnown: stamped !== null })
      }
      const line = stamped?.read(given) ?? given
      lastNs = Math.max(lastNs, line.atNs)
      onLine?.(line)
      profiler.push(line)
    },
    maxLineBytes: 1 << 24,
  })
  let first = true
  for await (const chunk of readLog(path)) {
    if (first && isRecording(chunk)) return recordedProfile(path, usual, onLine)
    first = false
    splitter.push('stdout', chunk, 0)
  }
  splitter.end(0)
  const read = (profiler as LogProfiler | null) ?? new LogProfiler({ usual, candidates: dialects, streamsKnown: false })
  return read.end(lastNs)
}

function recordedProfile(path: string, usual: Dialect | null, onLine?: (line: Line) => void): Profile {
  if (path === '-') {
    throw new FusetraceError('FT_INPUT', 'stdin holds a recording', { hint: 'give its file name instead of -' })
  }
  const reader = openRecording(path)
  try {
    if (onLine) {
      let index = 0
      for (const row of reader.rows({ kinds: ['line'] })) {
        if (row.kind === 'line') onLine(lineOf(row, index++))
      }
    }
    return profileRecording(reader, { dialect: usual, candidates: dialects })
  } finally {
    reader.close()
  }
}

/** Is a line of the form that `import --stamped` reads? */
export const isStampedLike = (raw: string): boolean => /^\d{1,19}\t(?:stdout|stderr|tty)\t/.test(raw)

/** Does a file begin as a recording does? */
export async function startsAsRecording(path: string): Promise<boolean> {
  for await (const chunk of readLog(path)) return isRecording(chunk)
  return false
}

/** The recordings below a directory, sorted. */
export function recordingsIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.fusetrace'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  } catch (cause) {
    throw new FusetraceError('FT_INPUT', `cannot read the directory ${directory}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** The opcodes that a test's recording shows: what the test relies on. */
export function opcodesIn(path: string): Set<string> {
  const reader = openRecording(path)
  const opcodes = new Set<string>()
  try {
    for (const row of reader.rows({ kinds: ['operation'] }))
      if (row.kind === 'operation') opcodes.add(row.operation.opcode)
  } finally {
    reader.close()
  }
  return opcodes
}
