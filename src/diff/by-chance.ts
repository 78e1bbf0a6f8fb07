import type { Operation } from '../operation/operation.js'
import type { CallRow } from '../recording/row.js'

/** Requests that the kernel makes or leaves out as its caches happen to be: how often says nothing of the run. */
const CACHED: ReadonlySet<string> = new Set([
  'lookup',
  'getattr',
  'statx',
  'getxattr',
  'access',
  'statfs',
  'forget',
  'batch_forget',
  'interrupt',
])

/** Requests that nobody waits for: they come when the kernel finds time. */
const LATER: ReadonlySet<string> = new Set(['release', 'releasedir', 'forget', 'batch_forget', 'interrupt'])

/** Whether an operation is there, and how often, by chance of the kernel's caches. */
export const isCached = ({ opcode }: Operation): boolean => CACHED.has(opcode)

/** Whether an operation is dropped or missing without the run having been another one. */
export const isLater = ({ opcode }: Operation): boolean => LATER.has(opcode)

/** Times in which several calls of a test were under way: the order of what they asked is chance. */
export class Overlaps {
  readonly #spans: (readonly [number, number])[] = []

  /** @param calls in order of their begin */
  constructor(calls: readonly CallRow[]) {
    let [from, to, count] = [0, -1, 0]
    for (const call of [...calls, null]) {
      if (call !== null && call.beginNs <= to) {
        count++
        to = Math.max(to, call.endNs)
        continue
      }
      // The log may come in after the calls have ended, but not after the next has begun.
      if (count > 1) this.#spans.push([from, call?.beginNs ?? Number.POSITIVE_INFINITY])
      if (call !== null) [from, to, count] = [call.beginNs, call.endNs, 1]
    }
  }

  /** Whether an operation's place among others is chance. */
  has({ startNs }: Operation): boolean {
    let [low, high] = [0, this.#spans.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#spans[middle]?.[0] ?? 0) <= startNs) low = middle + 1
      else high = middle
    }
    const span = this.#spans[low - 1]
    return span !== undefined && startNs < span[1]
  }
}
