import { randomUUID } from 'node:crypto'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { type Arrived, ChunkQueue } from './chunk-queue.js'
import { pipeThread, type ThreadData, type ThreadMessage, type ThreadOrder } from './pipe-thread.js'

export interface PipeOptions {
  /** Takes the next chunk, with the time at which it arrived. */
  onChunk(chunk: Uint8Array, atNs: number): void
  /** Bytes had to be dropped; called where they are missing, before what follows them. */
  onLoss(count: number, atNs: number): void
  /** What has come by the other pipes is handed on before anything of this one. */
  last?: boolean
}

/** A pipe that is read by the thread. */
export interface Pipe {
  /** To be the stdout or stderr of a process. */
  readonly fd: number
  /** It has ended and everything was handed on. */
  readonly ended: Promise<void>
  /** The process has its descriptor: ours is closed, so that its end is the pipe's end. */
  spawned(): void
  /** Stops reading: for a pipe that a stray child holds open. */
  release(): void
}

/** Bytes handed on before the event loop has its turn. */
const SLICE = 256 * 1024
/** How long to wait for the thread at most; it needs a tenth of a millisecond. */
const CATCH_UP_MS = 500

interface Reading {
  readonly options: PipeOptions
  opened(fd: number | null, problem: string): void
  end(): void
}

/** Reads pipes in a thread of its own, whatever this one does: nobody who writes into them waits for us. */
export class PipeReader {
  readonly #port: MessagePort
  readonly #worker: Worker
  readonly #caughtUp = new Int32Array(new SharedArrayBuffer(4))
  readonly #readings = new Map<number, Reading>()
  #count = 0
  #waiting: Arrived<number>[] = []
  /** Position of the first that has not been handed on. */
  #next = 0
  #scheduled = false
  #closed = false

  /** @param limitBytes that may wait while this thread is busy; more are dropped, counted, and told to `onLoss` */
  constructor(clock: SystemClock, limitBytes: number = 256 * 1024 * 1024) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    const data: ThreadData = {
      port: port2,
      name: `fusetrace-${randomUUID()}`,
      originNs: clock.originNs,
      limitBytes,
      caughtUp: this.#caughtUp,
    }
    this.#worker = new Worker(`(${pipeThread})(${ChunkQueue})`, {
      eval: true,
      execArgv: [],
      env: {},
      workerData: data,
      transferList: [port2],
    })
    this.#worker.unref()
    this.#port.on('message', (message: ThreadMessage) => {
      this.#take(message)
      if (this.#waiting.length > 0) this.#work(SLICE)
    })
    // A thread that dies takes nothing with it but the rest of what it read.
    this.#worker.once('error', (error) => this.#fail(error.message))
    this.#worker.once('exit', () => this.#fail('the thread has ended'))
  }

  /** Makes a pipe. @throws FT_ENVIRONMENT when that is not possible */
  async open(options: PipeOptions): Promise<Pipe> {
    const stream = this.#count++
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const fd = await new Promise<number>((resolve, reject) => {
      const opened = (given: number | null, problem: string): void => {
        if (given !== null) resolve(given)
        else reject(new FusetraceError('FT_ENVIRONMENT', `a pipe cannot be opened: ${problem}`))
      }
      this.#readings.set(stream, { options, opened, end })
      this.#order({ open: stream, last: options.last === true })
    })
    return {
      fd,
      ended,
      spawned: () => this.#order({ spawned: stream }),
      release: () => this.#order({ release: stream }),
    }
  }

  /** Everything that has been written into the pipes by now has been handed on when this returns. */
  catchUp(): void {
    if (this.#closed || this.#readings.size === 0) return
    Atomics.store(this.#caughtUp, 0, 0)
    this.#order('catch-up')
    Atomics.wait(this.#caughtUp, 0, 0, CATCH_UP_MS)
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#take(next.message)
    }
    if (this.#waiting.length > 0) this.#work(Number.POSITIVE_INFINITY)
  }

  /** Ends the thread. */
  close(): void {
    this.#closed = true
    this.#port.close()
    void this.#worker.terminate()
  }

  #order(order: ThreadOrder): void {
    if (!this.#closed) this.#port.postMessage(order)
  }

  #take(message: ThreadMessage): void {
    if ('opened' in message) this.#readings.get(message.opened)?.opened(message.fd, message.problem)
    else for (const arrived of message.arrived) this.#waiting.push(arrived)
  }

  /** Hands on what waits, a slice at a time, then asks for more. */
  #work(most: number): void {
    // Whoever is given something may ask for the rest (catchUp) before this goes on.
    for (let bytes = 0; this.#next < this.#waiting.length && bytes < most; ) {
      bytes += this.#give(this.#waiting[this.#next++] as Arrived<number>)
    }
    if (this.#next === this.#waiting.length) {
      this.#waiting = []
      this.#next = 0
      this.#order('more')
    } else this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#waiting.length > 0) this.#work(SLICE)
    })
  }

  #give({ stream, chunk, atNs, lost }: Arrived<number>): number {
    const reading = this.#readings.get(stream)
    if (lost > 0) reading?.options.onLoss(lost, atNs)
    if (chunk !== null) reading?.options.onChunk(chunk, atNs)
    else {
      this.#readings.delete(stream)
      reading?.end()
    }
    return chunk?.byteLength ?? 0
  }

  #fail(problem: string): void {
    for (const { opened, end } of this.#readings.values()) {
      opened(null, problem)
      end()
    }
    this.#readings.clear()
  }
}
