import type { Comparison, Finding, Severity, Side } from '../drift/findings/finding.js'
import { printable } from '../line/text.js'
import type { Paint } from './format.js'

const COLOUR = { breaks: 'red', degrades: 'yellow', cosmetic: 'dim' } as const
const WAITS_SHOWN = 8

/** A comparison for people: each finding with its two lines, carets under what differs, and what follows from it. */
export function driftText(comparison: Comparison, heading: string, paint: Paint, width = 120): string[] {
  const { findings, notExercised, old, new: now } = comparison
  const out = [`${paint('bold', printable(heading))}: ${counted(findings)}`]
  out.push(
    paint(
      'dim',
      `  ${inShort(old.lines, old.operations, old.dialect)} before, ${inShort(now.lines, now.operations, now.dialect)} now`,
    ),
  )
  if (old.operations > 0 && now.operations === 0 && findings.length === 0) {
    out.push(
      '',
      'the new log shows no operation at all, so there was next to nothing to compare: did the mount come about?',
    )
  }
  for (const finding of findings) out.push('', ...findingText(finding, paint, width))
  if (notExercised.length > 0) {
    out.push(
      '',
      paint('dim', `not exercised in the new log, and so not compared: ${notExercised.join(', ')}`),
      paint('dim', '  (nothing shows that they should be there; a recording made with --kernel would decide it)'),
    )
  }
  return out
}

const inShort = (lines: number, operations: number, dialect: string): string =>
  `${lines} lines, ${operations} operations (${dialect})`

/** `2 findings (1 breaks, 1 cosmetic)`. */
export function counted(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'no drift'
  const parts = (['breaks', 'degrades', 'cosmetic'] as Severity[])
    .map((severity) => [findings.filter((one) => one.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}`)
  return `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'} (${parts.join(', ')})`
}

function findingText(finding: Finding, paint: Paint, width: number): string[] {
  const { code, severity, title, old, new: now, lines, effects, consequence, waits, tests } = finding
  const where = lines > 0 ? `  (${lines} ${lines === 1 ? 'line' : 'lines'})` : ''
  const out = [`${paint(COLOUR[severity], severity)}  ${paint('bold', code)}  ${printable(title)}${where}`]
  if (old) out.push(...sideText('-', old, width))
  if (now) out.push(...sideText('+', now, width))
  out.push(`    ${printable(consequence)}`)
  if (effects.length > 0) out.push(paint('dim', `    (${effects.join(', ')})`))
  for (const wait of waits.slice(0, WAITS_SHOWN)) out.push(`    ! ${wait.text}`)
  if (waits.length > WAITS_SHOWN) out.push(`    ! and ${waits.length - WAITS_SHOWN} more waits`)
  for (const test of tests) out.push(`    test: ${printable(test)}`)
  return out
}

/** The line, cut to what fits around its first differing part, and carets below. */
function sideText(sign: '-' | '+', side: Side, width: number): string[] {
  const room = Math.max(40, width - 6)
  const first = side.ranges[0]?.[0] ?? 0
  const from = side.text.length <= room || first < room * 0.7 ? 0 : first - Math.floor(room / 3)
  const cells: string[] = []
  const marks: string[] = []
  let shown = from > 0 ? 1 : 0
  for (let i = from; i < side.text.length && shown < room; i++) {
    const cell = printable(side.text[i] ?? '')
    const marked = side.ranges.some(([a, b]) => i >= a && i < b)
    cells.push(cell)
    marks.push((marked ? '^' : ' ').repeat(cell.length))
    shown += cell.length
  }
  const cut = from + cells.length < side.text.length
  const lead = from > 0 ? '…' : ''
  const out = [`    ${sign} ${lead}${cells.join('')}${cut ? '…' : ''}`]
  const carets = `${' '.repeat(lead.length)}${marks.join('')}`.trimEnd()
  if (carets !== '') out.push(`      ${carets}`)
  return out
}
