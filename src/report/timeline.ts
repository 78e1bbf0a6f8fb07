import type { Operation } from '../operation/operation.js'
import type { RecordingReader } from '../recording/reader.js'
import type { Row } from '../recording/row.js'

/** What a timeline is made of. */
export type TimelineItem =
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** A step begins. */
  | { readonly kind: 'step'; readonly name: string; readonly atNs: number; readonly depth: number }
  /** Something else that happened: a named moment, a rung of the mount, the daemon's exit, a loss. Not escaped. */
  | { readonly kind: 'note'; readonly text: string; readonly atNs: number; readonly depth: number }

const NOTED: readonly Row['kind'][] = ['operation', 'mark', 'mount', 'exit', 'loss']

/**
 * The operations in order of their ids, which is the order of start, with what else happened between them. Operations are
 * recorded when they end; only those that wait for an earlier one are held.
 */
export function* timeline(reader: RecordingReader): Generator<TimelineItem> {
  const held = new Map<number, Operation>()
  const waiting: Exclude<TimelineItem, { kind: 'operation' }>[] = []
  let depth = 0
  let next = 0
  function* give(operation: Operation): Generator<TimelineItem> {
    while (waiting[0] !== undefined && waiting[0].atNs <= operation.startNs) yield waiting.shift() as TimelineItem
    yield { kind: 'operation', operation }
  }
  for (const row of reader.rows({ kinds: NOTED })) {
    if (row.kind === 'operation') {
      held.set(row.operation.id, row.operation)
      for (let operation = held.get(next); operation !== undefined; operation = held.get(next)) {
        held.delete(next++)
        yield* give(operation)
      }
    } else if (row.kind === 'mark' && row.edge === 'begin') {
      waiting.push({ kind: 'step', name: row.name, atNs: row.atNs, depth: depth++ })
    } else if (row.kind === 'mark' && row.edge === 'end') depth = Math.max(0, depth - 1)
    else if (row.kind === 'mark' || row.kind === 'mount' || row.kind === 'exit' || row.kind === 'loss') {
      waiting.push({ kind: 'note', text: noteOf(row), atNs: row.atNs, depth: row.kind === 'mark' ? depth : 0 })
    }
  }
  // Some never came: the recording is cut.
  for (const operation of [...held.values()].sort((a, b) => a.id - b.id)) yield* give(operation)
  yield* waiting
}

function noteOf(row: Extract<Row, { kind: 'mark' | 'mount' | 'exit' | 'loss' }>): string {
  switch (row.kind) {
    case 'mark':
      return row.name
    case 'mount':
      return `mount ${row.event}${row.detail === null ? '' : `: ${row.detail}`}`
    case 'exit':
      return `the daemon ended: ${row.signal ?? (row.code === null ? 'nobody knows how' : `code ${row.code}`)}`
    case 'loss':
      return `lost: ${row.count} ${row.what}`
  }
}
