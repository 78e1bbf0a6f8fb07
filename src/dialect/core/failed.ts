import type { Raw } from '../../line/line.js'
import { errnoNumber, errnoWords } from './errno.js'

/**
 * Writes the lines of an operation anew, as they would be had it failed: what stands around the outcome stays. One for each, null for
 * those that would not be there. Null for lines that have another form than those that are known.
 */
export type FailedLines = (lines: readonly Raw[], errno: string) => readonly (Raw | null)[] | null

/** An error in the words of languages: its number, and what strerror says. */
export interface ErrorWords {
  readonly number: number
  readonly words: string
}

/**
 * For logs in which a reply says in one line how a request ended.
 *
 * @param reply matches a reply from its begin; its first group is what stays
 * @param outcome what stands in place of the rest
 */
export function failedReply(reply: RegExp, outcome: (errno: string, error: ErrorWords) => Raw): FailedLines {
  return (lines, errno) => {
    const text = outcome(errno, { number: errnoNumber(errno) ?? 5, words: errnoWords(errno) ?? errno })
    let written = false
    const changed = lines.map((raw) => {
      const before = reply.exec(raw)?.[1]
      if (before === undefined) return raw
      written = true
      return `${before}${text}`
    })
    return written ? changed : null
  }
}
