import type { Operation } from '../operation/operation.js'
import { timesOf } from '../recording/footer.js'
import { OwnRequests } from '../recording/own-requests.js'
import type { RecordingReader } from '../recording/reader.js'
import type { CallRow, RecordingHeader, Row } from '../recording/row.js'
import { inOrder, LateOperations } from './in-order.js'
import { type StepSpan, StepTrack } from './steps.js'

/** An operation, and where it belongs. */
export interface ExportedOperation {
  readonly operation: Operation
  /** The innermost step in which it began. */
  readonly step: StepSpan | null
  /** It is a request of fusetrace itself: a fence or a probe. */
  readonly own: boolean
}

/** A moment of a run that is no operation: a named one, a phase of the mount, a loss, the daemon's end. */
export interface Note {
  readonly atNs: number
  readonly text: string
}

/** Notes that are kept of one recording. */
const MAX_NOTES = 10_000

/** A recording as an exporter sees it. */
export interface Exported {
  /** From 0, in the order given. */
  readonly index: number
  /** As it was given: a path. */
  readonly file: string
  readonly header: RecordingHeader
  readonly steps: readonly StepSpan[]
  /** The test's own calls, in order of their begins. */
  readonly calls: readonly CallRow[]
  readonly notes: readonly Note[]
  /** Latest time in it. */
  readonly endNs: number
  /** In order of their starts; can be read once. */
  operations(): Iterable<ExportedOperation>
}

/**
 * Reads what an exporter needs to know of a recording before its operations.
 *
 * @param options.all with the requests of fusetrace itself
 */
export function exported(
  reader: RecordingReader,
  given: { readonly index: number; readonly file: string },
  options: { readonly all: boolean },
): Exported {
  const track = new StepTrack()
  const late = new LateOperations()
  const notes: Note[] = []
  let endNs = 0
  for (const row of reader.rows()) {
    endNs = Math.max(endNs, timesOf(row)[1])
    if (row.kind === 'operation') late.see(row.operation)
    else if (row.kind === 'mark') track.mark(row)
    const text = noteOf(row)
    if (text !== null && notes.length < MAX_NOTES) notes.push({ text, atNs: timesOf(row)[0] })
  }
  const own = new OwnRequests(reader)
  return {
    ...given,
    header: reader.header,
    steps: track.steps,
    calls: own.calls,
    notes: notes.sort((a, b) => a.atNs - b.atNs),
    endNs,
    *operations() {
      for (const operation of inOrder(reader, late.found)) {
        const ours = own.has(operation)
        if (!ours || options.all) yield { operation, own: ours, step: track.at(operation.startNs) }
      }
    },
  }
}

function noteOf(row: Row): string | null {
  switch (row.kind) {
    case 'mark':
      return row.edge === 'moment' && row.name !== 'fence' ? row.name : null
    case 'mount':
      return `mount ${row.event}`
    case 'exit':
      return `daemon ended: ${row.signal ?? (row.code === null ? 'unknown' : `code ${row.code}`)}`
    case 'loss':
      return `lost: ${row.count} ${row.what}`
    case 'fault':
      return `fault: ${row.text}`
    default:
      return null
  }
}
