import { printable } from '../line/text.js'
import { table } from '../report/format.js'
import type { Coverage, OpcodeCoverage } from './coverage.js'

/** Outcomes that say that a request did not fail. */
const FINE = ['ok', 'none', 'unknown', 'unfinished']

const failures = ({ outcomes }: OpcodeCoverage): string =>
  Object.entries(outcomes)
    .filter(([outcome]) => !FINE.includes(outcome))
    .map(([outcome, count]) => `${printable(outcome)} ${count}`)
    .join(', ')

/** Opcodes and outcomes as a table for a terminal, and below it what was never seen. */
export function coverageText(coverage: Coverage): string {
  const { recordings, operations, opcodes, neverSeen } = coverage
  const rows = opcodes.map((one) => [
    printable(one.opcode),
    String(one.count),
    String(one.recordings),
    String((one.outcomes.ok ?? 0) + (one.outcomes.none ?? 0)),
    String((one.outcomes.unknown ?? 0) + (one.outcomes.unfinished ?? 0)),
    failures(one) || '–',
    one.never.join(', '),
  ])
  const head = ['opcode', 'count', 'recordings', 'ok', 'not known', 'failures', 'never failed with']
  return [
    ...table(head, rows, [1, 2, 3, 4]),
    '',
    ...(neverSeen.length > 0 ? [`never seen: ${neverSeen.join(', ')}`] : []),
    `${opcodes.length} opcodes in ${operations} operations of ${recordings} ${recordings === 1 ? 'recording' : 'recordings'}`,
  ].join('\n')
}
