import type { Raw } from '../../line/line.js'

/** A piece of a line: a sticky pattern, and a few words for what it is. */
export type Piece = readonly [pattern: RegExp, expected: string]

/** How far a line fits a row of pieces from `at` on: where the first that does not fit should have been. */
export function longestMatch(raw: Raw, at: number, pieces: readonly Piece[]): { matched: number; expected: string } {
  let matched = at
  for (const [pattern, expected] of pieces) {
    pattern.lastIndex = matched
    if (!pattern.test(raw)) return { matched, expected }
    matched = pattern.lastIndex
  }
  return { matched, expected: 'the end of the line' }
}
