import { fileURLToPath } from 'node:url'
import { printableLines } from './line/text.js'

/** Where this program lies, as stacks name it. */
const OWN: string = fileURLToPath(new URL('.', import.meta.url))

/**
 * Leaves out of an error's stack what lies within fusetrace: what is left points at the place in a test that is meant, where
 * only the test can be wrong.
 */
export function pointAtCaller<E extends Error>(error: E): E {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line) && !line.includes(OWN))
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n')
  return error
}

/** Process exit codes of the command line; scripts rely on them. */
export const EXIT = { ok: 0, finding: 1, usage: 2, environment: 3 } as const

/**
 * Stable codes of every error that fusetrace throws on purpose.
 *
 * - `FT_USAGE`: called wrongly (a bad flag, option or argument)
 * - `FT_INPUT`: an input cannot be read, or is not what it should be
 * - `FT_OUTPUT`: an output cannot be written (a full disk, a name that was taken meanwhile)
 * - `FT_LIMIT`: an input holds more than is taken (see `Limits`)
 * - `FT_RECORDING`: a recording is damaged or not a recording
 * - `FT_RECORDING_VERSION`: a recording of a newer format
 * - `FT_DIALECT`: a dialect is unknown, malformed, or fails its own samples
 * - `FT_ENVIRONMENT`: the machine lacks something (no /dev/fuse, no daemon, no tracefs)
 * - `FT_DAEMON`: the daemon did not start, died early, or went into the background
 * - `FT_WAIT_TIMEOUT`: a wait reached its deadline
 * - `FT_STREAM_ENDED`: the log ended (the daemon exited) while a wait was pending
 * - `FT_MOUNT_LOST`: the mount vanished while a wait was pending
 * - `FT_WAIT_FAILED`: a wait became impossible (an operation failed, or happened that must not)
 * - `FT_ABORTED`: the caller's AbortSignal fired
 * - `FT_WIRE`: bytes that are no message of the FUSE protocol
 * - `FT_REPLAY_MISMATCH`: a test does not do what its recording holds
 */
export type ErrorCode =
  | 'FT_USAGE'
  | 'FT_INPUT'
  | 'FT_OUTPUT'
  | 'FT_LIMIT'
  | 'FT_RECORDING'
  | 'FT_RECORDING_VERSION'
  | 'FT_DIALECT'
  | 'FT_ENVIRONMENT'
  | 'FT_DAEMON'
  | 'FT_WAIT_TIMEOUT'
  | 'FT_STREAM_ENDED'
  | 'FT_MOUNT_LOST'
  | 'FT_WAIT_FAILED'
  | 'FT_ABORTED'
  | 'FT_REPLAY_MISMATCH'
  | 'FT_WIRE'

/** What an error has beside its message. */
export interface FusetraceErrorOptions {
  /** What to try next, one sentence. */
  hint?: string
  /** What was caught before it. */
  cause?: unknown
}

/** Base of all errors thrown on purpose: a stable `code`, a message of one cause, and a `hint` on what to try next. */
export class FusetraceError extends Error {
  /** Stable: what programs may depend on. See `ERRORS.md`. */
  readonly code: ErrorCode
  /** What to try next, one sentence. */
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, options: FusetraceErrorOptions = {}) {
    super(printableLines(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'FusetraceError'
    this.code = code
    this.hint = options.hint === undefined ? undefined : printableLines(options.hint)
  }

  /** What reporters show of it besides its message: the code. */
  toJSON(): { name: string; message: string; code: ErrorCode } {
    return { name: this.name, message: this.message, code: this.code }
  }

  /** The exit code that the command line ends with when this error reaches it. */
  get exitCode(): number {
    switch (this.code) {
      case 'FT_ENVIRONMENT':
      case 'FT_OUTPUT':
      case 'FT_DAEMON':
        return EXIT.environment
      case 'FT_USAGE':
      case 'FT_INPUT':
      case 'FT_LIMIT':
      case 'FT_RECORDING':
      case 'FT_RECORDING_VERSION':
      case 'FT_DIALECT':
        return EXIT.usage
      default:
        return EXIT.finding
    }
  }
}
