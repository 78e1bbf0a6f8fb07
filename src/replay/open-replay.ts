import { dialects } from '../dialect/builtin.js'
import { openRecording } from '../recording/reader.js'
import type { RecordingHeader, Row } from '../recording/row.js'
import type { ReplayOptions } from './replay-options.js'
import { ReplaySession } from './replay-session.js'

/** A recording that is open already, or rows in memory. */
export type ReplaySource = string | readonly Row[] | { readonly header: RecordingHeader; rows(): Iterable<Row> }

/**
 * Opens a recording for replay: the same monitor and the same waits as live, on a virtual clock, without FUSE.
 *
 * @param source path of a recording, an open one, or rows
 * @throws {FusetraceError} `FT_INPUT`, `FT_RECORDING` or `FT_RECORDING_VERSION` when it cannot be read
 * @example
 * await using session = await openReplay('recordings/create.fusetrace')
 * const created = await session.waitFor.fileVisible('a.txt')
 */
export async function openReplay(source: ReplaySource, options: ReplayOptions = {}): Promise<ReplaySession> {
  const all = { candidates: dialects, ...options }
  if (typeof source !== 'string') {
    return 'rows' in source
      ? new ReplaySession(source.rows(), source.header, all)
      : new ReplaySession(source, null, all)
  }
  const recording = openRecording(source)
  return new ReplaySession(rowsOf(recording), recording.header, { ...all, problem: () => recording.problem })
}

/** Closes the file when its rows have been read, or nobody wants them any more. */
function* rowsOf(recording: ReturnType<typeof openRecording>): Generator<Row> {
  try {
    yield* recording.rows()
  } finally {
    recording.close()
  }
}
