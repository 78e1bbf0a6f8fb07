import { existsSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { FusetraceError } from '../errors.js'
import { packageFile } from '../version.js'
import { Packing, type Summary } from './packed/packing.js'
import {
  addBatched,
  BATCH_BYTES,
  type BatchedRow,
  BatchWriter,
  batched,
  type FromPacker,
  type ToPacker,
} from './packed/row-batch.js'
import type { RecordingHeader, Row } from './row.js'

/** So many rows are packed before a thread is ready. */
const FEW_ROWS = 4096
/** Batches that may wait for the thread. */
const MAX_WAITING = 16

interface ThreadedOptions {
  /** What are few rows yet is packed as it comes, not at the end: for rows that come now and then. @default false */
  eager?: boolean
  /** Of the thread. @default dist/packing-thread.js */
  program?: URL
}

/**
 * Packs the rows of a recording in a thread of its own, once there are many; the bytes are those that `Packing` makes of the same
 * rows. Who writes faster than the thread packs waits for `ready`.
 */
export class ThreadedPacking {
  readonly #put: (bytes: Buffer) => void
  readonly #program: URL
  /** What has come while there were few; null once it is decided who packs. */
  #early: { readonly row: BatchedRow; readonly header: RecordingHeader }[] | null = []
  /** Packs here, as long as there are few or where there is no program of a thread; and its bytes. */
  #local: Packing | null = null
  #localBytes: Buffer[] = []
  #worker: Worker | null = null
  #batch: BatchWriter | null = null
  /** What the thread knows. */
  #header: RecordingHeader | null = null
  #waiting = 0
  #bytes = 0
  #ended = false
  #failure: unknown = null
  /** Somebody waits for the thread. */
  #onAnswer: () => void = () => {}

  /** @param put takes the bytes in order */
  constructor(put: (bytes: Buffer) => void, options: ThreadedOptions = {}) {
    this.#put = put
    this.#program = options.program ?? packageFile('dist/packing-thread.js')
    if (options.eager) this.#local = this.#here()
  }

  /** Bytes that were put, and those of rows that wait for the thread, roughly. */
  get bytes(): number {
    return this.#bytes + this.#waiting * BATCH_BYTES
  }

  /** @param header as it is known by now */
  add(row: Row, header: RecordingHeader): void {
    if (this.#worker !== null) this.#send(this.#worker, batched(row), header)
    else {
      this.#local?.add(row, header)
      if (this.#early === null) this.#putLocal()
      else if (this.#early.push({ row: batched(row), header }) === FEW_ROWS) this.#decide(existsSync(this.#program))
    }
  }

  /** Resolves when more rows may come. Rejects when they cannot be packed. */
  async ready(): Promise<void> {
    await this.#until(() => this.#waiting <= MAX_WAITING)
  }

  /** Resolves when all bytes have been put. Rejects when that cannot be done. */
  async finish(header: RecordingHeader, summary: Summary): Promise<void> {
    if (this.#early !== null) this.#decide(false)
    this.#local?.finish(header, summary)
    this.#putLocal()
    if (this.#worker === null) return
    this.#flush(this.#worker, header)
    this.#post(this.#worker, { end: summary })
    await this.#until(() => this.#ended)
  }

  /** The thread ends; what it has not answered yet is lost. */
  stop(): void {
    this.#ended = true
    void this.#worker?.terminate()
  }

  #here(): Packing {
    return new Packing((bytes) => this.#localBytes.push(bytes))
  }

  #putLocal(): void {
    for (const bytes of this.#localBytes.splice(0)) this.#give(bytes)
  }

  #give(bytes: Buffer): void {
    this.#bytes += bytes.length
    this.#put(bytes)
  }

  #decide(threaded: boolean): void {
    const early = this.#early ?? []
    this.#early = null
    if (threaded) {
      const worker = this.#started()
      this.#worker = worker
      this.#local = null
      this.#localBytes = []
      for (const { row, header } of early) this.#send(worker, row, header)
    } else if (this.#local === null) {
      this.#local = this.#here()
      for (const { row, header } of early) addBatched(this.#local, row, header)
    }
  }

  #started(): Worker {
    // Few recordings need it, and it takes some milliseconds to load.
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const worker = new Worker(this.#program, { execArgv: [], env: {} })
    const fail = (error: unknown): void => {
      this.#failure ??= error
      this.#onAnswer()
    }
    worker.on('message', (answer: FromPacker) => {
      try {
        // Who has stopped it has closed the file.
        if (!this.#ended) this.#take(answer)
      } catch (error) {
        fail(error)
      }
    })
    worker.once('error', fail)
    worker.once('exit', () => {
      if (!this.#ended) fail(new Error('it was stopped'))
    })
    // It keeps the process only while somebody waits for it.
    worker.unref()
    return worker
  }

  #take(answer: FromPacker): void {
    if ('bytes' in answer) this.#give(Buffer.from(answer.bytes))
    else if (answer.done === 'batch') this.#waiting--
    else this.stop()
    this.#onAnswer()
  }

  #send(worker: Worker, row: BatchedRow, header: RecordingHeader): void {
    if (header !== this.#header) this.#flush(worker, header)
    if (this.#batch?.add(row)) return
    this.#flush(worker, header)
    this.#batch = new BatchWriter(row)
    this.#batch.add(row)
  }

  #flush(worker: Worker, header: RecordingHeader): void {
    if (this.#batch !== null) {
      const { batch, transfer } = this.#batch.end()
      this.#batch = null
      this.#waiting++
      this.#post(worker, { batch }, transfer)
    }
    if (header === this.#header) return
    this.#header = header
    this.#post(worker, { header })
  }

  #post(worker: Worker, message: ToPacker, transfer: ArrayBuffer[] = []): void {
    worker.postMessage(message, transfer)
  }

  async #until(reached: () => boolean): Promise<void> {
    while (!reached() && this.#failure === null) {
      this.#worker?.ref()
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve
      })
    }
    this.#worker?.unref()
    if (this.#failure === null) return
    if (this.#failure instanceof FusetraceError) throw this.#failure
    const why = (this.#failure as Error).message.split('\n')[0]
    throw new FusetraceError('FT_ENVIRONMENT', `the thread that packs the recording has ended: ${why}`, {
      hint: 'there may be too little memory, or too many threads: try again',
      cause: this.#failure,
    })
  }
}
