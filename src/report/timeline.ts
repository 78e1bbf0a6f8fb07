import type { Operation } from '../operation/operation.js'
import type { RecordingReader } from '../recording/reader.js'

/** What a timeline is made of. */
export type TimelineItem =
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** A step begins. */
  | { readonly kind: 'step'; readonly name: string; readonly atNs: number; readonly depth: number }

/**
 * The operations in order of their ids, which is the order of start, with the begins of steps between them. Operations are
 * recorded when they end; only those that wait for an earlier one are held.
 */
export function* timeline(reader: RecordingReader, options: { steps: boolean }): Generator<TimelineItem> {
  const held = new Map<number, Operation>()
  const steps: { name: string; atNs: number; depth: number }[] = []
  let depth = 0
  let next = 0
  function* stepsUntil(atNs: number): Generator<TimelineItem> {
    for (let step = steps[0]; step !== undefined && step.atNs <= atNs; step = steps[0]) {
      steps.shift()
      yield { kind: 'step', ...step }
    }
  }
  function* give(operation: Operation): Generator<TimelineItem> {
    yield* stepsUntil(operation.startNs)
    yield { kind: 'operation', operation }
  }
  for (const row of reader.rows({ kinds: options.steps ? ['operation', 'mark'] : ['operation'] })) {
    if (row.kind === 'mark') {
      if (row.edge === 'begin') steps.push({ name: row.name, atNs: row.atNs, depth: depth++ })
      else if (row.edge === 'end') depth = Math.max(0, depth - 1)
    } else if (row.kind === 'operation') {
      held.set(row.operation.id, row.operation)
      for (let operation = held.get(next); operation !== undefined; operation = held.get(next)) {
        held.delete(next++)
        yield* give(operation)
      }
    }
  }
  // Some never came: the recording is cut.
  for (const operation of [...held.values()].sort((a, b) => a.id - b.id)) yield* give(operation)
  yield* stepsUntil(Number.POSITIVE_INFINITY)
}
