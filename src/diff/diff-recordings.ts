import type { Operation } from '../operation/operation.js'
import type { CallRow } from '../recording/row.js'
import { type Aligned, align, keyOf } from './align.js'
import { isCached, isLater, Overlaps } from './by-chance.js'
import { Latencies, type LatencyChange } from './latency.js'

export interface OutcomeChange {
  a: Operation
  b: Operation
  /** `ok` and `error ENOENT`, say. */
  before: string
  now: string
}

/** Two recordings compared as recordings. Of each sort of difference the first 10,000 are kept; `counts` has all. */
export interface RecordingDiff {
  same: number
  counts: { onlyA: number; onlyB: number; outcomes: number; moved: number }
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

const MAX_KEPT = 10_000
/** Operations of one side that wait for the same one at another place of the other. Beyond, the oldest are taken for gone. */
const MAX_WAITING = 20_000
/** Different requests for what the kernel caches that are remembered. */
const MAX_ASKED = 100_000

/**
 * What differs between two recordings: operations, outcomes, order, latencies. Both are read once, and memory does not grow
 * with them.
 *
 * @param calls of the tests that were recorded, in order of their begin: what ran at the same time has no order
 */
export function diffOperations(
  a: Iterable<Operation>,
  b: Iterable<Operation>,
  calls: { readonly a: readonly CallRow[]; readonly b: readonly CallRow[] } = { a: [], b: [] },
): RecordingDiff {
  const differ = new Differ(new Overlaps(calls.a), new Overlaps(calls.b))
  for (const pair of align(a, b)) differ.push(pair)
  return differ.end()
}

class Differ {
  readonly #left: Side
  readonly #right: Side
  readonly #diff: RecordingDiff = {
    same: 0,
    counts: { onlyA: 0, onlyB: 0, outcomes: 0, moved: 0 },
    onlyA: [],
    onlyB: [],
    outcomes: [],
    moved: [],
    byChance: 0,
    latencies: [],
  }

  constructor(a: Overlaps, b: Overlaps) {
    this.#left = new Side(a)
    this.#right = new Side(b)
  }

  push(pair: Aligned): void {
    const { a, b } = pair
    if (a) this.#left.see(a)
    if (b) this.#right.see(b)
    if (a && b) this.#outcome(a, b)
    else if (a) this.#single(a, this.#left, this.#right)
    else if (b) this.#single(b, this.#right, this.#left)
  }

  end(): RecordingDiff {
    for (const side of [this.#left, this.#right]) for (const one of side.rest()) this.#only(one, side)
    const diff = this.#diff
    const byNumber = (x: Operation | null, y: Operation | null): number => (x?.id ?? 0) - (y?.id ?? 0)
    diff.moved.sort((x, y) => byNumber(x.a, y.a))
    for (const list of [diff.onlyA, diff.onlyB]) list.sort(byNumber)
    diff.latencies = this.#left.latencies.against(this.#right.latencies)
    return diff
  }

  #outcome(a: Operation, b: Operation): void {
    const [before, now] = [outcomeOf(a), outcomeOf(b)]
    if (before === now) this.#diff.same++
    else this.#keep('outcomes', { a, b, before, now })
  }

  /** Only one side has it here: the other may have it at another place. */
  #single(operation: Operation, own: Side, other: Side): void {
    const partner = other.take(operation)
    if (partner === null) {
      for (const one of own.wait(operation)) this.#only(one, own)
      return
    }
    const [a, b] = own === this.#left ? [operation, partner] : [partner, operation]
    this.#outcome(a, b)
    const isChance = isLater(a) || isCached(a) || (this.#left.overlaps.has(a) && this.#right.overlaps.has(b))
    if (isChance) this.#diff.byChance++
    else this.#keep('moved', { a, b })
  }

  #only(operation: Operation, side: Side): void {
    const other = side === this.#left ? this.#right : this.#left
    if (isCached(operation) && (isLater(operation) || other.hasAsked(operation))) this.#diff.byChance++
    else this.#keep(side === this.#left ? 'onlyA' : 'onlyB', operation)
  }

  #keep<K extends keyof RecordingDiff['counts']>(kind: K, one: RecordingDiff[K][number]): void {
    const list = this.#diff[kind] as (typeof one)[]
    if (this.#diff.counts[kind]++ < MAX_KEPT) list.push(one)
  }
}

/** One recording: what of it waits for a partner, and what the kernel asked for. */
class Side {
  readonly latencies = new Latencies()
  readonly overlaps: Overlaps
  readonly #waiting = new Map<string, Operation[]>()
  readonly #asked = new Set<string>()
  #count = 0

  constructor(overlaps: Overlaps) {
    this.overlaps = overlaps
  }

  see(operation: Operation): void {
    this.latencies.add(operation)
    if (isCached(operation) && this.#asked.size < MAX_ASKED) this.#asked.add(asked(operation))
  }

  hasAsked(operation: Operation): boolean {
    return this.#asked.has(asked(operation))
  }

  /** The first that waits and does the same. */
  take(operation: Operation): Operation | null {
    const key = keyOf(operation)
    const all = this.#waiting.get(key)
    if (all === undefined) return null
    this.#count--
    if (all.length === 1) this.#waiting.delete(key)
    return all.shift() ?? null
  }

  /** Lets it wait; returns those that have waited too long. */
  wait(operation: Operation): Operation[] {
    const key = keyOf(operation)
    const all = this.#waiting.get(key)
    if (all) all.push(operation)
    else this.#waiting.set(key, [operation])
    if (++this.#count <= MAX_WAITING) return []
    const [oldest] = this.#waiting.values()
    const one = oldest?.[0] && this.take(oldest[0])
    return one ? [one] : []
  }

  rest(): Operation[] {
    return [...this.#waiting.values()].flat()
  }
}

/** What an operation asks, and how it came out. */
const asked = (one: Operation): string => `${keyOf(one)} ${outcomeOf(one)}`

const outcomeOf = ({ status, errno, negative }: Operation): string =>
  status === 'error' ? `error ${errno ?? '?'}` : negative ? 'ok: no entry' : status
