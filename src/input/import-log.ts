import type { Dialect } from '../dialect/core/dialect.js'
import { LineSplitter } from '../line/splitter.js'
import { Interpreter } from '../operation/interpreter.js'
import { OwnClock } from '../operation/own-clock.js'
import { makeHeader } from '../recording/header.js'
import { type Limits, limitsHere } from '../recording/limits.js'
import { RecordingWriter } from '../recording/writer.js'
import { type RedactOption, redactionFor } from '../redact/redaction.js'
import { checkIsLog } from './is-log.js'
import { StampedReader } from './stamped.js'

export interface ImportOptions {
  /** Where the recording goes; `-` is stdout. */
  output: string
  /** `<ns>\t<stdout|stderr|tty>\t<line>` a line. Otherwise times are those that the lines carry themselves. */
  stamped?: boolean
  dialect?: Dialect
  candidates: readonly Dialect[]
  /** Replace what exists under the name of the output. @default false */
  force?: boolean
  /** What is replaced, with what looks like a token; `false` nothing. @default nothing: the log stays exact */
  redact?: RedactOption
  /** @default 16 MiB of a line */
  limits?: Partial<Limits>
  fusetraceVersion: string
}

export interface Imported {
  readonly lines: number
  readonly operations: number
  readonly unparsed: number
  readonly dialect: string
  /** Whether a line had a time, its own or a stamp. Without one all times are 0. */
  readonly timed: boolean
  /** How often the clock that the lines' own times are of was set back: they go on from where they were. */
  readonly setBack: number
  /** Whether the lines' own times go back from line to line: the log was saved newest first. */
  readonly newestFirst: boolean
}

/**
 * Makes a recording of a log. Without stamps the lines count as stdout's, and their own time stamps, where they have any,
 * are the times; a line without one has that of the line before.
 *
 * @throws {FusetraceError} `FT_INPUT` when the log cannot be read or is none, `FT_USAGE` when the output exists; nothing is left of the recording then
 */
export async function importLog(chunks: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<Imported> {
  const stamped = options.stamped ? new StampedReader() : null
  const own = stamped ? null : new OwnClock()
  let writer: RecordingWriter | null = null
  let operations = 0
  let lastNs = 0
  let timed = false
  let dialect: Dialect | null = options.dialect ?? null

  const redaction = redactionFor({ redact: options.redact ?? false, environment: process.env })
  const open = (): RecordingWriter => {
    writer ??= RecordingWriter.create(
      options.output,
      makeHeader({
        fusetraceVersion: options.fusetraceVersion,
        nodeVersion: process.versions.node,
        origin: 'import',
        originNs: stamped?.originNs ?? 0n,
        ...(dialect && { dialect: dialect.name, dialectVersion: dialect.version }),
      }),
      { force: options.force === true, redaction, threaded: true },
    )
    return writer
  }
  const interpreter = new Interpreter({
    ...(options.dialect && { dialect: options.dialect }),
    candidates: options.candidates,
    onDialect: (chosen) => {
      dialect = chosen
      writer?.setDialect(chosen.name, chosen.version)
    },
    ...(own && { clock: own }),
    beforeLine({ atNs, stream, raw, terminated }) {
      lastNs = Math.max(lastNs, atNs)
      if (own && !timed && own.known) {
        // Lines before it had no time of their own.
        timed = true
        open().amend({ originNs: own.originNs ?? 0n, originWallNs: own.originWallNs })
      }
      open().write({ kind: 'line', atNs, stream, raw, terminated })
    },
    onEnd: (operation) => {
      operations++
      open().write({ kind: 'operation', operation })
    },
  })
  const splitter = new LineSplitter({
    maxLineBytes: limitsHere(options.limits).lineBytes,
    onLoss: ({ what, count }) => open().write({ kind: 'loss', atNs: lastNs, what, count }),
    onLine: (line) => interpreter.push(stamped?.read(line) ?? line),
  })
  try {
    let first = true
    for await (const chunk of chunks) {
      if (first) checkIsLog(chunk, options.dialect !== undefined)
      first = false
      splitter.push('stdout', chunk, 0)
      await (writer as RecordingWriter | null)?.ready()
    }
    splitter.end(0)
    interpreter.end(lastNs)
    await open().finished({ unparsed: interpreter.unparsed })
  } catch (error) {
    ;(writer as RecordingWriter | null)?.discard()
    throw error
  }
  return {
    lines: interpreter.lines,
    operations,
    unparsed: interpreter.unparsed,
    dialect: interpreter.dialect?.name ?? 'none',
    timed: stamped !== null || timed,
    setBack: own?.setBack ?? 0,
    newestFirst: own?.newestFirst ?? false,
  }
}
