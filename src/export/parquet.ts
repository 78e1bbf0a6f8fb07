import type { ByteWriter as ByteWriterType, ParquetWriter as ParquetWriterType, SchemaElement } from 'hyparquet-writer'
import { VERSION } from '../version.js'
import { type Cell, COLUMNS, type Column } from './columns.js'
import type { Counts, Exporter } from './exporter.js'
import type { Sink } from './sink.js'
import type { Exported } from './source.js'

/** Operations of one row group: a recording with more has several. */
const MAX_GROUP = 250_000

/**
 * Parquet: one table of operations, a row group a recording, so that a query by file reads only its own. Memory holds one row group, and
 * a few kB for each that was written, which the file's end names.
 */
export class ParquetExporter implements Exporter {
  readonly #writer: ParquetWriterType

  private constructor(writer: ParquetWriterType) {
    this.#writer = writer
  }

  /** The library is loaded only by those who write Parquet. */
  static async create(sink: Sink): Promise<ParquetExporter> {
    const { ByteWriter, ParquetWriter } = await import('hyparquet-writer')
    const schema = [{ name: 'operations', num_children: COLUMNS.length }, ...COLUMNS.map(element)]
    const writer = new ParquetWriter({
      writer: streaming(new ByteWriter(), sink),
      schema,
      createdBy: `fusetrace ${VERSION}`,
      kvMetadata: [{ key: 'fusetrace.times', value: 'ns since the origin of the recording' }],
    })
    return new ParquetExporter(writer)
  }

  async recording(recording: Exported): Promise<Counts> {
    const counts = { operations: 0, steps: recording.steps.length }
    let cells: Cell[][] = COLUMNS.map(() => [])
    let rows = 0
    const flush = async (): Promise<void> => {
      if (rows === 0) return
      const columnData = COLUMNS.map(({ name }, i) => ({ name, data: cells[i] as unknown[] }))
      await this.#writer.write({ columnData, rowGroupSize: rows })
      cells = COLUMNS.map(() => [])
      rows = 0
    }
    for (const item of recording.operations()) {
      for (const [i, column] of COLUMNS.entries()) cells[i]?.push(column.of(item, recording))
      counts.operations++
      if (++rows >= MAX_GROUP) await flush()
    }
    await flush()
    return counts
  }

  async end(): Promise<void> {
    await this.#writer.finish()
  }
}

/** Hands on what is written after each row group. */
function streaming(writer: ByteWriterType, sink: Sink): ByteWriterType {
  const flush = (): void => {
    sink.write(writer.getBytes())
    writer.index = 0
  }
  return Object.assign(writer, { flush, finish: flush })
}

function element({ name, type }: Column): SchemaElement {
  const common = { name, repetition_type: 'OPTIONAL' } as const
  switch (type) {
    case 'string':
      return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8' }
    case 'boolean':
      return { ...common, type: 'BOOLEAN' }
    case 'int32':
      return { ...common, type: 'INT32' }
    case 'int64':
      return { ...common, type: 'INT64' }
    // Without a logical type beside them: its bit width would be written wider than readers take it.
    case 'uint32':
      return { ...common, type: 'INT32', converted_type: 'UINT_32' }
    case 'uint64':
      return { ...common, type: 'INT64', converted_type: 'UINT_64' }
    case 'timestamp':
      return { ...common, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } }
  }
}
