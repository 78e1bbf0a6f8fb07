import type { Footer } from '../recording/footer.js'
import { NO_COUNTS, timesOf } from '../recording/footer.js'
import type { RecordingReader } from '../recording/reader.js'
import type { ExitRow, LossRow, RecordingHeader, Row } from '../recording/row.js'

/** What a recording is, in numbers. */
export interface Summary {
  readonly header: RecordingHeader
  readonly durationNs: number
  readonly counts: Footer['counts']
  /** Lines that were not understood; null when an unfinished recording does not say. */
  readonly unparsed: number | null
  readonly losses: readonly { readonly what: string; readonly count: number }[]
  readonly steps: readonly string[]
  readonly exit: { readonly code: number | null; readonly signal: string | null } | null
  readonly complete: boolean
  readonly problem: string | null
  readonly bytes: number
}

/** Reads the whole recording, so that damage anywhere is found. */
export function summarize(reader: RecordingReader): Summary {
  const counts: Record<Row['kind'], number> = { ...NO_COUNTS }
  const losses = new Map<string, number>()
  const steps: string[] = []
  let exit: ExitRow | null = null
  let durationNs = 0
  for (const row of reader.rows()) {
    counts[row.kind]++
    durationNs = Math.max(durationNs, timesOf(row)[1])
    if (row.kind === 'loss') lose(losses, row)
    else if (row.kind === 'exit') exit = row
    else if (row.kind === 'mark' && row.edge === 'begin') steps.push(row.name)
  }
  return {
    header: reader.header,
    durationNs,
    counts,
    unparsed: reader.footer?.unparsed ?? null,
    losses: [...losses].map(([what, count]) => ({ what, count })),
    steps,
    exit: exit && { code: exit.code, signal: exit.signal },
    complete: reader.complete,
    problem: reader.problem,
    bytes: reader.bytes,
  }
}

function lose(losses: Map<string, number>, row: LossRow): void {
  losses.set(row.what, (losses.get(row.what) ?? 0) + row.count)
}
