import type { Mark, MonitorView } from '../monitor/monitor.js'
import type { Operation } from '../operation/operation.js'
import { describeMatch, type OperationMatch } from '../wait/engine/match.js'
import { brief } from '../wait/explain/explain.js'
import { nearestMisses } from '../wait/explain/nearest.js'

const BEGIN: Mark = { name: 'begin', line: 0, atNs: 0 }

/** Operations of a run that have ended or are still open, in order of start. */
export function allOperations(monitor: MonitorView): Operation[] {
  return [...monitor.recentOperations(), ...monitor.openOperations()].sort((a, b) => a.id - b.id)
}

/** What a failed assertion says: what was expected, and the operations that come nearest with what does not fit. */
export function explainMissing(
  monitor: MonitorView,
  what: string,
  match: OperationMatch,
  options: { successOnly: boolean },
): string {
  const lines = [`expected ${what}: ${describeMatch(match)}`]
  const misses = nearestMisses(monitor, BEGIN, [match], { ...options, count: 5 })
  if (misses.length > 0) {
    lines.push('nearest operations:')
    for (const { operation, reasons } of misses) lines.push(`  ${brief(operation)} (${reasons.join('; ')})`)
  } else {
    const last = monitor.recentOperations(5)
    if (last.length === 0) lines.push('the monitor has seen no operation at all')
    else lines.push('no operation comes near; the last ones are:', ...last.map((operation) => `  ${brief(operation)}`))
  }
  return lines.join('\n')
}
