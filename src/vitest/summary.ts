import type { Run } from '../fixture/run.js'
import { printable } from '../line/text.js'
import { duration } from '../report/format.js'
import { opcodeStats } from '../report/opcode-stats.js'

/** A trace in a few lines: what `FUSE_TRACE_SUMMARY=1` prints at unmount. */
export function summaryOf(name: string, run: Run): string {
  const operations = run.monitor.recentOperations()
  const stats = opcodeStats(operations)
  const failed = stats.reduce((sum, { errors }) => sum + errors, 0)
  const lines = [
    `fusetrace: ${printable(name)}: ${operations.length} operations, ${failed} failed, ${run.monitor.openOperations().length} open` +
      ` (${run.monitor.dialect ?? 'no dialect'}, ${run.mount.live ? 'live' : 'replay'})`,
  ]
  for (const { opcode, count, errors, medianNs } of stats.slice(0, 8)) {
    const median = medianNs === null ? '' : `, median ${duration(medianNs)}`
    lines.push(
      `  ${printable(opcode).padEnd(12)} ${String(count).padStart(6)}${errors > 0 ? `, ${errors} failed` : ''}${median}`,
    )
  }
  return lines.join('\n')
}
