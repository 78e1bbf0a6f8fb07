import type { Outcome, WaitResult } from './machine.js'

const FORGOTTEN = 'the history does not reach back to the mark'

const BY_REQUEST = 'the log does not show its end: a request of our own came after it'

/**
 * What a wait that ended well gives its caller. `forgotten`: the history had let go of something after its mark.
 * `byRequest`: the end of an operation is known because a request of our own came after it.
 */
export function resultOf(
  { operations, by, note }: Extract<Outcome, { kind: 'done' }>,
  { beginNs, nowNs, forgotten, byRequest }: { beginNs: number; nowNs: number; forgotten: boolean; byRequest: boolean },
): WaitResult {
  let startNs = operations.length > 0 ? Number.POSITIVE_INFINITY : beginNs
  let endNs = operations.length > 0 ? Number.NEGATIVE_INFINITY : nowNs
  for (const operation of operations) {
    startNs = Math.min(startNs, operation.startNs)
    endNs = Math.max(endNs, operation.endNs ?? nowNs)
  }
  const notes = [note, byRequest ? BY_REQUEST : undefined, forgotten ? FORGOTTEN : undefined]
  const said = notes.filter((one) => one !== undefined).join('; ')
  return {
    operation: operations.at(-1) ?? null,
    operations,
    by: byRequest && by === 'trace' ? 'probe' : by,
    startNs,
    endNs,
    durationNs: endNs - startNs,
    waitedNs: nowNs - beginNs,
    ...(said !== '' && { note: said }),
  }
}
