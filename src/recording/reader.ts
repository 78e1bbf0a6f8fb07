import { closeSync, fstatSync, openSync } from 'node:fs'
import { FusetraceError } from '../errors.js'
import { ByteSource } from './byte-source.js'
import { decodeFooter, type Footer } from './footer.js'
import {
  BLOCK,
  BLOCK_HEAD_BYTES,
  type BlockHead,
  checkPreamble,
  isWhole,
  MIXED_FORMAT,
  PACKED_FORMAT,
  PREAMBLE_BYTES,
  readBlock,
  readBlockHead,
  readTrailer,
  TRAILER_BYTES,
} from './format.js'
import { decodeHeader } from './header.js'
import { journalFiles } from './journal-file.js'
import { type Interpret, JournalTail } from './journal-tail.js'
import { beyond, type Limits, limitsHere } from './limits.js'
import { Damaged } from './packed/damaged.js'
import { unpackRows as unpackMixedRows } from './packed/format-3/block.js'
import { unpackPool } from './packed/pool.js'
import { unpackBlock } from './packed/unpack-block.js'
import type { RecordingHeader, Row } from './row.js'
import { decodeRow, isRow, kindOf } from './row-codec.js'
import { RowLimits } from './row-limits.js'
import { TooManyItems, unpack } from './unpack.js'

export interface RowsOptions {
  /** Only rows of these kinds; others are skipped undecoded. */
  kinds?: readonly Row['kind'][]
  /** Rows of these kinds are skipped undecoded. */
  without?: readonly Row['kind'][]
}

export interface OpenOptions {
  /** How much is taken. @default `FUSETRACE_LIMITS`, see `Limits` */
  limits?: Partial<Limits>
  /**
   * Of an unfinished recording (`NAME.partial`) with a journal: reads operations off the lines that are in the journal alone.
   * @default none: of what is in the journal, the lines
   */
  interpret?: Interpret
}

/** The problem of a recording that is whole as far as it goes. */
export const NOT_FINISHED = 'it was not finished'

/** Reads a recording block by block; memory does not grow with the file. */
export interface RecordingReader {
  readonly header: RecordingHeader
  /** Counts and index of a finished recording; null while it is not known to be whole. */
  readonly footer: Footer | null
  /** True when the recording was finished and what has been read of it is whole. */
  readonly complete: boolean
  /** What is wrong with the file, one sentence; null when nothing has been found by now. */
  readonly problem: string | null
  /** Bytes of the file. */
  readonly bytes: number
  /** Whether `rows` can be called again: not of a pipe. */
  readonly seekable: boolean
  /** All rows in the order of writing, until the end or the first damage (then `problem` says so). May be called again for files. */
  rows(options?: RowsOptions): Generator<Row>
  close(): void
}

/**
 * Opens a recording. `-` is stdin.
 *
 * @throws {FusetraceError} `FT_INPUT` when it cannot be read, `FT_RECORDING` when it is none or its header is damaged,
 * `FT_RECORDING_VERSION` when it is of a newer format; `FT_LIMIT`, also later from `rows`, when it holds more than is taken
 */
export function openRecording(path: string, options: OpenOptions = {}): RecordingReader {
  let file: number
  try {
    file = path === '-' ? 0 : openSync(path, 'r')
    if (fstatSync(file).isDirectory()) throw new Error('it is a directory')
  } catch (error) {
    const partial = missing(error) && exists(`${path}.partial`)
    throw new FusetraceError('FT_INPUT', `cannot read ${path}: ${(error as Error).message}`, {
      hint: partial ? `there is an unfinished ${path}.partial, which can be read` : 'check the name',
      cause: error,
    })
  }
  try {
    return new FileReader(file, path, options)
  } catch (error) {
    if (file !== 0) closeSync(file)
    throw error
  }
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

function exists(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'))
    return true
  } catch {
    return false
  }
}

/** A block whose bytes are those that were written. */
interface Block {
  readonly kind: number
  /** MessagePack; of packed rows what is stored. */
  readonly plain: Buffer
  readonly plainBytes: number
  readonly at: number
}

/** Header and footer are the same, however they are stored. */
const PLAIN_KIND: Readonly<Record<number, number>> = {
  [BLOCK.packedHeader]: BLOCK.header,
  [BLOCK.packedFooter]: BLOCK.footer,
}

/** The kind of blocks that have rows, by format. */
const rowsKind = (format: number): number =>
  format === PACKED_FORMAT ? BLOCK.packedRows : format === MIXED_FORMAT ? BLOCK.mixedRows : BLOCK.rows

/** Whether a recording of a format has blocks of a kind. */
const belongs = (kind: number, format: number): boolean =>
  kind === rowsKind(format) ||
  (format >= MIXED_FORMAT ? kind in PLAIN_KIND : kind === BLOCK.header || kind === BLOCK.footer)

function plainOf(head: BlockHead, stored: Buffer): Buffer | null {
  if (head.kind === BLOCK.packedRows || head.kind === BLOCK.mixedRows) return stored
  if (PLAIN_KIND[head.kind] === undefined) return readBlock(head, stored)
  try {
    return unpackPool(stored, head.plainBytes)
  } catch {
    return null
  }
}

class FileReader implements RecordingReader {
  readonly #source: ByteSource
  readonly #name: string
  readonly #path: string
  readonly #limits: Limits
  readonly #interpret: Interpret | null
  readonly #format: number
  #header: RecordingHeader
  #footer: Footer | null = null
  #problem: string | null = null
  /** Where the first block after the header begins. */
  #begin = 0

  constructor(file: number, path: string, { limits, interpret }: OpenOptions) {
    this.#path = path
    this.#limits = limitsHere(limits)
    this.#interpret = interpret ?? null
    this.#name = path === '-' ? 'stdin' : path
    this.#source = new ByteSource(file, this.#name)
    this.#format = checkPreamble(this.#source.read(PREAMBLE_BYTES), this.#name)
    const first = this.#next()
    const header = first?.kind === BLOCK.header ? this.#headerOf(this.#unpack(first.plain)) : null
    if (header === null) {
      throw new FusetraceError(
        'FT_RECORDING',
        `${this.#name} has no readable header: ${this.#problem ?? 'it is damaged'}`,
        {
          hint: 'it was cut or damaged before its first line; record again',
        },
      )
    }
    this.#header = header
    this.#begin = this.#source.at
    if (!this.#source.seekable) return
    this.#findFooter()
    if (this.#footer === null) this.#findHeader()
  }

  get header(): RecordingHeader {
    return this.#header
  }

  get footer(): Footer | null {
    return this.#footer
  }

  get complete(): boolean {
    return this.#footer !== null && this.#problem === null
  }

  get problem(): string | null {
    return this.#problem ?? (this.#source.seekable && this.#footer === null ? NOT_FINISHED : null)
  }

  get seekable(): boolean {
    return this.#source.seekable
  }

  get bytes(): number {
    return this.#source.bytes
  }

  rows(options: RowsOptions = {}): Generator<Row> {
    const { kinds, without } = options
    const wanted = (kind: Row['kind']): boolean => (kinds?.includes(kind) ?? true) && !without?.includes(kind)
    const finished = this.#path.replace(/\.partial$/, '')
    if (this.#footer !== null || finished === this.#path || journalFiles(finished).length === 0) {
      return this.#written(kinds || without ? wanted : undefined)
    }
    return this.#unfinished(finished, wanted)
  }

  /** The rows of an unfinished file, and what is only in its journal. */
  *#unfinished(finished: string, wanted: (kind: Row['kind']) => boolean): Generator<Row> {
    const tail = new JournalTail(finished, this.#limits, this.#interpret)
    for (const row of this.#written(undefined)) {
      tail.see(row, this.#header)
      if (wanted(row.kind)) yield row
    }
    for (const row of tail.rows(this.#header)) if (wanted(row.kind)) yield row
  }

  /** The rows that are in the file itself. */
  *#written(wanted: ((kind: Row['kind']) => boolean) | undefined): Generator<Row> {
    if (this.#source.seekable) this.#source.at = this.#begin
    this.#problem = null
    const limits = new RowLimits(this.#name, this.#limits)
    const blocks: number[] = []
    for (let next = this.#next(); next !== null; next = this.#next()) {
      if (next.kind === BLOCK.packedRows || next.kind === BLOCK.mixedRows) {
        blocks.push(next.at)
        yield* this.#packedRows(next, wanted, limits)
        if (this.#problem !== null) return
        continue
      }
      const value = this.#unpack(next.plain)
      if (next.kind === BLOCK.rows && Array.isArray(value)) {
        blocks.push(next.at)
        for (const tuple of value) {
          const kind = kindOf(tuple)
          // Of a newer version: what is known can still be read.
          if (kind === undefined && isRow(tuple)) continue
          if (wanted && kind !== undefined && !wanted(kind)) continue
          const row = decodeRow(tuple)
          if (row === null) {
            this.#problem = `a row in the block before byte ${this.#source.at} is not valid`
            return
          }
          limits.check(row)
          yield row
        }
      } else if (next.kind === BLOCK.header && this.#headerOf(value)) {
        this.#header = this.#headerOf(value) as RecordingHeader
      } else if (next.kind === BLOCK.footer && decodeFooter(value)) {
        this.#end(next.at, decodeFooter(value) as Footer, blocks)
        return
      } else {
        this.#problem = `the block before byte ${this.#source.at} is not valid`
        return
      }
    }
    this.#problem ??= NOT_FINISHED
  }

  /** The rows of a packed block; damage ends them and is the problem then. */
  *#packedRows(block: Block, wanted: ((kind: Row['kind']) => boolean) | undefined, limits: RowLimits): Generator<Row> {
    const options = { wanted, maxItems: this.#limits.blockItems }
    try {
      if (block.kind === BLOCK.mixedRows) {
        for (const row of unpackMixedRows(block.plain, block.plainBytes, options)) {
          limits.check(row)
          yield row
        }
        return
      }
      const rows = unpackBlock(block.plain, block.plainBytes, options)
      for (let row = rows.next(); row !== null; row = rows.next()) {
        limits.check(row)
        yield row
      }
    } catch (error) {
      if (error instanceof TooManyItems) throw this.#tooManyItems()
      if (!(error instanceof Damaged)) throw error
      this.#problem = `the block at byte ${block.at} is damaged`
    }
  }

  /** A header that is one; it says which format the file has. */
  #headerOf(value: unknown): RecordingHeader | null {
    const header = decodeHeader(value)
    return header && { ...header, format: this.#format }
  }

  close(): void {
    this.#source.close()
  }

  /** After the footer comes the trailer, and nothing else; the blocks are those that the index has. */
  #end(footerAt: number, footer: Footer, blocks: readonly number[]): void {
    const last = this.#source.read(TRAILER_BYTES + 1)
    const { index } = footer
    if (last.length !== TRAILER_BYTES || readTrailer(last) !== footerAt) {
      this.#problem = last.length > TRAILER_BYTES ? 'there are bytes after its end' : 'its last bytes are damaged'
    } else if (blocks.length !== index.length || blocks.some((at, i) => at !== index[i]?.[0])) {
      this.#problem = 'blocks are missing, or others than at its end'
    } else this.#footer = footer
  }

  #findFooter(): void {
    const back = this.#source.at
    this.#source.at = Math.max(back, this.#source.bytes - TRAILER_BYTES)
    const footerAt = readTrailer(this.#source.read(TRAILER_BYTES))
    if (footerAt !== null && footerAt >= back && footerAt < this.#source.bytes - TRAILER_BYTES) {
      this.#source.at = footerAt
      const block = this.#next()
      const value = block?.kind === BLOCK.footer ? this.#unpack(block.plain) : undefined
      const footer = this.#source.at === this.#source.bytes - TRAILER_BYTES ? decodeFooter(value) : null
      if (footer) {
        this.#footer = footer
        this.#header = this.#headerOf((value as { header?: unknown }).header) ?? this.#header
      }
    }
    this.#problem = null
    this.#source.at = back
  }

  /** Of what was not finished a later header shows what was not known when it began: the dialect. Only heads of blocks are read. */
  #findHeader(): void {
    const back = this.#source.at
    for (;;) {
      const at = this.#source.at
      const head = readBlockHead(this.#source.read(BLOCK_HEAD_BYTES))
      if (head === null || !belongs(head.kind, this.#format)) break
      this.#source.at = at
      if ((PLAIN_KIND[head.kind] ?? head.kind) === BLOCK.header) {
        const block = this.#next()
        if (block === null) break
        this.#header = this.#headerOf(this.#unpack(block.plain)) ?? this.#header
      } else this.#source.at = at + BLOCK_HEAD_BYTES + head.storedBytes
    }
    this.#problem = null
    this.#source.at = back
  }

  /** The next block; null at the end or when it is damaged (then `problem` is set). */
  #next(): Block | null {
    const at = this.#source.at
    const headBytes = this.#source.read(BLOCK_HEAD_BYTES)
    if (headBytes.length === 0) return null
    const head = readBlockHead(headBytes)
    if (head === null || !belongs(head.kind, this.#format)) {
      this.#problem =
        headBytes.length < BLOCK_HEAD_BYTES ? `it is cut at byte ${this.#source.at}` : `it is damaged at byte ${at}`
      return null
    }
    if (this.#source.seekable && head.storedBytes > this.#source.bytes - this.#source.at) {
      this.#problem = `it is cut in the block at byte ${at}`
      return null
    }
    const stored = this.#source.read(head.storedBytes)
    const whole = stored.length === head.storedBytes && isWhole(head, headBytes, stored)
    if (whole && head.plainBytes > this.#limits.blockBytes)
      throw beyond(this.#name, 'blockBytes', this.#limits.blockBytes, 'bytes in one block')
    const plain = whole ? plainOf(head, stored) : null
    if (plain === null) {
      this.#problem =
        stored.length < head.storedBytes ? `it is cut in the block at byte ${at}` : `the block at byte ${at} is damaged`
      return null
    }
    return { kind: PLAIN_KIND[head.kind] ?? head.kind, plain, plainBytes: head.plainBytes, at }
  }

  #unpack(plain: Buffer): unknown {
    try {
      return unpack(plain, this.#limits.blockItems)
    } catch (error) {
      if (!(error instanceof TooManyItems)) throw error
      throw this.#tooManyItems()
    }
  }

  #tooManyItems(): FusetraceError {
    return beyond(this.#name, 'blockItems', this.#limits.blockItems, 'values in one block')
  }
}
