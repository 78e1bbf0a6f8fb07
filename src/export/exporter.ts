import type { Exported } from './source.js'

/** One form of export. Recordings come one after the other; what is written is whole after `end`. */
export interface Exporter {
  /** Writes a recording, and nothing of it stays in memory. */
  recording(recording: Exported): Counts | Promise<Counts>
  /** The last recording has been written. */
  end(): void | Promise<void>
}

/** What was written of a recording. */
export interface Counts {
  operations: number
  steps: number
}

export const FORMATS = ['perfetto', 'otlp', 'parquet', 'csv', 'folded'] as const
export type Format = (typeof FORMATS)[number]
