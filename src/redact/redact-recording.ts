import type { Dialect } from '../dialect/core/dialect.js'
import { FusetraceError } from '../errors.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { WireInterpreter } from '../operation/wire-interpreter.js'
import { LineFeed } from '../recording/line-feed.js'
import { openRecording, type RecordingReader } from '../recording/reader.js'
import type { Row } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import { RecordingWriter } from '../recording/writer.js'
import { redactPattern } from './patterns.js'
import { directoriesOf, redactionBy, surroundingsHere } from './redaction.js'
import { Redactor } from './redactor.js'
import { findRun } from './run-directories.js'
import { SameOperations } from './same-operations.js'
import { textsOf } from './surroundings.js'

export interface RedactRecordingOptions {
  /** The recording; a file, and whole. */
  recording: string
  /** The new one; `-` is stdout. @default it takes the old one's place */
  output?: string
  /** What else is to be replaced. */
  patterns?: readonly (string | RegExp)[]
  /** Dialects to find the recording's among. */
  candidates: readonly Dialect[]
  /** Replace what exists under the name of the output. @default false */
  force?: boolean
}

/** What was replaced in a recording. */
export interface RedactedRecording {
  readonly output: string
  /** How often what was replaced now, by the names of the stand-ins. */
  readonly redacted: Readonly<Record<string, number>>
  readonly lines: number
  readonly operations: number
  /** False: nothing was found, and the file is as it was. */
  readonly written: boolean
}

/**
 * Replaces secrets and directories in a recording that was made without that. Checked before anything is written: the operations
 * that its lines say are the same but for the names.
 *
 * @throws FT_RECORDING when it is not whole; FT_USAGE for a pattern that is none, and when the output exists
 * @throws FT_REPLAY_MISMATCH when the operations would not be the same
 */
export function redactRecording(options: RedactRecordingOptions): RedactedRecording {
  const { recording, output = recording } = options
  const reader = openRecording(recording)
  try {
    if (!reader.seekable) {
      throw new FusetraceError('FT_USAGE', 'a recording is read twice to be redacted: it must be a file', {
        hint: 'save standard input first',
      })
    }
    const make = redactorsFor(reader, options)
    const checked = make()
    const { difference, operations, lines } = check(reader, checked, options.candidates)
    if (!reader.complete) {
      throw new FusetraceError('FT_RECORDING', `${recording} is not whole: ${reader.problem}`, {
        hint: 'only a whole recording is redacted; what can be read of it: fusetrace show',
      })
    }
    if (difference !== null) {
      throw new FusetraceError('FT_REPLAY_MISMATCH', `${recording} stays as it is: ${difference}`, {
        hint: 'what is replaced is part of the log format; use a narrower pattern, or record again',
      })
    }
    const redacted = checked.counts
    const written = Object.keys(redacted).length > 0 || output !== recording
    if (written) write(reader, make(), output, output === recording || options.force === true)
    return { output, redacted, lines, operations, written }
  } finally {
    reader.close()
  }
}

/** Makes redactors for a recording, each as the other. */
function redactorsFor(reader: RecordingReader, { patterns = [] }: RedactRecordingOptions): () => Redactor {
  const { header } = reader
  const wanted = patterns.map(redactPattern)
  const { directories, hasLengths } = findRun(reader)
  const texts = [...directoriesOf(directories), ...textsOf(surroundingsHere())]
  return () =>
    new Redactor({
      texts,
      patterns: wanted,
      directoriesInLines: true,
      exactLength: header.wire === true || hasLengths,
      used: header.redacted ?? {},
    })
}

function check(
  reader: RecordingReader,
  redactor: Redactor,
  candidates: readonly Dialect[],
): { difference: string | null; operations: number; lines: number } {
  const read = new SameOperations()
  const recorded = new SameOperations()
  const { row: redact, header } = redactionBy(redactor)
  header(reader.header)
  const before = readerOf(reader, candidates, read.before)
  const after = readerOf(reader, candidates, read.after)
  let lines = 0
  for (const row of reader.rows()) {
    const redacted = redact(row)
    if (row.kind === 'line') lines++
    else if (row.kind === 'operation' && redacted.kind === 'operation') {
      recorded.before(row.operation)
      recorded.after(redacted.operation)
    }
    before.push(row)
    after.push(redacted)
  }
  before.end()
  after.end()
  return { difference: read.difference ?? recorded.difference, operations: Math.max(read.count, recorded.count), lines }
}

/** Reads operations off rows, as the recording's dialect does. */
function readerOf(
  { header }: RecordingReader,
  candidates: readonly Dialect[],
  onEnd: (operation: Operation) => void,
): { push(row: Row): void; end(): void } {
  const dialect = candidates.find(({ name }) => name === header.dialect)
  const wire = header.wire ? new WireInterpreter({ onEnd }) : null
  const interpreter = new Interpreter({ candidates, ...(dialect && { dialect }), ...(!wire && { onEnd }) })
  const feed = new LineFeed(() => header.dialect === 'kernel')
  let position = 0
  let atNs = 0
  let cut = false
  return {
    push(row) {
      if (row.kind === 'exit') cut = row.signal !== null
      const message = wire && (row.kind === 'request' || row.kind === 'reply') ? wireMessage(row) : null
      if (wire && message) {
        atNs = message.atNs
        wire.push(message, position++)
      }
      const line = feed.line(row)
      if (line === null) return
      atNs = line.atNs
      position++
      interpreter.push(line)
    },
    end() {
      wire?.end()
      interpreter.end(atNs, cut ? 'cut' : 'complete')
    },
  }
}

function write(reader: RecordingReader, redactor: Redactor, output: string, force: boolean): void {
  const unparsed = reader.footer?.unparsed ?? 0
  const writer = RecordingWriter.create(output, reader.header, { force, redaction: redactionBy(redactor) })
  try {
    for (const row of reader.rows()) writer.write(row)
    writer.finish({ unparsed })
  } catch (error) {
    writer.discard()
    throw error
  }
}
