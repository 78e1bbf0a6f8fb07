import type { Outcome, WaitResult } from './machine.js'

const FORGOTTEN = 'the history does not reach back to the mark'

/** What a wait that ended well tells its caller. `forgotten`: the history had let go of something after its mark. */
export function resultOf(
  { operations, by, note }: Extract<Outcome, { kind: 'done' }>,
  { beginNs, nowNs, forgotten }: { beginNs: number; nowNs: number; forgotten: boolean },
): WaitResult {
  let startNs = operations.length > 0 ? Number.POSITIVE_INFINITY : beginNs
  let endNs = operations.length > 0 ? Number.NEGATIVE_INFINITY : nowNs
  for (const operation of operations) {
    startNs = Math.min(startNs, operation.startNs)
    endNs = Math.max(endNs, operation.endNs ?? nowNs)
  }
  const said = forgotten ? (note === undefined ? FORGOTTEN : `${note}; ${FORGOTTEN}`) : note
  return {
    operation: operations.at(-1) ?? null,
    operations,
    by,
    startNs,
    endNs,
    durationNs: endNs - startNs,
    waitedNs: nowNs - beginNs,
    ...(said !== undefined && { note: said }),
  }
}
