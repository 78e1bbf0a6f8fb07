import { randomUUID } from 'node:crypto'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { SystemClock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { type Arrived, ChunkQueue } from './chunk-queue.js'
import { pipeThread, STREAMS, type ThreadData, type ThreadMessage, type ThreadOrder } from './pipe-thread.js'

export interface PipeReaderOptions {
  clock: SystemClock
  /** Takes the next chunk. */
  onChunk(stream: 'stdout' | 'stderr', chunk: Uint8Array, atNs: number): void
  /** Bytes had to be dropped; called where they are missing, before what follows them. */
  onLoss(loss: { what: 'log-bytes'; count: number; atNs: number }): void
  /**
   * Bytes that may wait while this thread is busy.
   * @default 256 MiB
   */
  limitBytes?: number
}

/** Two pipes that are read by a thread of their own, whatever this one does. */
export interface PipeReader {
  /** To be the daemon's stdout and stderr. */
  readonly fds: readonly [stdout: number, stderr: number]
  /** Both streams have ended and everything was handed on. */
  readonly ended: Promise<void>
  /** The daemon has its descriptors: ours are closed, so that its end is the streams' end. */
  spawned(): void
  /** Everything that has been written into the pipes by now has been handed on when this returns. */
  catchUp(): void
  /** Stops reading. */
  release(): void
}

/** Bytes handed on before the event loop has its turn. */
const SLICE = 256 * 1024
/** How long to wait for the thread at most; it needs a tenth of a millisecond. */
const CATCH_UP_MS = 500

/** Opens the pipes and starts the thread. */
export async function openPipes(options: PipeReaderOptions): Promise<PipeReader> {
  const { port1: port, port2 } = new MessageChannel()
  const caughtUp = new Int32Array(new SharedArrayBuffer(4))
  const data: ThreadData = {
    port: port2,
    name: `fusetrace-${randomUUID()}`,
    originNs: options.clock.originNs,
    limitBytes: options.limitBytes ?? 256 * 1024 * 1024,
    caughtUp,
  }
  const worker = new Worker(`(${pipeThread})(${ChunkQueue})`, {
    eval: true,
    execArgv: [],
    env: {},
    workerData: data,
    transferList: [port2],
  })
  worker.unref()
  const order = (what: ThreadOrder): void => port.postMessage(what)

  let waiting: Arrived<number>[] = []
  let scheduled = false
  let open: number = STREAMS.length
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const give = ({ stream, chunk, atNs, lost }: Arrived<number>): number => {
    if (lost > 0) options.onLoss({ what: 'log-bytes', count: lost, atNs })
    if (chunk !== null) options.onChunk(STREAMS[stream] ?? 'stdout', chunk, atNs)
    else if (--open === 0) end()
    return chunk?.byteLength ?? 0
  }
  /** Hands on what waits, a slice at a time, then asks for more. */
  const work = (most: number): void => {
    let count = 0
    for (let bytes = 0; count < waiting.length && bytes < most; ) bytes += give(waiting[count++] as Arrived<number>)
    waiting = waiting.slice(count)
    if (waiting.length === 0) order('more')
    else schedule()
  }
  const schedule = (): void => {
    if (scheduled) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (waiting.length > 0) work(SLICE)
    })
  }
  let opened = (_: readonly number[]): void => undefined
  let failed = (_: unknown): void => undefined
  const take = (message: ThreadMessage): void => {
    if ('fds' in message) opened(message.fds)
    else if ('problem' in message) failed(new Error(message.problem))
    else waiting = [...waiting, ...message.arrived]
  }
  port.on('message', (message: ThreadMessage) => {
    take(message)
    if (waiting.length > 0) work(SLICE)
  })
  // A thread that dies takes nothing with it but the rest of the log.
  worker.once('error', (error) => failed(error))
  worker.once('exit', () => end())
  let fds: readonly number[]
  try {
    fds = await new Promise<readonly number[]>((resolve, reject) => {
      opened = resolve
      failed = reject
    })
  } catch (cause) {
    port.close()
    throw new FusetraceError('FT_ENVIRONMENT', `the daemon's streams cannot be opened: ${(cause as Error).message}`, {
      cause,
    })
  }
  void ended.then(() => {
    port.close()
    return worker.terminate()
  })
  return {
    fds: [fds[0] ?? -1, fds[1] ?? -1],
    ended,
    spawned: () => order('spawned'),
    catchUp() {
      if (open === 0) return
      Atomics.store(caughtUp, 0, 0)
      order('catch-up')
      Atomics.wait(caughtUp, 0, 0, CATCH_UP_MS)
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message)
      if (waiting.length > 0) work(Number.POSITIVE_INFINITY)
    },
    release: () => order('release'),
  }
}
