import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Arrived } from './chunk-queue.js'
import type { ThreadData, ThreadMessage } from './pipe-thread.js'
import { type ReadingThread, serveByThread } from './reading-thread.js'
import { Place, type SharedPipe } from './shared-pipes.js'

export interface ThreadLinkOptions {
  /** What the thread is to know. */
  data: Omit<ThreadData, 'port'>
  /** Takes what the thread has read, in order. */
  onArrived(arrived: Arrived<number>): void
  /** Called in a turn of the event loop of its own, after what one message brought has been taken. */
  onMessage(): void
  /** The thread has died, perhaps while it had the lock. */
  onGone(): void
}

/** Pipes that the thread reads, once there is no thread to wait for. */
const ALL = 2 ** 31 - 1

/** The link of a `PipeReader` with the thread that reads as well. */
export class ThreadLink {
  readonly #options: ThreadLinkOptions
  readonly #shared: Int32Array
  readonly #port: MessagePort
  readonly #thread: ReadingThread
  /** Messages that have been taken. */
  #taken = 0
  /** Called, in order, when the thread reads one more pipe. */
  readonly #unserved: (() => void)[] = []
  #served = 0

  constructor(options: ThreadLinkOptions) {
    this.#options = options
    this.#shared = options.data.shared
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#port.on('message', (message: ThreadMessage) => {
      this.#take(message)
      options.onMessage()
    })
    this.#thread = serveByThread({ ...options.data, port: port2 }, () => this.#gone())
  }

  /** The thread is to read this pipe as well. */
  add(pipe: SharedPipe): void {
    this.#port.postMessage(pipe)
  }

  /** Resolves when the thread reads the pipe of this number: it begins with them in the order in which they were added. */
  async served(id: number): Promise<void> {
    if (Atomics.load(this.#shared, Place.served) > id) return
    await new Promise<void>((resolve) => this.#unserved.push(resolve))
  }

  /** Takes what the thread has sent by now. Call it with the lock. */
  receive(): void {
    while (this.#taken !== Atomics.load(this.#shared, Place.sent)) {
      const next = receiveMessageOnPort(this.#port)
      if (!next) break
      this.#take(next.message)
    }
  }

  /** The thread may serve another reader. */
  close(): void {
    for (const resolve of this.#unserved.splice(0)) resolve()
    this.#port.close()
    this.#thread.done()
  }

  #take(message: ThreadMessage): void {
    this.#taken = (this.#taken + 1) | 0
    for (const one of message) this.#options.onArrived(one)
    this.#serve()
  }

  #serve(): void {
    const served = Atomics.load(this.#shared, Place.served)
    for (const resolve of this.#unserved.splice(0, served - this.#served)) resolve()
    this.#served = served
  }

  /** A thread that dies takes nothing with it: the reader goes on alone. */
  #gone(): void {
    Atomics.store(this.#shared, Place.served, ALL)
    this.#serve()
    Atomics.store(this.#shared, Place.gaps, 0)
    this.#options.onGone()
  }
}
