import { editDistance } from '../../closest.js'
import { type Mark, type MonitorView, startedAfter } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import { withoutOwn } from '../../operation/own.js'
import { isGlob } from '../../path-pattern.js'
import { mismatches, type OperationMatch } from '../engine/match.js'

/** An operation that nearly fits, and why it does not. */
export interface Miss {
  readonly operation: Operation
  readonly reasons: readonly string[]
  readonly kind: 'before' | 'failed' | 'open' | 'unknown' | 'fits' | 'other'
  /** Smaller is nearer. */
  readonly distance: number
}

const LOOK_BACK = 2000
/** Beyond this an operation is no near miss: another opcode before the mark, say. */
const FARTHEST = 2.4

/** The operations that come nearest to what is wanted, nearest first: none of our own, which ask for it again and again. */
export function nearestMisses(
  monitor: MonitorView,
  mark: Mark,
  wanted: readonly OperationMatch[],
  options: { successOnly: boolean; count?: number },
): Miss[] {
  const open = new Set(monitor.openOperations())
  const misses: Miss[] = []
  for (const operation of withoutOwn([...monitor.recentOperations(LOOK_BACK), ...open])) {
    let best: Miss | null = null
    for (const match of wanted) {
      const miss = missOf(monitor, operation, match, mark, open.has(operation), options.successOnly)
      if (miss && (best === null || miss.distance < best.distance)) best = miss
    }
    if (best) misses.push(best)
  }
  // The latest of equals first.
  misses.sort((a, b) => a.distance - b.distance || b.operation.id - a.operation.id)
  return misses.slice(0, options.count ?? 4)
}

function missOf(
  monitor: MonitorView,
  operation: Operation,
  match: OperationMatch,
  mark: Mark,
  open: boolean,
  successOnly: boolean,
): Miss | null {
  const reasons: string[] = []
  let kind: Miss['kind'] = 'other'
  let distance = 0
  const all = mismatches(match, operation)
  // Another request about another file is no near miss.
  if (all.some((wrong) => wrong.field === 'opcode') && all.some((wrong) => wrong.field !== 'opcode')) return null
  for (const wrong of all) {
    if (open && (wrong.field === 'status' || wrong.field === 'errno' || wrong.field === 'where')) continue
    reasons.push(wrong.text)
    if (wrong.unknown) {
      distance += 1
      kind = 'unknown'
    } else if (wrong.field === 'path' || wrong.field === 'newPath') {
      distance += pathDistance(match[wrong.field], operation[wrong.field])
    } else distance += wrong.field === 'opcode' ? 2 : 1
  }
  if (successOnly && operation.status === 'error') {
    reasons.push(`failed with ${operation.errno ?? 'an unknown error'}`)
    distance += 0.2
    kind = 'failed'
  }
  if (open) {
    reasons.push('still open')
    distance += 0.1
    kind = 'open'
  } else if (operation.status === 'unfinished') {
    reasons.push('never ended')
    distance += 0.1
  } else if (successOnly && operation.status === 'unknown' && reasons.length === 0) {
    reasons.push('its outcome is not in the log, and a look did not confirm it')
    kind = 'unknown'
  }
  if (!startedAfter(monitor, mark, operation)) {
    reasons.push('before the mark')
    distance += 0.5
    if (reasons.length === 1) kind = 'before'
  }
  if (reasons.length === 0) {
    reasons.push(successOnly ? 'it fits, and no probe has confirmed it' : 'it fits')
    kind = 'fits'
  }
  return distance > FARTHEST ? null : { operation, reasons, kind, distance }
}

/** 1–3: how far the path is from the wanted one. */
function pathDistance(wanted: OperationMatch['path'], path: string | null): number {
  if (typeof wanted !== 'string' || isGlob(wanted) || path === null) return 2
  const longest = Math.max(wanted.length, path.length)
  return 1 + (2 * editDistance(wanted, path)) / longest
}
