import { durationNs } from '../../operation/duration.js'
import type { Operation } from '../../operation/operation.js'
import { quantile } from '../../quantile.js'
import type { CallRow } from '../../recording/row.js'
import { type Aligned, align } from './align.js'
import { isCached, isLater, Overlaps } from './by-chance.js'

/** How long an opcode took in both recordings, ns. */
export interface LatencyChange {
  opcode: string
  a: Latency
  b: Latency
  /** The medians differ by more than both spreads explain. */
  beyondNoise: boolean
}

export interface Latency {
  count: number
  medianNs: number | null
  p99Ns: number | null
  /** Half the distance of the quartiles: what the median moves by without any cause. */
  noiseNs: number | null
}

export interface OutcomeChange {
  a: Operation
  b: Operation
  /** `ok` and `error ENOENT`, say. */
  before: string
  now: string
}

/** Two recordings compared as recordings. */
export interface RecordingDiff {
  same: number
  onlyA: Operation[]
  onlyB: Operation[]
  outcomes: OutcomeChange[]
  /** Operations that both have, in another order. */
  moved: Aligned[]
  /**
   * Differences that say nothing of the run: the order of calls that ran at the same time, when the kernel released a file, how
   * often it asked for what it caches.
   */
  byChance: number
  latencies: LatencyChange[]
}

/**
 * What differs between two recordings: operations, outcomes, order, latencies.
 *
 * @param calls of the tests that were recorded, in order of their begin: what ran at the same time has no order
 */
export function diffOperations(
  a: readonly Operation[],
  b: readonly Operation[],
  calls: { readonly a: readonly CallRow[]; readonly b: readonly CallRow[] } = { a: [], b: [] },
): RecordingDiff {
  const aligned = align(a, b)
  const outcomes: OutcomeChange[] = []
  const left: Operation[] = []
  const right: Operation[] = []
  let same = 0
  for (const pair of aligned) {
    if (pair.a && pair.b) {
      if (compareOutcome(pair.a, pair.b, outcomes)) same++
    } else if (pair.a) left.push(pair.a)
    else if (pair.b) right.push(pair.b)
  }
  const { moved, onlyA, onlyB } = reordered(left, right)
  for (const pair of moved) if (pair.a && pair.b && compareOutcome(pair.a, pair.b, outcomes)) same++
  const overlaps = { a: new Overlaps(calls.a), b: new Overlaps(calls.b) }
  const inOrder = moved.filter(({ a: x, b: y }) => {
    if (x === null || y === null) return true
    return !isLater(x) && !isCached(x) && !(overlaps.a.has(x) && overlaps.b.has(y))
  })
  const known = { a: new Set(a.map(keyOf)), b: new Set(b.map(keyOf)) }
  const asked = (other: ReadonlySet<string>) => (one: Operation) =>
    !(isCached(one) && (isLater(one) || other.has(keyOf(one))))
  const gone = onlyA.filter(asked(known.b))
  const added = onlyB.filter(asked(known.a))
  const byChance = moved.length - inOrder.length + onlyA.length - gone.length + onlyB.length - added.length
  return { same, onlyA: gone, onlyB: added, outcomes, moved: inOrder, byChance, latencies: latencies(a, b) }
}

/** What an operation asks, and how it came out. */
const keyOf = (one: Operation): string => JSON.stringify([one.opcode, one.path, one.name, one.newPath, outcomeOf(one)])

function compareOutcome(a: Operation, b: Operation, outcomes: OutcomeChange[]): boolean {
  const [before, now] = [outcomeOf(a), outcomeOf(b)]
  if (before === now) return true
  outcomes.push({ a, b, before, now })
  return false
}

const outcomeOf = ({ status, errno, negative }: Operation): string =>
  status === 'error' ? `error ${errno ?? '?'}` : negative ? 'ok: no entry' : status

/** What is on both sides, at another place. */
function reordered(left: readonly Operation[], right: readonly Operation[]) {
  const waiting = new Map<string, Operation[]>()
  const key = ({ opcode, path, name, newPath }: Operation): string => `${opcode} ${path} ${name} ${newPath}`
  for (const operation of right) waiting.set(key(operation), [...(waiting.get(key(operation)) ?? []), operation])
  const moved: Aligned[] = []
  const onlyA: Operation[] = []
  for (const operation of left) {
    const other = waiting.get(key(operation))?.shift()
    if (other) moved.push({ a: operation, b: other })
    else onlyA.push(operation)
  }
  const onlyB = [...waiting.values()].flat().sort((x, y) => x.id - y.id)
  return { moved, onlyA, onlyB }
}

function latencies(a: readonly Operation[], b: readonly Operation[]): LatencyChange[] {
  const [left, right] = [durations(a), durations(b)]
  const opcodes = [...new Set([...left.keys(), ...right.keys()])].sort()
  return opcodes.map((opcode) => {
    const [x, y] = [latency(left.get(opcode) ?? []), latency(right.get(opcode) ?? [])]
    const moved = x.medianNs === null || y.medianNs === null ? 0 : Math.abs(x.medianNs - y.medianNs)
    const noise = (x.noiseNs ?? 0) + (y.noiseNs ?? 0)
    return { opcode, a: x, b: y, beyondNoise: x.count >= 5 && y.count >= 5 && moved > noise }
  })
}

/** Only where the log shows the end; 0 is too short to be measured. */
function durations(operations: readonly Operation[]): Map<string, number[]> {
  const byOpcode = new Map<string, number[]>()
  for (const operation of operations) {
    const took = durationNs(operation)
    if (took === null) continue
    const of = byOpcode.get(operation.opcode)
    if (of) of.push(took)
    else byOpcode.set(operation.opcode, [took])
  }
  return byOpcode
}

function latency(values: number[]): Latency {
  values.sort((x, y) => x - y)
  const at = (share: number): number | null => quantile(values, share)
  const [low, high] = [at(0.25), at(0.75)]
  const noiseNs = low === null || high === null ? null : Math.round((high - low) / 2)
  return { count: values.length, medianNs: at(0.5) || null, p99Ns: at(0.99) || null, noiseNs }
}
