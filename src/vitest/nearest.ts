import { printable } from '../line/text.js'
import type { MonitorView } from '../monitor/monitor.js'
import type { Operation } from '../operation/operation.js'
import { describeMatch, mismatches, type OperationMatch } from '../wait/match.js'

/** Operations of a run that have ended or are still open, in order of start. */
export function allOperations(monitor: MonitorView): Operation[] {
  return [...monitor.recentOperations(), ...monitor.openOperations()].sort((a, b) => a.id - b.id)
}

/** An operation on one line, for people: `create /a.txt → error EACCES, 0.3 ms`. */
export function describeOperation(operation: Operation): string {
  const { opcode, path, newPath, name, status, errno, startNs, endNs } = operation
  const words = [opcode, path === null ? '(path unknown)' : printable(path)]
  if (newPath !== null) words.push(`to ${printable(newPath)}`)
  if (name !== null) words.push(printable(name))
  const outcome = status === 'error' ? (errno ?? 'failed') : status
  const took = endNs === null ? '' : `, ${((endNs - startNs) / 1e6).toFixed(3)} ms`
  return `${words.join(' ')}: ${outcome}${took}`
}

/** The operations that come nearest to a match, and what does not fit of each. */
export function nearest(match: OperationMatch, operations: readonly Operation[], most = 5): string[] {
  return operations
    .map((operation) => ({ operation, wrong: mismatches(match, operation) }))
    .filter(({ wrong }) => wrong.length > 0)
    .sort(
      (a, b) => a.wrong.length - b.wrong.length || weight(a.wrong) - weight(b.wrong) || b.operation.id - a.operation.id,
    )
    .slice(0, most)
    .map(({ operation, wrong }) => `${describeOperation(operation)} (${wrong.map(({ text }) => text).join('; ')})`)
}

/** Operations of another opcode are further away than those of another path. */
const weight = (wrong: readonly { field: string }[]): number => (wrong.some(({ field }) => field === 'opcode') ? 1 : 0)

/** What a failed assertion says. */
export function explainMissing(what: string, match: OperationMatch, operations: readonly Operation[]): string {
  const lines = [`expected ${what}: ${describeMatch(match)}`]
  const near = nearest(match, operations)
  if (operations.length === 0) lines.push('the monitor has seen no operation at all')
  else if (near.length > 0) lines.push('nearest operations:', ...near.map((line) => `  ${line}`))
  return lines.join('\n')
}
