import type { Raw } from '../../line/line.js'

/** Where the string that begins at the quote `i` ends (behind its closing quote), -1 when it is not closed. */
export function quoteEnd(raw: Raw, i: number, end: number): number {
  for (let to = i + 1; to < end; to++) {
    const code = raw.charCodeAt(to)
    if (code === 92) to++
    else if (code === 34) return to + 1
  }
  return -1
}

/** The string before was a key: where its value begins; 0 when it was none. */
export function jsonKeyEnd(raw: Raw, i: number): number {
  let to = i
  while (raw.charCodeAt(to) === 32) to++
  if (raw.charCodeAt(to) !== 58) return 0
  to++
  while (raw.charCodeAt(to) === 32) to++
  return to
}

/** Keys of JSON lines whose text is the format's own words, and not the run's. */
export const TELLING: ReadonlySet<string> = new Set([
  'message',
  'msg',
  'level',
  'target',
  'timestamp',
  'time',
  'ts',
  'Op',
  'op',
  'opcode',
  'Operation',
  'Status',
  'filename',
])

/** Within a JSON string: the quotes at `i` are escaped, where do the next escaped ones end? `i` when they do not come. */
export function escapedEnd(raw: Raw, i: number, end: number): number {
  if (raw.charCodeAt(i - 1) !== 92) return i
  for (let to = i + 1; to < end; to++) {
    if (raw.charCodeAt(to) === 34) return raw.charCodeAt(to - 1) === 92 ? to + 1 : i
  }
  return i
}

/** Where text in single quotes ends, `i` when it is an apostrophe. `known`: where a name that begins there ends. */
export function singleEnd(raw: Raw, i: number, end: number, known: number): number {
  if (known > 0 && raw.charCodeAt(known) === 39) return known + 1
  const to = raw.indexOf("'", i + 1)
  if (to < 0 || to >= end || to - i > 300) return i
  const after = raw.charCodeAt(to + 1)
  const closed =
    Number.isNaN(after) || after === 32 || after === 44 || after === 41 || after === 93 || after === 58 || after === 125
  return closed || after === 59 ? to + 1 : i
}
