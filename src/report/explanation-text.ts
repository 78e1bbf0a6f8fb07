import { decode, printable } from '../line/text.js'
import type { Explanation, UnmatchedLine } from '../operation/explain.js'

/** Shown of a line: so much in all, and at most so much before the caret. */
const SHOWN = 120
const BEFORE = 70

/** An explanation as a person reads it. Names and lines are escaped, so that a log cannot act on the terminal. */
export function explanationText(found: Explanation, lines: number, more: boolean): string {
  const out = [
    found.chosen === 'none'
      ? `no dialect fits (${amount(lines, more)})`
      : `dialect: ${found.chosen} (${amount(lines, more)})`,
    ...(found.chosen !== 'none' && found.operations === 0 ? ['no line tells of a request'] : []),
    '',
  ]
  const candidates = found.candidates
    .filter(({ dialect, sure, possible, understood }) => dialect === found.chosen || sure + possible + understood > 0)
    .sort((a, b) => b.sure - a.sure || b.understood - a.understood || b.possible - a.possible)
  const wide = Math.max(9, ...candidates.map(({ dialect }) => dialect.length))
  if (candidates.length > 0) {
    out.push(`${'candidate'.padEnd(wide)}  surely its own  could be  understood`)
    for (const { dialect, sure, possible, understood } of candidates) {
      const cells = [String(sure).padStart(14), String(possible).padStart(8), String(understood).padStart(10)]
      out.push(`${dialect.padEnd(wide)}  ${cells.join('  ')}`)
    }
    out.push('')
  }
  out.push(
    found.unmatchedCount === 0
      ? 'every line is understood'
      : `not understood: ${found.unmatchedCount} of ${lines}${found.unmatchedCount > found.unmatched.length ? `, the first ${found.unmatched.length}:` : ':'}`,
  )
  for (const one of found.unmatched) out.push(...unmatched(one))
  return `${out.join('\n')}\n`
}

const amount = (lines: number, more: boolean): string => `${more ? 'the first ' : ''}${lines} lines`

/** The line, and a caret below the byte where it stops to fit. */
function unmatched({ line, dialect, matched, expected }: UnmatchedLine): string[] {
  const name = `  line ${line.index + 1}: `
  const from = Math.max(0, matched - BEFORE)
  const before = (from > 0 ? '…' : '') + shown(line.raw.slice(from, matched))
  const to = from + SHOWN
  const after = shown(line.raw.slice(matched, to)) + (line.raw.length > to ? '…' : '')
  const why = dialect === null ? 'fits no dialect' : `${dialect} expected ${expected}`
  return [`${name}${before}${after}`, `${' '.repeat(name.length + [...before].length)}^ ${why}`]
}

const shown = (raw: string): string => printable(decode(raw).text)
