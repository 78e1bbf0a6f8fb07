import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { Clock, Timer } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { type Footer, NO_COUNTS, timesOf } from './footer.js'
import { BASIC_FORMAT, BLOCK, type BlockKind, block, preamble, trailer, WIRE_FORMAT } from './format.js'
import { encodeHeader } from './header.js'
import { pack } from './pack.js'
import { pause } from './pause.js'
import type { RecordingHeader, Row } from './row.js'
import { encodeRow } from './row-codec.js'

/** Rows are written together when they come to this, or to this many. */
const BLOCK_BYTES = 256 * 1024
const BLOCK_ROWS = 4096
/** Nothing waits longer than this, where there is a clock. */
const FLUSH_NS = 50e6

export interface WriterOptions {
  /** With a clock, rows are in the file 50 ms after they were written, also when nothing follows. */
  clock?: Clock
}

/**
 * Writes a recording to `NAME.partial`, renamed to `NAME` when finished. What was flushed is readable whatever happens
 * afterwards. Writes are synchronous and memory is bounded by one block.
 *
 * @example
 * const writer = RecordingWriter.create('a.fusetrace', makeHeader({ … }))
 * writer.write({ kind: 'line', atNs: 0, stream: 'stdout', raw: 'mounted', terminated: true })
 * writer.finish()
 */
export class RecordingWriter {
  readonly #path: string
  readonly #file: number
  readonly #clock: Clock | undefined
  readonly #counts: Record<Row['kind'], number> = { ...NO_COUNTS }
  readonly #index: [number, number, number][] = []
  #header: RecordingHeader
  #headerDue = true
  #rows: unknown[][] = []
  #bytes = 0
  #firstNs = Number.POSITIVE_INFINITY
  #firstLine = 0
  #durationNs = 0
  #offset = 0
  #timer: Timer | null = null
  #open = true

  private constructor(path: string, file: number, header: RecordingHeader, clock: Clock | undefined) {
    this.#path = path
    this.#file = file
    this.#header = header
    this.#clock = clock
    this.#put(preamble(header.wire ? WIRE_FORMAT : BASIC_FORMAT))
  }

  /**
   * Begins a recording. `-` is stdout.
   *
   * @throws {FusetraceError} `FT_INPUT` when the file cannot be made
   */
  static create(path: string, header: RecordingHeader, options: WriterOptions = {}): RecordingWriter {
    try {
      if (path !== '-' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a directory')
      return new RecordingWriter(path, path === '-' ? 1 : openSync(`${path}.partial`, 'w'), header, options.clock)
    } catch (error) {
      throw new FusetraceError('FT_INPUT', `cannot write ${path}: ${(error as Error).message}`, {
        hint: 'check that its directory exists and can be written to',
        cause: error,
      })
    }
  }

  /** The dialect has become known after the begin. */
  setDialect(dialect: string, dialectVersion: number): void {
    this.amend({ dialect, dialectVersion })
  }

  /** Something of the header has become known after the begin. */
  amend(facts: Partial<RecordingHeader>): void {
    const header = { ...this.#header, ...facts }
    if ((Object.keys(facts) as (keyof RecordingHeader)[]).every((key) => header[key] === this.#header[key])) return
    this.#header = header
    this.#headerDue = true
  }

  write(row: Row): void {
    if (!this.#open) return
    const [begin, end] = timesOf(row)
    this.#rows.push(encodeRow(row))
    this.#bytes += row.kind === 'line' ? row.raw.length + 16 : 128
    if (row.kind === 'request' || row.kind === 'reply') this.#bytes += row.bytes.length
    if (row.kind === 'call') this.#bytes += sizeOf(row.result)
    this.#counts[row.kind]++
    this.#firstNs = Math.min(this.#firstNs, begin)
    this.#durationNs = Math.max(this.#durationNs, end)
    if (this.#bytes >= BLOCK_BYTES || this.#rows.length >= BLOCK_ROWS) this.flush()
    else if (this.#clock) this.#timer ??= this.#clock.at(this.#clock.nowNs() + FLUSH_NS, () => this.flush())
  }

  /** Everything that was written is in the file when this returns. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (!this.#open) return
    if (this.#headerDue) {
      this.#headerDue = false
      this.#block(BLOCK.header, encodeHeader(this.#header))
    }
    if (this.#rows.length === 0) return
    this.#index.push([this.#offset, this.#firstNs, this.#firstLine])
    this.#block(BLOCK.rows, this.#rows)
    this.#rows = []
    this.#bytes = 0
    this.#firstNs = Number.POSITIVE_INFINITY
    this.#firstLine = this.#counts.line
  }

  /** Ends the recording and gives it its name. `unparsed`: lines that were not understood. */
  finish(summary: { unparsed?: number } = {}): void {
    if (!this.#open) return
    this.flush()
    const footer: Footer = {
      counts: this.#counts,
      unparsed: summary.unparsed ?? 0,
      durationNs: this.#durationNs,
      index: this.#index,
    }
    const at = this.#offset
    // A reader that finds the footer has the last word on the dialect without looking at all blocks.
    this.#block(BLOCK.footer, { ...footer, header: encodeHeader(this.#header) })
    this.#put(trailer(at))
    this.#open = false
    if (this.#path === '-') return
    fsyncSync(this.#file)
    closeSync(this.#file)
    renameSync(`${this.#path}.partial`, this.#path)
  }

  /** Stops without an end: what was written stays in `NAME.partial`. */
  abandon(): void {
    if (!this.#open) return
    this.flush()
    this.#open = false
    if (this.#path !== '-') closeSync(this.#file)
  }

  /** Stops and leaves nothing. */
  discard(): void {
    if (!this.#open) return
    this.#timer?.cancel()
    this.#open = false
    if (this.#path === '-') return
    closeSync(this.#file)
    rmSync(`${this.#path}.partial`, { force: true })
  }

  #block(kind: BlockKind, value: unknown): void {
    this.#put(block(kind, pack(value)))
  }

  #put(bytes: Uint8Array): void {
    let from = 0
    while (from < bytes.length) {
      try {
        from += writeSync(this.#file, bytes, from)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
        pause()
      }
    }
    this.#offset += bytes.length
  }
}

/** Roughly, what a call's result takes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.length
  return Array.isArray(value) ? value.length * 64 : 64
}
