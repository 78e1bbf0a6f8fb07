import { dialects } from '../dialect/builtin.js'
import { matchFormat } from '../drift/match-format.js'
import type { Line } from '../line/line.js'
import { driftText } from '../report/drift-text.js'

/** Of `toMatchFormatOf`. */
export interface FormatOptions {
  /**
   * Fail also when something is only known less exactly.
   * @default false
   */
  strict?: boolean
}

/** A log: its text, its bytes, its lines, or the monitor of a mount (its recent lines). */
function logOf(received: unknown): string | Uint8Array | readonly Line[] {
  if (typeof received === 'string' || received instanceof Uint8Array || Array.isArray(received)) return received
  const { recentLines } = (received ?? {}) as { recentLines?: () => readonly Line[] }
  if (typeof recentLines === 'function') return recentLines.call(received)
  throw new TypeError('this matcher is for a log: its text, bytes or lines, or a monitor')
}

/** The matcher: fails when something that waits or fields depend on is written in another way than in the recording. */
export function toMatchFormatOf(
  received: unknown,
  recording: string,
  options: FormatOptions = {},
): { pass: boolean; message: () => string } {
  const comparison = matchFormat(logOf(received), recording, dialects)
  const harmful = comparison.findings.filter(
    ({ severity }) => severity === 'breaks' || (options.strict === true && severity === 'degrades'),
  )
  return {
    pass: harmful.length === 0,
    message: () =>
      harmful.length === 0
        ? `expected the log to be of another format than ${recording}`
        : driftText(comparison, `expected the log to have the format of ${recording}`, (_, text) => text).join('\n'),
  }
}
