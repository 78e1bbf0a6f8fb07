import type { Footer } from '../footer.js'
import { BLOCK, PACKED_FORMAT, preamble, storedBlock, trailer } from '../format.js'
import { encodeHeader } from '../header.js'
import { pack } from '../pack.js'
import type { LineRow, RecordingHeader, Row } from '../row.js'
import { encodeRow } from '../row-codec.js'
import { BlockPacker } from './block.js'
import { beginItem } from './layout.js'
import { LineWriter } from './line-writer.js'
import { packPool } from './pool.js'

/** What a packed recording says at its end, but for what it knows itself. */
export type Summary = Omit<Footer, 'index'>

/** A packed recording, piece by piece. */
export class Packing {
  readonly #put: (bytes: Buffer) => void
  readonly #index: [number, number, number][] = []
  readonly #writer = new LineWriter()
  #block: BlockPacker | null = null
  #header: RecordingHeader | null = null
  #offset = 0
  #lines = 0
  #firstNs = Number.POSITIVE_INFINITY
  #firstLine = 0

  /** @param put takes the bytes in order */
  constructor(put: (bytes: Buffer) => void) {
    this.#put = put
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#offset
  }

  /** @param header as it is known by now */
  add(row: Row, header: RecordingHeader): void {
    if (row.kind === 'line') this.addLine(row, header)
    else this.addTuple(encodeRow(row), header)
  }

  addLine(row: LineRow, header: RecordingHeader): void {
    this.#next(row.atNs, header).addLine(row)
    this.#lines++
  }

  /** Any other row, as `encodeRow` makes it; the tuple is changed. */
  addTuple(tuple: unknown[], header: RecordingHeader): void {
    this.#next(tuple[beginItem(tuple[0] as number)] as number, header).addTuple(tuple)
  }

  /** The block that the next row goes into. */
  #next(beginNs: number, header: RecordingHeader): BlockPacker {
    if (this.#block?.full) this.flush(header)
    this.#block ??= new BlockPacker(this.#lines, this.#writer)
    this.#firstNs = Math.min(this.#firstNs, beginNs)
    return this.#block
  }

  /** All rows so far are with whoever takes the bytes. */
  flush(header: RecordingHeader): void {
    this.#begin(header)
    if (this.#block === null) return
    const only = this.#index.length === 0 && !this.#block.full
    this.#index.push([this.#offset, this.#firstNs, this.#firstLine])
    const { stored, plainBytes } = this.#block.end(only ? 'best' : 'fast')
    this.#give(storedBlock(BLOCK.packedRows, stored, plainBytes))
    this.#block = null
    this.#firstNs = Number.POSITIVE_INFINITY
    this.#firstLine = this.#lines
  }

  finish(header: RecordingHeader, summary: Summary): void {
    this.flush(header)
    const at = this.#offset
    const footer = { ...summary, index: this.#index }
    this.#small(BLOCK.packedFooter, header === this.#header ? footer : { ...footer, header: encoded(header) })
    this.#give(trailer(at))
  }

  #begin(header: RecordingHeader): void {
    if (this.#header !== null) return
    this.#header = header
    this.#give(preamble(PACKED_FORMAT))
    this.#small(BLOCK.packedHeader, encoded(header))
  }

  #small(kind: typeof BLOCK.packedHeader | typeof BLOCK.packedFooter, value: unknown): void {
    const plain = pack(value)
    this.#give(storedBlock(kind, packPool(plain), plain.length))
  }

  #give(bytes: Buffer): void {
    this.#offset += bytes.length
    this.#put(bytes)
  }
}

const encoded = (header: RecordingHeader): Record<string, unknown> => ({
  ...encodeHeader(header),
  format: PACKED_FORMAT,
})
