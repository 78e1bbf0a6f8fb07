import { FusetraceError } from '../errors.js'
import type { Line } from '../line/line.js'
import { LineSplitter } from '../line/splitter.js'
import { isRecording } from '../recording/format.js'
import { openRecording } from '../recording/reader.js'
import { lineOf } from '../recording/row.js'
import { readLog } from './log-file.js'
import { StampedReader } from './stamped.js'

/** Kept of a line: enough to see what it is. */
const MAX_LINE_BYTES = 1 << 20

/** Lines, whether there are further ones, and what is wrong with the recording that they are of. */
export interface FirstLines {
  readonly lines: Line[]
  readonly more: boolean
  readonly problem: string | null
}

/**
 * The first lines of a log or of a recording.
 *
 * @throws FT_INPUT when it cannot be read, or a stamped log has a line without a stamp
 */
export async function firstLines(
  path: string,
  { most, stamped }: { most: number; stamped: boolean },
): Promise<FirstLines> {
  const lines: Line[] = []
  const reader = stamped ? new StampedReader() : null
  let first = true
  const splitter = new LineSplitter({
    onLine: (line) => lines.push(reader?.read(line) ?? line),
    maxLineBytes: MAX_LINE_BYTES,
  })
  for await (const chunk of readLog(path)) {
    if (first && isRecording(chunk)) {
      if (path !== '-') return recordedLines(path, most)
      throw new FusetraceError('FT_INPUT', 'stdin holds a recording', { hint: 'give its file name instead of -' })
    }
    first = false
    splitter.push('stdout', chunk, 0)
    if (lines.length > most) return { lines: lines.slice(0, most), more: true, problem: null }
  }
  splitter.end(0)
  return { lines: lines.slice(0, most), more: lines.length > most, problem: null }
}

function recordedLines(path: string, most: number): FirstLines {
  const reader = openRecording(path)
  const lines: Line[] = []
  try {
    for (const row of reader.rows({ kinds: ['line'] })) {
      if (row.kind !== 'line') continue
      if (lines.length === most) return { lines, more: true, problem: reader.problem }
      lines.push(lineOf(row, lines.length))
    }
    return { lines, more: false, problem: reader.problem }
  } finally {
    reader.close()
  }
}
