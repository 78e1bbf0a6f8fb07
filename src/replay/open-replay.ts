import { closest } from '../closest.js'
import { dialects } from '../dialect/builtin.js'
import { FusetraceError } from '../errors.js'
import { checkKeys, keysOf } from '../known-keys.js'
import { openRecording } from '../recording/reader.js'
import type { MarkRow, RecordingHeader, Row } from '../recording/row.js'
import { KINDS } from '../recording/row-codec.js'
import { marksOf } from './marks.js'
import type { ReplayOptions } from './replay-options.js'
import { ReplaySession } from './replay-session.js'

/** A recording that is open already, or rows in memory. */
export type ReplaySource =
  | string
  | readonly Row[]
  | {
      readonly header: RecordingHeader
      rows(): Iterable<Row>
      /** All marks among the rows, where they are known: then the rows need not be looked ahead for them. */
      marks?(): readonly MarkRow[]
    }

/**
 * Opens a recording for replay: the same monitor and the same waits as live, on a virtual clock, without FUSE.
 *
 * @param source path of a recording, an open one, or rows
 * @throws {FusetraceError} `FT_INPUT`, `FT_RECORDING` or `FT_RECORDING_VERSION` when it cannot be read; `FT_USAGE` for an option
 * that there is not, and for rows that hold operations but no lines
 * @example
 * await using session = await openReplay('recordings/create.fusetrace')
 * const created = await session.waitFor.fileVisible('a.txt')
 */
export async function openReplay(source: ReplaySource, options: ReplayOptions = {}): Promise<ReplaySession> {
  checkKeys('an option of openReplay', options, OPTIONS)
  const all = { candidates: dialects, ...options }
  if (typeof source !== 'string') {
    checkRows('rows' in source ? null : source)
    return 'rows' in source
      ? new ReplaySession(source.rows(), source.header, all, source.marks && (() => source.marks?.() ?? []))
      : new ReplaySession(source, null, all)
  }
  const recording = openRecording(source)
  const marks = recording.seekable ? () => marksIn(source) : undefined
  return new ReplaySession(
    rowsOf(recording, options.onRow !== undefined),
    recording.header,
    { ...all, problem: () => recording.problem },
    marks,
  )
}

/** Reads a file's marks, on a reader of their own. */
function marksIn(path: string): readonly MarkRow[] {
  const recording = openRecording(path)
  try {
    return marksOf(recording.rows({ kinds: ['mark'] }))
  } finally {
    recording.close()
  }
}

/** Closes the file when its rows have been read, or they are not wanted any more. */
function rowsOf(recording: ReturnType<typeof openRecording>, all: boolean): Iterable<Row> {
  // Operations are read anew from the lines: those of the recording are only for `onRow`.
  const rows = recording.rows(all ? {} : { without: ['operation'] })
  let open = true
  const close = (): void => {
    if (open) recording.close()
    open = false
  }
  // No generator: another one around each row costs more than reading it.
  const iterator: Iterator<Row> = {
    next() {
      try {
        const result = rows.next()
        if (result.done) close()
        return result
      } catch (error) {
        close()
        throw error
      }
    },
    return(value) {
      close()
      return { done: true, value }
    },
  }
  return { [Symbol.iterator]: () => iterator }
}

const OPTIONS: readonly string[] = keysOf<ReplayOptions>({
  pace: true,
  seed: true,
  dialect: true,
  candidates: true,
  historyLimit: true,
  waitTimeoutMs: true,
  idleMs: true,
  restore: true,
  onRow: true,
  onStep: true,
  remark: true,
  problem: true,
})

const LINE_HINT = "{ kind: 'line', atNs, stream: 'stderr', raw, terminated: true }"

/**
 * Rows that would be passed over are refused: those of a kind that there is not, lines without text or time, and operations as they
 * were understood, which are played from the lines that they were read from, without any such line.
 */
function checkRows(rows: readonly Row[] | null): void {
  if (rows === null) return
  for (const [i, row] of rows.entries()) checkRow(row, i)
  if (!rows.some(({ kind }) => kind === 'operation')) return
  if (rows.some(({ kind }) => kind === 'line' || kind === 'kernel')) return
  throw new FusetraceError(
    'FT_USAGE',
    'the rows hold operations and no line that they were read from: nothing would be played',
    {
      hint: `give the log: ${LINE_HINT} for each line, and a dialect that reads it`,
    },
  )
}

/** Whoever writes rows by hand may misspell them. */
function checkRow(row: Row, index: number): void {
  const { kind } = row
  if (!KINDS.includes(kind)) {
    const near = closest(String(kind), KINDS)[0]
    throw new FusetraceError(
      'FT_USAGE',
      `row ${index} is of the kind ${JSON.stringify(kind)}, which there is not${near === undefined ? '' : `: did you mean ${near}?`}`,
      { hint: `known are ${KINDS.join(', ')}` },
    )
  }
  if (kind === 'line' && (typeof row.raw !== 'string' || !Number.isFinite(row.atNs))) {
    throw new FusetraceError(
      'FT_USAGE',
      `row ${index} is a line without ${typeof row.raw === 'string' ? 'atNs' : 'raw'}`,
      {
        hint: `a line is ${LINE_HINT}`,
      },
    )
  }
}
