import type { Operation } from '../operation/operation.js'
import { describeProbe, describeWait } from '../recording/describe-call.js'
import { OwnRequests } from '../recording/own-requests.js'
import type { RecordingReader } from '../recording/reader.js'
import type { CallRow, Row } from '../recording/row.js'

/** What a timeline is made of. */
export type TimelineItem =
  /** `own`: fusetrace's, not the test's or workload's. */
  | { readonly kind: 'operation'; readonly operation: Operation; readonly own: boolean }
  /** A call of the test's own, where it began. */
  | { readonly kind: 'call'; readonly call: CallRow; readonly atNs: number }
  /** A step begins. */
  | { readonly kind: 'step'; readonly name: string; readonly atNs: number; readonly depth: number }
  /** Something else that happened: a named moment, a phase of the mount, a probe (`own`), the daemon's exit, a loss. Not escaped. */
  | {
      readonly kind: 'note'
      readonly text: string
      readonly atNs: number
      readonly depth: number
      readonly own: boolean
    }

const NOTED: readonly Row['kind'][] = ['operation', 'mark', 'probe', 'wait', 'mount', 'exit', 'loss']

/**
 * The operations in order of their ids, which is the order of start, with what else happened between them. Operations are
 * recorded when they end; only those that wait for an earlier one are held.
 */
export function* timeline(reader: RecordingReader): Generator<TimelineItem> {
  const own = new OwnRequests(reader)
  const { calls } = own
  let called = 0
  const held = new Map<number, Operation>()
  const waiting: Exclude<TimelineItem, { kind: 'operation' }>[] = []
  let depth = 0
  let next = 0
  /** Calls and what else happened, in order of time, as far as it came before. */
  function* before(atNs: number): Generator<TimelineItem> {
    for (;;) {
      const [call, other] = [calls[called], waiting[0]]
      const first = Math.min(call?.beginNs ?? Number.POSITIVE_INFINITY, other?.atNs ?? Number.POSITIVE_INFINITY)
      if (first > atNs || first === Number.POSITIVE_INFINITY) return
      if (other?.atNs === first) yield waiting.shift() as TimelineItem
      else if (call) {
        called++
        yield { kind: 'call', call, atNs: call.beginNs }
      }
    }
  }
  function* give(operation: Operation): Generator<TimelineItem> {
    yield* before(operation.startNs)
    yield { kind: 'operation', operation, own: own.has(operation) }
  }
  for (const row of reader.rows({ kinds: reader.seekable ? NOTED : [...NOTED, 'call'] })) {
    if (row.kind === 'operation') {
      held.set(row.operation.id, row.operation)
      for (let operation = held.get(next); operation !== undefined; operation = held.get(next)) {
        held.delete(next++)
        yield* give(operation)
      }
    } else if (row.kind === 'mark' && row.edge === 'begin') {
      waiting.push({ kind: 'step', name: row.name, atNs: row.atNs, depth: depth++ })
    } else if (row.kind === 'mark' && row.edge === 'end') depth = Math.max(0, depth - 1)
    else if (row.kind === 'call') yield { kind: 'call', call: row, atNs: row.beginNs }
    else if (isNoted(row)) {
      const within = row.kind === 'mark' || row.kind === 'probe' || row.kind === 'wait'
      const atNs = row.kind === 'wait' ? row.endNs : row.atNs
      waiting.push({ kind: 'note', text: noteOf(row), atNs, depth: within ? depth : 0, own: isOurs(row) })
    }
  }
  // Some never came: the recording is cut.
  for (const operation of [...held.values()].sort((a, b) => a.id - b.id)) yield* give(operation)
  yield* before(Number.MAX_SAFE_INTEGER)
}

type NotedRow = Extract<Row, { kind: 'mark' | 'probe' | 'wait' | 'mount' | 'exit' | 'loss' }>

const isNoted = (row: Row): row is NotedRow => row.kind !== 'operation' && NOTED.includes(row.kind)

/** What is of no interest as long as all goes well. */
const isOurs = (row: NotedRow): boolean =>
  row.kind === 'probe' ||
  (row.kind === 'mark' && row.name === 'fence') ||
  (row.kind === 'wait' && row.end === 'satisfied')

function noteOf(row: NotedRow): string {
  switch (row.kind) {
    case 'wait':
      return describeWait(row)
    case 'probe':
      return describeProbe(row)
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
