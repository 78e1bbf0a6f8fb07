import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { FusetraceError } from '../errors.js'
import { packageFile } from '../version.js'
import { Packing, type Summary } from './packed/packing.js'
import { BatchWriter, type FromPacker, type ToPacker } from './packed/row-batch.js'
import type { RecordingHeader, Row } from './row.js'

/** So many rows are packed before a thread is ready. */
const FEW_ROWS = 4096
/** Batches that may wait for the thread. */
const MAX_WAITING = 16

/**
 * Packs the rows of a recording in a thread of its own, once there are many; the bytes are those that `Packing` makes of the same
 * rows. Who writes faster than the thread packs waits for `ready`.
 */
export class ThreadedPacking {
  readonly #put: (bytes: Buffer) => void
  readonly #program: URL
  /** What has come while there were few. */
  #early: { readonly row: Row; readonly header: RecordingHeader }[] = []
  /** Packs here, where there is no program of a thread. */
  #local: Packing | null = null
  #worker: Worker | null = null
  #batch: BatchWriter | null = null
  /** What the thread knows. */
  #header: RecordingHeader | null = null
  #waiting = 0
  #ended = false
  #failure: unknown = null
  /** Somebody waits for the thread. */
  #onAnswer: () => void = () => {}

  /**
   * @param put takes the bytes in order
   * @param program of the thread
   */
  constructor(put: (bytes: Buffer) => void, program: URL = packageFile('dist/packing-thread.js')) {
    this.#put = put
    this.#program = program
  }

  /** @param header as it is known by now */
  add(row: Row, header: RecordingHeader): void {
    if (this.#worker !== null) this.#send(this.#worker, row, header)
    else if (this.#local !== null) this.#local.add(row, header)
    else if (this.#early.push({ row, header }) === FEW_ROWS) this.#begin(existsSync(this.#program))
  }

  /** Resolves when more rows may come. Rejects when they cannot be packed. */
  async ready(): Promise<void> {
    await this.#until(() => this.#waiting <= MAX_WAITING)
  }

  /** Resolves when all bytes have been put. Rejects when that cannot be done. */
  async finish(header: RecordingHeader, summary: Summary): Promise<void> {
    if (this.#worker === null && this.#local === null) this.#begin(false)
    this.#local?.finish(header, summary)
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

  #begin(threaded: boolean): void {
    if (threaded) this.#worker = this.#started()
    else this.#local = new Packing(this.#put)
    const early = this.#early
    this.#early = []
    for (const { row, header } of early) this.add(row, header)
  }

  #started(): Worker {
    const worker = new Worker(this.#program, { execArgv: [], env: {} })
    const fail = (error: unknown): void => {
      this.#failure ??= error
      this.#onAnswer()
    }
    worker.on('message', (answer: FromPacker) => {
      try {
        this.#take(answer)
      } catch (error) {
        fail(error)
      }
    })
    worker.once('error', fail)
    worker.once('exit', () => {
      if (!this.#ended) fail(new Error('it was stopped'))
    })
    return worker
  }

  #take(answer: FromPacker): void {
    if ('bytes' in answer) this.#put(Buffer.from(answer.bytes))
    else if (answer.done === 'batch') this.#waiting--
    else this.stop()
    this.#onAnswer()
  }

  #send(worker: Worker, row: Row, header: RecordingHeader): void {
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
      await new Promise<void>((resolve) => {
        this.#onAnswer = resolve
      })
    }
    if (this.#failure === null) return
    if (this.#failure instanceof FusetraceError) throw this.#failure
    const why = (this.#failure as Error).message.split('\n')[0]
    throw new FusetraceError('FT_ENVIRONMENT', `the thread that packs the recording has ended: ${why}`, {
      hint: 'there may be too little memory, or too many threads: try again',
      cause: this.#failure,
    })
  }
}
