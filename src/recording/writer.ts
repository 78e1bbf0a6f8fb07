import { ftruncateSync, writeSync } from 'node:fs'
import type { Clock, Timer } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { type Footer, NO_COUNTS, timesOf } from './footer.js'
import { BASIC_FORMAT, BLOCK, type BlockKind, block, preamble, trailer, WIRE_FORMAT } from './format.js'
import { encodeHeader } from './header.js'
import { pack } from './pack.js'
import { Packing, type Summary } from './packed/packing.js'
import { pause } from './pause.js'
import type { RecordingHeader, Row } from './row.js'
import { encodeRow } from './row-codec.js'
import { cannotWrite, openTarget, type Target } from './target.js'
import { ThreadedPacking } from './threaded-packing.js'

/** Rows are written together when they come to this, or to this many. */
const BLOCK_BYTES = 256 * 1024
const BLOCK_ROWS = 4096
/** Packed rows that are kept until the end, with those that wait for it; a recording that comes to more stays as it was written. */
const MAX_PACKED_BYTES = 64 * 1024 * 1024
/** Nothing waits longer than this, where there is a clock. */
const FLUSH_NS = 50e6

/** Replaces secrets in what is written. */
export interface RowRedaction {
  row(row: Row): Row
  header(header: RecordingHeader): RecordingHeader
  /** How often what was replaced so far. */
  readonly counts: Readonly<Record<string, number>>
}

export interface WriterOptions {
  /** Every row and the header pass through it. @default all is written as it is */
  redaction?: RowRedaction | null
  /**
   * With a clock, rows are in the file 50 ms after they were written, also when nothing follows; what is finished is packed then.
   * Without one rows are packed at once, and are in the file when a block is full.
   */
  clock?: Clock
  /**
   * Replace what exists under the name, and an unfinished recording that nobody writes any more.
   * @default false
   */
  force?: boolean
  /**
   * Called once when the file cannot be written any more (a full disk); what was written stays readable, what comes later is
   * dropped. Without it `write`, `flush` and `finish` throw FT_OUTPUT.
   */
  onFailure?(error: FusetraceError): void
  /** Called when everything that was written so far is in the file. */
  onFlush?(): void
  /**
   * Many rows are packed in a thread of their own. Then `finished` is awaited in the place of `finish`, and without a clock `ready`
   * now and then.
   * @default false
   */
  threaded?: boolean
}

/** What is known at the end. */
interface WrittenSummary {
  /** Lines that were not understood. @default 0 */
  unparsed?: number
  /** False: what exists under the name stays, also with `force`. @default true */
  replace?: boolean
}

/**
 * Writes a recording to `NAME.partial`, renamed to `NAME` when finished. What was flushed is readable whatever happens
 * afterwards. Writes are synchronous; memory is bounded by one block, and with a clock by what the finished file has (64 MiB).
 *
 * @example
 * const writer = RecordingWriter.create('a.fusetrace', makeHeader({ … }))
 * writer.write({ kind: 'line', atNs: 0, stream: 'stdout', raw: 'mounted', terminated: true })
 * writer.finish()
 */
export class RecordingWriter {
  readonly #path: string
  readonly #target: Target
  readonly #clock: Clock | undefined
  readonly #redaction: RowRedaction | null
  readonly #onFailure: ((error: FusetraceError) => void) | undefined
  readonly #onFlush: (() => void) | undefined
  #failure: FusetraceError | null = null
  #packing: Packing | null = null
  #threaded: ThreadedPacking | null = null
  /** The finished file, as far as it is packed, while another is written. */
  readonly #packed: Buffer[] = []
  /** When the oldest row that is not in the file yet was written. */
  #sinceNs = 0
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

  private constructor(path: string, target: Target, header: RecordingHeader, options: WriterOptions) {
    this.#path = path
    this.#target = target
    this.#redaction = options.redaction ?? null
    this.#header = this.#redacted(header)
    this.#clock = options.clock
    this.#onFailure = options.onFailure
    this.#onFlush = options.onFlush
    if (this.#clock === undefined) {
      const put = (bytes: Buffer): void => this.#put(bytes)
      if (options.threaded) this.#threaded = new ThreadedPacking(put)
      else this.#packing = new Packing(put)
    } else {
      this.#put(preamble(header.wire ? WIRE_FORMAT : BASIC_FORMAT))
      const put = (bytes: Buffer): void => void this.#packed.push(bytes)
      // What is no file of its own cannot be replaced by a packed one.
      if (target.renamed && options.threaded) this.#threaded = new ThreadedPacking(put, { eager: true })
      else if (target.renamed) this.#packing = new Packing(put)
    }
    // A recorder that is killed before its first line leaves a recording too.
    if (this.#clock) this.flush()
  }

  /**
   * Begins a recording. `-` is stdout.
   *
   * @throws {FusetraceError} `FT_USAGE` when it exists, or somebody is writing it; `FT_INPUT` or `FT_OUTPUT` (a full disk) when it cannot be made
   */
  static create(path: string, header: RecordingHeader, options: WriterOptions = {}): RecordingWriter {
    const target = openTarget(path, options)
    try {
      return new RecordingWriter(path, target, header, options)
    } catch (error) {
      target.discard()
      throw error
    }
  }

  /** Why the file cannot be written any more; null while it can. */
  get failure(): FusetraceError | null {
    return this.#failure
  }

  /** The dialect has become known after the begin. */
  setDialect(dialect: string, dialectVersion: number): void {
    this.amend({ dialect, dialectVersion })
  }

  /** Something of the header has become known after the begin. */
  amend(facts: Partial<RecordingHeader>): void {
    const header = this.#redacted({ ...this.#header, ...facts })
    if ((Object.keys(facts) as (keyof RecordingHeader)[]).every((key) => header[key] === this.#header[key])) return
    this.#header = header
    this.#headerDue = true
  }

  write(given: Row): void {
    if (!this.#open || this.#failure) return
    const row = this.#redaction?.row(given) ?? given
    const [begin, end] = timesOf(row)
    this.#counts[row.kind]++
    this.#durationNs = Math.max(this.#durationNs, end)
    this.#packing?.add(row, this.#header)
    this.#threaded?.add(row, this.#header)
    if (this.#clock === undefined) return
    if (((this.#packing ?? this.#threaded)?.bytes ?? 0) > MAX_PACKED_BYTES) this.#stopPacking()
    this.#rows.push(encodeRow(row))
    this.#bytes += row.kind === 'line' ? row.raw.length + 16 : 128
    if (row.kind === 'request' || row.kind === 'reply') this.#bytes += row.bytes.length
    if (row.kind === 'call') this.#bytes += sizeOf(row.result)
    this.#firstNs = Math.min(this.#firstNs, begin)
    if (this.#bytes >= BLOCK_BYTES || this.#rows.length >= BLOCK_ROWS) this.flush()
    else this.#flushSoon(this.#clock)
  }

  /** Everything that was written is in the file when this returns. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (!this.#open || this.#failure) return
    if (this.#clock === undefined) {
      this.#packing?.flush(this.#header)
      return
    }
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
    if (!this.#failure) this.#onFlush?.()
  }

  /** Resolves when more rows may be written. See `threaded`. */
  async ready(): Promise<void> {
    await this.#threaded?.ready()
  }

  /** Whether what is written has a name of its own until it is finished. */
  get renamed(): boolean {
    return this.#target.renamed
  }

  /**
   * Ends the recording and gives it its name.
   *
   * @returns the name that it has now
   */
  finish(summary: WrittenSummary = {}): string {
    if (!this.#open) return this.#path
    if (this.#threaded) throw new TypeError('a thread may be packing: await finished()')
    this.#complete()
    return this.#close(summary)
  }

  /** As `finish`, when all has been packed. See `threaded`. */
  async finished(summary: WrittenSummary = {}): Promise<string> {
    if (this.#open) {
      this.#complete()
      this.flush()
      await this.#packAll(this.#known(summary))
    }
    return this.#open ? this.#close(summary) : this.#path
  }

  async #packAll(known: Summary): Promise<void> {
    if (this.#failure) this.#stopPacking()
    try {
      await this.#threaded?.finish(this.#header, known)
    } catch (error) {
      if (this.#clock === undefined) throw error
      // All rows are in the file as they were written.
      this.#stopPacking()
    }
  }

  /** The file stays as it was written. */
  #stopPacking(): void {
    this.#threaded?.stop()
    this.#threaded = null
    this.#packing = null
    this.#packed.length = 0
  }

  /** Everything is known that the header says. */
  #complete(): void {
    if (this.#redaction)
      this.#header = { ...this.#header, redacted: added(this.#header.redacted ?? {}, this.#redaction.counts) }
  }

  #known({ unparsed = 0 }: WrittenSummary): Summary {
    return { counts: this.#counts, unparsed, durationNs: this.#durationNs }
  }

  #close(summary: WrittenSummary): string {
    this.flush()
    const known = this.#known(summary)
    let name = this.#target.renamed ? `${this.#path}.partial` : this.#path
    this.#packing?.finish(this.#header, known)
    if (this.#clock !== undefined && !this.#target.replace(this.#packed)) this.#end({ ...known, index: this.#index })
    this.#open = false
    if (this.#failure) this.#target.abandon()
    else
      this.#try(() => {
        name = this.#target.finish(summary.replace ?? true)
      })
    return name
  }

  /** The end of a file that is not packed. */
  #end(footer: Footer): void {
    const at = this.#offset
    // A reader that finds the footer has the last word on the dialect without looking at all blocks.
    this.#block(BLOCK.footer, { ...footer, header: encodeHeader(this.#header) })
    this.#put(trailer(at))
  }

  /** Stops without an end: what was written stays in `NAME.partial`. */
  abandon(): void {
    if (!this.#open) return
    this.flush()
    this.#threaded?.stop()
    this.#open = false
    this.#target.abandon()
  }

  /** Stops and leaves nothing. */
  discard(): void {
    if (!this.#open) return
    this.#timer?.cancel()
    this.#threaded?.stop()
    this.#open = false
    this.#target.discard()
  }

  #redacted(header: RecordingHeader): RecordingHeader {
    return this.#redaction === null ? header : { redacted: {}, ...this.#redaction.header(header) }
  }

  /** Timers do not run while this thread is busy; rows do not wait for that. */
  #flushSoon(clock: Clock): void {
    const nowNs = clock.nowNs()
    if (this.#rows.length === 1) this.#sinceNs = nowNs
    if (nowNs - this.#sinceNs >= FLUSH_NS) this.flush()
    else this.#timer ??= clock.at(nowNs + FLUSH_NS, () => this.flush())
  }

  #block(kind: BlockKind, value: unknown): void {
    this.#put(block(kind, pack(value)))
  }

  #put(bytes: Uint8Array): void {
    if (this.#failure) return
    this.#try(() => {
      let from = 0
      while (from < bytes.length) {
        try {
          from += writeSync(this.#target.file, bytes, from)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
          pause()
        }
      }
      this.#offset += bytes.length
    })
  }

  #try(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** The file ends with its last whole block then, and can be read so far. */
  #fail(error: unknown): void {
    this.#failure = error instanceof FusetraceError ? error : cannotWrite(this.#path, error)
    this.#rows = []
    this.#timer?.cancel()
    if (this.#target.renamed && this.#open) {
      try {
        ftruncateSync(this.#target.file, this.#offset)
      } catch {
        // A reader stops at the block that is not whole.
      }
    }
    if (this.#onFailure) this.#onFailure(this.#failure)
    else throw this.#failure
  }
}

/** Counts by name, of both. */
function added(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** Roughly, what a call's result takes. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.length
  return Array.isArray(value) ? value.length * 64 : 64
}
