import type { OpenOptions } from '../recording/reader.js'
import { openRecording } from '../recording/reader.js'
import { CsvExporter } from './csv.js'
import type { Counts, Exporter, Format } from './exporter.js'
import { FoldedExporter } from './folded.js'
import { OtlpExporter } from './otlp.js'
import { PerfettoExporter } from './perfetto.js'
import type { Sink } from './sink.js'
import { exported } from './source.js'
import type { TraceParent } from './traceparent.js'

export interface ExportOptions {
  readonly format: Format
  /** With the requests of fusetrace itself. @default false */
  readonly all?: boolean
  /** Of OTLP: the span that the recordings' are children of. */
  readonly parent?: TraceParent | null
  /** How a file is opened. */
  open?(file: string): OpenOptions | Promise<OpenOptions>
  /** A recording has been written; `problem`: it could not be read whole. */
  onRecording?(file: string, counts: Counts, problem: string | null): void
}

/** What was exported. */
export interface ExportSummary extends Counts {
  recordings: number
  /** Recordings that could not be read whole. */
  incomplete: number
  /** Operations with a known duration; null where the format does not go by them. */
  measured: number | null
}

/**
 * Writes recordings in the form of another tool. One after the other; memory holds one of their windows, not the recordings.
 *
 * @param files paths of recordings
 * @throws {FusetraceError} `FT_INPUT`, `FT_RECORDING` when one cannot be read, FT_OUTPUT when the sink cannot be written
 */
export async function exportRecordings(
  files: readonly { readonly path: string; readonly name: string }[],
  sink: Sink,
  options: ExportOptions,
): Promise<ExportSummary> {
  const exporter = await exporterFor(sink, options, files.length)
  const sum = { recordings: 0, operations: 0, steps: 0, incomplete: 0 }
  for (const [index, { path, name }] of files.entries()) {
    const reader = openRecording(path, await options.open?.(path))
    try {
      const counts = await exporter.recording(exported(reader, { index, file: name }, { all: options.all === true }))
      sum.recordings++
      sum.operations += counts.operations
      sum.steps += counts.steps
      if (reader.problem !== null) sum.incomplete++
      options.onRecording?.(name, counts, reader.problem)
    } finally {
      reader.close()
    }
  }
  await exporter.end()
  return { ...sum, measured: exporter instanceof FoldedExporter ? exporter.measured : null }
}

async function exporterFor(sink: Sink, options: ExportOptions, files: number): Promise<Exporter> {
  switch (options.format) {
    case 'perfetto':
      return new PerfettoExporter(sink)
    case 'otlp':
      return new OtlpExporter(sink, options.parent ?? null)
    case 'csv':
      return new CsvExporter(sink)
    case 'folded':
      return new FoldedExporter(sink, files > 1)
    case 'parquet':
      return (await import('./parquet.js')).ParquetExporter.create(sink)
  }
}
