import type { WaitRow } from './row.js'
import { Invalid, isCount, isText, isTextOrNull, isTime, need, oneOf } from './validate.js'

const ENDS = ['satisfied', 'timeout', 'stream-ended', 'mount-lost', 'impossible', 'aborted', 'error'] as const
const BY = ['trace', 'probe', 'poll', null] as const
/** More is not written. */
const MAX_ITEMS = 1000

/** A wait as it is packed. */
export function encodeWait(row: WaitRow): unknown[] {
  const { beginNs, endNs, title, since, sinceNs, end, by, operations, misses, note } = row
  const near = misses.map(({ operation, reasons }) => [operation, ...reasons])
  return [12, beginNs, endNs, title, since, sinceNs, end, by, [...operations], near, note]
}

/** @throws Invalid */
export function decodeWait(t: readonly unknown[]): WaitRow {
  const [operations, near] = [t[8], t[9]]
  if (!Array.isArray(operations) || operations.length > MAX_ITEMS || !operations.every(isCount)) throw new Invalid()
  if (!Array.isArray(near) || near.length > MAX_ITEMS) throw new Invalid()
  return {
    kind: 'wait',
    beginNs: need(t[1], isTime),
    endNs: need(t[2], isTime),
    title: need(t[3], isText),
    since: need(t[4], isText),
    sinceNs: need(t[5], isTime),
    end: oneOf(t[6], ENDS),
    by: oneOf(t[7], BY),
    operations,
    misses: near.map(missOf),
    note: need(t[10], isTextOrNull),
  }
}

function missOf(packed: unknown): WaitRow['misses'][number] {
  if (!Array.isArray(packed)) throw new Invalid()
  const [operation, ...reasons] = packed as unknown[]
  if (!reasons.every(isText)) throw new Invalid()
  return { operation: need(operation, isCount), reasons }
}
