import type { Mark, MonitorView } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import { nearestMisses } from '../explain/nearest.js'
import type { By, Machine } from './machine.js'

/** How a wait ended: satisfied, or why not. `error`: what it asked (a predicate, a probe) threw. */
export type WaitEnd = 'satisfied' | 'timeout' | 'stream-ended' | 'mount-lost' | 'impossible' | 'aborted' | 'error'

/** A wait that has ended, for recordings and reports: from when to when, on what, and what ended it. Times are ns since the origin. */
export interface SettledWait {
  /** `fileVisible /a.txt` */
  readonly title: string
  /** Name and time of the mark: what started before it did not count. */
  readonly since: string
  readonly sinceNs: number
  /** When it was called. */
  readonly beginNs: number
  readonly endNs: number
  readonly end: WaitEnd
  /** How it is known; null when it was not satisfied. */
  readonly by: By | null
  /** Ids of the operations that satisfied it. */
  readonly operations: readonly number[]
  /** Operations that nearly fitted, nearest first, and why they did not. */
  readonly misses: readonly NearMiss[]
  /** Of one that was not satisfied: the whole explanation, several lines. Of one that was: what is not as sure as it could be. */
  readonly note: string | null
}

export interface NearMiss {
  readonly operation: number
  readonly reasons: readonly string[]
}

/** What is kept of the operations that satisfied a wait: `operations` may be about thousands. */
const MAX_OPERATIONS = 100
const MAX_MISSES = 3

interface SettledFacts {
  readonly monitor: MonitorView
  readonly machine: Pick<Machine<unknown>, 'wanted' | 'successOnly'>
  readonly mark: Mark
  readonly title: string
  readonly beginNs: number
  readonly end: WaitEnd
  readonly by: By | null
  readonly operations: readonly Operation[]
  readonly note: string | null
}

/** How a wait ended, and on what. */
export type HowEnded = Pick<SettledFacts, 'end' | 'by' | 'operations' | 'note'>

/** The end of a wait whose predicate or probe threw. */
export function threw(error: unknown): HowEnded {
  return { end: 'error', by: null, operations: [], note: messageOf(error) }
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'what was thrown has no words'
  }
}

/** Describes a wait at its end, with what it nearly matched. */
export function settledWait(facts: SettledFacts): SettledWait {
  const { monitor, machine, mark, title, beginNs, end, by, note } = facts
  const operations = facts.operations.slice(0, MAX_OPERATIONS).map(({ id }) => id)
  const misses = end === 'error' ? [] : nearMisses(monitor, machine, mark, operations)
  const endNs = monitor.clock.nowNs()
  return { title, since: mark.name, sinceNs: mark.atNs, beginNs, endNs, end, by, operations, misses, note }
}

function nearMisses(
  monitor: MonitorView,
  { wanted, successOnly = false }: SettledFacts['machine'],
  mark: Mark,
  satisfied: readonly number[],
): NearMiss[] {
  if (!wanted) return []
  try {
    return nearestMisses(monitor, mark, wanted, { successOnly, count: MAX_MISSES + satisfied.length })
      .filter(({ operation, kind }) => kind !== 'fits' && !satisfied.includes(operation.id))
      .slice(0, MAX_MISSES)
      .map(({ operation, reasons }) => ({ operation: operation.id, reasons }))
  } catch {
    // A user's predicate threw, of an operation that the wait did not come to ask about.
    return []
  }
}
