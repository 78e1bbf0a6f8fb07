import type { Dialect } from '../dialect/core/dialect.js'
import { FusetraceError } from '../errors.js'
import type { FaultSpec } from '../faults/fault.js'
import { DrivenSession } from '../live/driven-session.js'
import type { FaultBoard } from '../live/faults.js'
import type { Operation } from '../operation/operation.js'
import type { WireMessage } from '../operation/wire-interpreter.js'
import { openRecording } from '../recording/reader.js'
import type { RecordingHeader } from '../recording/row.js'
import { wireMessage } from '../recording/wire-message.js'
import type { Way } from '../transport/prepare.js'
import { type DriveResult, driveSteps } from './drive.js'
import { stepsFromOperations } from './from-operations.js'
import { stepsFromWire } from './from-wire.js'
import type { Target } from './step.js'

/** Which requests are sent to which daemon, and how. */
export interface DriveOptions {
  /** The recording whose requests are sent. */
  recording: string
  /** The daemon's command, in the foreground with its log on. `{mountpoint}` stands for the mountpoint. */
  daemon: readonly string[]
  /** An existing directory, as it stands in the command. */
  mountpoint: string
  /** Where the daemon's new log is recorded. @default nowhere */
  output?: string
  /** Replace what exists under that name. @default false */
  force?: boolean
  /** Its messages are recorded beside the log, as by `record --wire`. @default true */
  wire?: boolean
  /** Read the new log with this one. @default chosen from the first lines */
  dialect?: Dialect
  /** How the daemon gets its descriptor. @default chosen for the program and the machine */
  way?: Way
  /** Faults on the messages, from the first request on. @default none */
  faults?: readonly FaultSpec[]
  /** Of the faults' probabilities. @default 1 */
  seed?: number
  /** How long the daemon may take to be ready, ms. @default 10000 */
  readyMs?: number
  /** How long it may take to answer a request, ms. @default 20000 */
  requestMs?: number
  /** Ends it, and the daemon: it fails with `FT_ABORTED` then. */
  signal?: AbortSignal
}

/** What driving a recording came to, and how it was done. */
export interface Driven extends DriveResult {
  /** How the daemon got its descriptor. */
  readonly way: Way
  /** What the requests were made from: the recorded messages, or the operations of a log. */
  readonly source: 'wire' | 'operations'
  /** Faults that were asked for, in words, and how often each was met. */
  readonly faults: readonly { readonly text: string; readonly fired: number }[]
  /** What is wrong with the recording: requests may be missing. Null when it is whole. */
  readonly problem: string | null
}

/**
 * Sends a recording's requests to a daemon without a mount, and holds its answers against the recorded ones.
 *
 * @throws FT_INPUT, FT_RECORDING when the recording cannot be read or holds no requests
 * @throws FT_ENVIRONMENT, FT_DAEMON when the daemon cannot be driven; the message says why
 */
export async function driveRecording(options: DriveOptions): Promise<Driven> {
  const { header, messages, operations, problem } = read(options.recording)
  const { daemon, mountpoint, output, force, wire, dialect, way, faults, seed, readyMs, requestMs, signal } = options
  const environment = Object.fromEntries(
    Object.entries(header.environment).filter(([name]) => process.env[name] === undefined),
  )
  const session = new DrivenSession({
    daemon,
    mountpoint,
    environment,
    branches: header.branches,
    asks: false,
    pastFileSystem: true,
    ...(output !== undefined && { record: output, wire: wire !== false, force: force === true }),
    ...(dialect && { dialect }),
    ...(way && { way }),
    ...(faults && { faults }),
    ...(seed !== undefined && { seed }),
    ...(readyMs !== undefined && { readyMs }),
    ...(requestMs !== undefined && { requestMs }),
    ...(signal && { signal }),
  })
  const stop = (): void => session.connection.abort(new FusetraceError('FT_ABORTED', 'interrupted while driving'))
  try {
    await session.start()
    signal?.addEventListener('abort', stop, { once: true })
    const target: Target = { connection: session.connection, remarks: { chosen: new Map(), added: new Map() } }
    const source = messages.length > 0 ? 'wire' : 'operations'
    const steps = source === 'wire' ? stepsFromWire(messages, target) : stepsFromOperations(operations, target)
    const result = await driveSteps(steps, session.connection, target.remarks)
    await session.close()
    if (result.sent === 0) throw nothingToSend(options.recording, result.notSent[0]?.reason ?? null)
    if (session.recorder.failure) throw session.recorder.failure
    const fired = session.faults.all.map(({ text, fired: requests }) => ({ text, fired: requests.length }))
    return { ...result, way: session.way, source, faults: fired, problem }
  } catch (error) {
    throw withFired(error, session.faults)
  } finally {
    signal?.removeEventListener('abort', stop)
    await session.close()
  }
}

/** What a daemon has failed with may be what was asked for. */
function withFired(error: unknown, faults: FaultBoard): unknown {
  const fired = faults.all.filter((fault) => fault.fired.length > 0).map(({ text }) => text)
  if (!(error instanceof FusetraceError) || error.code !== 'FT_DAEMON' || fired.length === 0) return error
  return new FusetraceError(error.code, `${error.message}; faults that fired: ${fired.join(', ')}`, {
    cause: error,
    ...(error.hint !== undefined && { hint: error.hint }),
  })
}

/** Nothing that was sent would be nothing that differs. */
function nothingToSend(file: string, reason: string | null): FusetraceError {
  const why = reason === null ? '' : `: ${reason}`
  return new FusetraceError('FT_RECORDING', `${file} holds no requests that could be sent${why}`, {
    hint: 'record with --wire or --kernel, or with a log that names requests',
  })
}

/** What of a recording can be sent. */
interface Sendable extends Pick<Driven, 'problem'> {
  readonly header: RecordingHeader
  readonly messages: readonly WireMessage[]
  readonly operations: readonly Operation[]
}

function read(file: string): Sendable {
  const reader = openRecording(file)
  try {
    const messages: WireMessage[] = []
    const operations: Operation[] = []
    for (const row of reader.rows({ kinds: ['request', 'reply', 'operation'] })) {
      if (row.kind === 'operation') operations.push(row.operation)
      else if (row.kind === 'request' || row.kind === 'reply') {
        const message = wireMessage(row)
        if (message) messages.push(message)
      }
    }
    if (messages.length === 0 && operations.length === 0) {
      throw nothingToSend(file, reader.problem === null ? null : `it is not whole, ${reader.problem}`)
    }
    operations.sort((a, b) => a.lines[0] - b.lines[0] || a.id - b.id)
    return { header: reader.header, messages, operations, problem: reader.problem }
  } finally {
    reader.close()
  }
}
