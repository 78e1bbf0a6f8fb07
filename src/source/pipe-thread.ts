import type { MessagePort } from 'node:worker_threads'
import type { Arrived, ChunkQueue } from './chunk-queue.js'
import type { Place, SharedPipe, SharedPipes } from './shared-pipes.js'

export interface ThreadData {
  readonly port: MessagePort
  readonly originNs: bigint
  readonly limitBytes: number
  readonly shared: Int32Array
  readonly place: typeof Place
}

/** From the thread: what it has read, sent while it had the lock. */
export type ThreadMessage = readonly Arrived<number>[]

/**
 * The whole program of the thread that stands in for ours. While ours is busy, or waits in a synchronous call for an answer of
 * the very daemon that waits for its log to be read, this one reads on. A write larger than a pipe, which wakes nobody
 * until it is done, is read by this one as well. Its source text is run by a worker, so it may use nothing from outside of itself.
 */
export function pipeThread(Queue: typeof ChunkQueue<number>, Pipes: typeof SharedPipes): void {
  const fs = process.getBuiltinModule('node:fs')
  const { workerData } = process.getBuiltinModule('node:worker_threads')
  const { port, originNs, limitBytes, shared, place } = workerData as ThreadData
  const pipes = new Pipes(fs, shared)
  const queue = new Queue(limitBytes, shared.subarray(place.waiting, place.waiting + 1))
  const nowNs = (): number => Number(process.hrtime.bigint() - originNs)
  // Most reads find nothing; what is thrown then need not say where.
  Error.stackTraceLimit = 0

  /** Looks that come quickly one after the other: where there was something, there is likely more. */
  const SOON = 50
  let soon = 0
  const look = (): void => {
    const atNs = nowNs()
    const sinceUs = (Math.floor(atNs / 1000) - Atomics.load(shared, place.readUs)) | 0
    // Ours has just read: it is there.
    if (sinceUs >= 1000 && pipes.tryLock()) {
      pipes.read(atNs, (id, chunk) => {
        if (chunk === null) queue.end(id, atNs)
        else queue.push(id, chunk, atNs)
      })
      const arrived = queue.take()
      if (arrived.length > 0) {
        Atomics.add(shared, place.sent, 1)
        port.postMessage(arrived satisfies ThreadMessage)
        soon = SOON
      }
      Atomics.store(shared, place.gaps, queue.gaps)
      pipes.unlock()
    }
    setTimeout(look, soon > 0 ? 1 : 10)
    if (soon > 0) soon--
  }
  port.on('message', (pipe: SharedPipe) => pipes.add(pipe))
  look()
}
