import type { Line, Stream } from '../line/line.js'
import { LineSplitter } from '../line/splitter.js'
import type { Operation } from '../operation/operation.js'
import { type Frame, JOURNAL_STREAMS, journalFiles, readFrames } from './journal-file.js'
import type { Limits } from './limits.js'
import type { LineRow, LossRow, OperationRow, RecordingHeader, Row } from './row.js'

/** Reads lines as the recording's dialect does, and calls `onEnd` with each operation that ends. */
export type Interpret = (
  header: RecordingHeader,
  onEnd: (operation: Operation) => void,
) => { push(line: Line): void; end(atNs: number): void }

type TailRow = LineRow | LossRow | OperationRow

/**
 * What an unfinished recording lacks at its end and its journal has: the lines that had been read and not been written yet, and the
 * operations that they show.
 */
export class JournalTail {
  readonly #path: string
  readonly #limits: Limits
  /** Bytes of each stream that are in the rows seen so far. */
  readonly #bytes: Record<Stream, number> = { stdout: 0, stderr: 0, tty: 0 }
  /** Bytes that the next line has lost. */
  #cut = 0
  #lines = 0
  readonly #ids = new Ids()
  readonly #interpret: Interpret | null
  #interpreter: ReturnType<Interpret> | null = null
  readonly #found: Operation[] = []
  #lastNs = 0

  /**
   * @param path the finished name
   * @param interpret null: the lines alone
   */
  constructor(path: string, limits: Limits, interpret: Interpret | null) {
    this.#interpret = interpret
    this.#path = path
    this.#limits = limits
  }

  /** A row that is in the recording; `header` says how its lines are read. */
  see(row: Row, header: RecordingHeader): void {
    if (row.kind === 'operation') this.#ids.add(row.operation.id)
    else if (row.kind === 'loss' && row.what === 'line-bytes') this.#cut = row.count
    else if (row.kind === 'line') {
      this.#bytes[row.stream] += (row.readBytes ?? row.raw.length) + (row.terminated ? 1 : 0) + this.#cut
      this.#cut = 0
      this.#read({ index: this.#lines++, ...row }, header)
    }
  }

  /** The rows that follow. */
  *rows(header: RecordingHeader): Generator<TailRow> {
    const rows: TailRow[] = []
    const splitter = new LineSplitter({
      maxLineBytes: this.#limits.lineBytes,
      onLoss: ({ what, count }) => rows.push({ kind: 'loss', atNs: this.#lastNs, what, count }),
      onLine: ({ atNs, stream, raw, terminated }) => {
        rows.push({ kind: 'line', atNs, stream, raw, terminated })
        this.#read({ index: this.#lines++, atNs, stream, raw, terminated }, header)
        for (const operation of this.#found.splice(0)) rows.push({ kind: 'operation', operation })
      },
    })
    this.#found.length = 0
    for (const file of journalFiles(this.#path)) {
      for (const frame of readFrames(file)) {
        this.#lastNs = Math.max(this.#lastNs, frame.atNs)
        this.#push(frame, splitter, rows)
        yield* rows.splice(0)
      }
    }
    splitter.end(this.#lastNs)
    this.#interpreter?.end(this.#lastNs)
    for (const operation of this.#found.splice(0)) rows.push({ kind: 'operation', operation })
    yield* rows
  }

  /** The part of a frame that the recording does not have. */
  #push({ pipe, atNs, offset, bytes }: Frame, splitter: LineSplitter, rows: TailRow[]): void {
    const stream = JOURNAL_STREAMS[pipe]
    if (stream === undefined || bytes === null) return
    const have = this.#bytes[stream]
    if (offset + bytes.length <= have) return
    if (offset > have) rows.push({ kind: 'loss', atNs, what: 'log-bytes', count: offset - have })
    splitter.push(stream, bytes.slice(Math.max(0, have - offset)), atNs)
    this.#bytes[stream] = offset + bytes.length
  }

  #read(line: Line, header: RecordingHeader): void {
    if (header.wire || this.#interpret === null) return
    this.#interpreter ??= this.#interpret(header, (operation) => {
      if (!this.#ids.has(operation.id)) this.#found.push(operation)
    })
    this.#interpreter.push(line)
  }
}

/** Numbers that were seen, a bit each. */
class Ids {
  #bits = new Uint8Array(1024)

  add(id: number): void {
    const at = id >>> 3
    if (id > 2 ** 31) return
    if (at >= this.#bits.length) {
      const longer = new Uint8Array(Math.max(at + 1, this.#bits.length * 2))
      longer.set(this.#bits)
      this.#bits = longer
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (id & 7))
  }

  has(id: number): boolean {
    return ((this.#bits[id >>> 3] ?? 0) & (1 << (id & 7))) !== 0
  }
}
