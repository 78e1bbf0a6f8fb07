/** Where a line came from. `tty` is one terminal for both streams. */
export type Stream = 'stdout' | 'stderr' | 'tty'

/**
 * Bytes as a string: one character (code 0–255) per byte, as `Buffer.latin1Slice` gives them.
 * Names and log lines need not be UTF-8, so everything up to an operation's public fields is raw.
 * Turn back into bytes with `Buffer.from(raw, 'latin1')`.
 */
export type Raw = string

/** One log line as it arrived. */
export interface Line {
  /** Its number within the run, from 0, over all streams. */
  readonly index: number
  /** Arrival of the chunk that completed it, ns since the origin. */
  readonly atNs: number
  readonly stream: Stream
  /** Its bytes without the line feed (a carriage return stays). */
  readonly raw: Raw
  /** The bytes as they came, where `raw` is without what another program has put around them. */
  readonly whole?: Raw
  /** False for the last line of a stream that ended without a line feed. */
  readonly terminated: boolean
}
