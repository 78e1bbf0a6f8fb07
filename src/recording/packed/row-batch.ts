import type { LineRow, RecordingHeader, Row } from '../row.js'
import { encodeRow } from '../row-codec.js'
import { REPLACED, STREAMS, TERMINATED, wayOf } from './layout.js'
import type { Packing, Summary } from './packing.js'

/** Lines of a batch have so many bytes at most, unless one line alone has more. */
export const BATCH_BYTES: number = 128 * 1024
const BATCH_ROWS = 2048
/** Stands for a row that is among the others. */
const OTHER = 255

/** Rows on their way to the thread that packs them. Lines are bytes, which go there without being copied. */
export interface RowBatch {
  readonly count: number
  /** Of each row, in order: its stream, whether it ended and whether something in it was replaced; or `OTHER`. */
  readonly ways: Uint8Array<ArrayBuffer>
  /** Of each line, in order. */
  readonly times: Float64Array<ArrayBuffer>
  readonly lengths: Int32Array<ArrayBuffer>
  readonly text: Uint8Array<ArrayBuffer>
  /** Of each line in which something was replaced, in order: bytes of it as it was read. */
  readonly readBytes: number[]
  /** Other rows, as `encodeRow` makes them. */
  readonly others: unknown[][]
}

/** To the thread: the header as it is known by now, rows, or that there are no more. */
export type ToPacker = { readonly header: RecordingHeader } | { readonly batch: RowBatch } | { readonly end: Summary }
/** From it: bytes of the file, or that a batch has been packed, or everything. */
export type FromPacker = { readonly bytes: Uint8Array } | { readonly done: 'batch' | 'all' }

/** A line, or any other row as `encodeRow` makes it: as it was when it was written, whatever becomes of it. */
export type BatchedRow = LineRow | unknown[]

export const batched = (row: Row): BatchedRow => (row.kind === 'line' ? row : encodeRow(row))

export function addBatched(packing: Packing, row: BatchedRow, header: RecordingHeader): void {
  if (Array.isArray(row)) packing.addTuple(row, header)
  else packing.addLine(row, header)
}

/** Gathers the rows of one batch. */
export class BatchWriter {
  readonly #ways = new Uint8Array(BATCH_ROWS)
  readonly #times = new Float64Array(BATCH_ROWS)
  readonly #lengths = new Int32Array(BATCH_ROWS)
  readonly #text: Buffer<ArrayBuffer>
  readonly #readBytes: number[] = []
  readonly #others: unknown[][] = []
  #count = 0
  #lines = 0
  #bytes = 0

  /** @param first the row that it begins with, which may be longer than a batch */
  constructor(first: BatchedRow) {
    this.#text = Buffer.from(new ArrayBuffer(Math.max(BATCH_BYTES, sizeOf(first))))
  }

  /** False when the row has no room: it belongs into the next batch. */
  add(row: BatchedRow): boolean {
    if (this.#count === BATCH_ROWS) return false
    if (Array.isArray(row)) {
      this.#ways[this.#count++] = OTHER
      this.#others.push(row)
      return true
    }
    const { raw, readBytes } = row
    if (this.#bytes + raw.length > this.#text.length) return false
    if (readBytes !== undefined) this.#readBytes.push(readBytes)
    this.#ways[this.#count++] = wayOf(row)
    this.#times[this.#lines] = row.atNs
    this.#lengths[this.#lines++] = raw.length
    this.#text.write(raw, this.#bytes, 'latin1')
    this.#bytes += raw.length
    return true
  }

  end(): { batch: RowBatch; transfer: ArrayBuffer[] } {
    const batch = {
      count: this.#count,
      ways: this.#ways,
      times: this.#times,
      lengths: this.#lengths,
      text: new Uint8Array(this.#text.buffer),
      readBytes: this.#readBytes,
      others: this.#others,
    }
    return { batch, transfer: [batch.ways, batch.times, batch.lengths, batch.text].map(({ buffer }) => buffer) }
  }
}

const sizeOf = (row: BatchedRow): number => (Array.isArray(row) ? 0 : row.raw.length)

/** Packs the rows of a batch. */
export function packBatch(packing: Packing, batch: RowBatch, header: RecordingHeader): void {
  const { count, ways, times, lengths, text, readBytes, others } = batch
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  let [line, replaced, other, at] = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const way = ways[i] as number
    if (way === OTHER) packing.addTuple(others[other++] as unknown[], header)
    else {
      const to = at + (lengths[line] as number)
      const stream = STREAMS[(way >> 1) & 3] as LineRow['stream']
      const raw = bytes.toString('latin1', at, to)
      const terminated = (way & TERMINATED) !== 0
      const row: LineRow = { kind: 'line', atNs: times[line++] as number, stream, raw, terminated }
      if (way & REPLACED) row.readBytes = readBytes[replaced++] as number
      packing.addLine(row, header)
      at = to
    }
  }
}
