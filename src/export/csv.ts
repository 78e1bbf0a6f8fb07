import { type Cell, COLUMNS, type ColumnType } from './columns.js'
import type { Counts, Exporter } from './exporter.js'
import type { Sink } from './sink.js'
import type { Exported } from './source.js'

/** Comma-separated values as RFC 4180 has them: a header line, lines that end in CR LF, quotes where they are needed. */
export class CsvExporter implements Exporter {
  readonly #sink: Sink

  constructor(sink: Sink) {
    this.#sink = sink
    sink.write(`${COLUMNS.map(({ name }) => name).join(',')}\r\n`)
  }

  recording(recording: Exported): Counts {
    const counts = { operations: 0, steps: recording.steps.length }
    for (const item of recording.operations()) {
      counts.operations++
      this.#sink.write(`${COLUMNS.map(({ type, of }) => field(of(item, recording), type)).join(',')}\r\n`)
    }
    return counts
  }

  end(): void {}
}

function field(value: Cell, type: ColumnType): string {
  if (value === null) return ''
  if (type === 'timestamp') return wallTime(value as bigint)
  return typeof value === 'string' ? quoted(inert(value)) : String(value)
}

/** `2026-11-22T19:58:09.352282123Z`. */
function wallTime(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, -5)
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
}

/**
 * A spreadsheet takes text that begins with these for a formula, and runs it: an apostrophe before it makes it text. Only names of
 * steps and attributes, targets and files can begin so; paths begin with `/`. Where they must be exact there is Parquet.
 */
const inert = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
