import { type ErrorCode, FusetraceError } from '../../errors.js'

/** What a wait that failed knows of itself. */
export interface WaitFailure {
  /** `fileVisible /a.txt` */
  readonly title: string
  /** The cause in one line. */
  readonly reason: string
  /** The whole explanation, several lines. */
  readonly explanation: string
  readonly hint: string
}

/** Base of what waits throw. `message` holds the whole explanation; the stack is the caller's. */
export class WaitError extends FusetraceError {
  readonly title: string
  readonly reason: string

  constructor(code: ErrorCode, failure: WaitFailure, cause?: unknown) {
    super(code, failure.explanation, { hint: failure.hint, cause })
    this.name = new.target.name
    this.title = failure.title
    this.reason = failure.reason
  }
}

/** The deadline came first. Code `FT_WAIT_TIMEOUT`. */
export class WaitTimeoutError extends WaitError {
  constructor(failure: WaitFailure) {
    super('FT_WAIT_TIMEOUT', failure)
  }
}

/** The log ended, or the daemon exited, first. Code `FT_STREAM_ENDED`. */
export class StreamEndedError extends WaitError {
  constructor(failure: WaitFailure) {
    super('FT_STREAM_ENDED', failure)
  }
}

/** The mount vanished first. Code `FT_MOUNT_LOST`. */
export class MountLostError extends WaitError {
  constructor(failure: WaitFailure) {
    super('FT_MOUNT_LOST', failure)
  }
}

/** It cannot be any more: too many, or what must never happen, or it cannot be known. Code `FT_WAIT_FAILED`. */
export class WaitFailedError extends WaitError {
  constructor(failure: WaitFailure) {
    super('FT_WAIT_FAILED', failure)
  }
}

/** The caller's signal fired; `cause` is its reason. Code `FT_ABORTED`. */
export class WaitAbortedError extends WaitError {
  constructor(failure: WaitFailure, cause: unknown) {
    super('FT_ABORTED', failure, cause)
  }
}
