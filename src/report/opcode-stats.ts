import { durationNs } from '../operation/duration.js'
import type { Operation } from '../operation/operation.js'
import { quantile } from '../quantile.js'

/**
 * What is known of all operations of one opcode. Durations in ns, of those whose end is known (by a reply, a span or the
 * last event); null when there is none, or it was too short to be measured.
 */
export interface OpcodeStats {
  readonly opcode: string
  readonly count: number
  readonly errors: number
  readonly unfinished: number
  /** How many ends were inferred: the log shows none. */
  readonly inferred: number
  readonly minNs: number | null
  readonly medianNs: number | null
  readonly p99Ns: number | null
  readonly maxNs: number | null
  /** Of that the time before the daemon took the request; null where it is not known. */
  readonly queueMedianNs: number | null
  readonly queueP99Ns: number | null
}

/** Per opcode, most frequent first. */
export function opcodeStats(operations: Iterable<Operation>): OpcodeStats[] {
  const byOpcode = new Map<
    string,
    { count: number; errors: number; unfinished: number; inferred: number; durations: number[]; queued: number[] }
  >()
  for (const operation of operations) {
    const { opcode, status, endedBy } = operation
    let stats = byOpcode.get(opcode)
    if (stats === undefined) {
      stats = { count: 0, errors: 0, unfinished: 0, inferred: 0, durations: [], queued: [] }
      byOpcode.set(opcode, stats)
    }
    stats.count++
    if (status === 'error') stats.errors++
    if (status === 'unfinished') stats.unfinished++
    if (endedBy === 'last-event' || endedBy === 'next-request') stats.inferred++
    const took = durationNs(operation)
    if (took !== null) stats.durations.push(took)
    if (operation.queueNs !== undefined) stats.queued.push(operation.queueNs)
  }
  return [...byOpcode]
    .map(([opcode, { durations, queued, ...counts }]) => {
      durations.sort((a, b) => a - b)
      queued.sort((a, b) => a - b)
      return {
        opcode,
        ...counts,
        minNs: quantile(durations, 0) || null,
        medianNs: quantile(durations, 0.5) || null,
        p99Ns: quantile(durations, 0.99) || null,
        maxNs: quantile(durations, 1) || null,
        queueMedianNs: queued.length === 0 ? null : quantile(queued, 0.5),
        queueP99Ns: queued.length === 0 ? null : quantile(queued, 0.99),
      }
    })
    .sort((a, b) => b.count - a.count || (a.opcode < b.opcode ? -1 : 1))
}
