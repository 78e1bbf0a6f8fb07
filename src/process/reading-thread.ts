import { Worker } from 'node:worker_threads'
import { ChunkQueue } from './chunk-queue.js'
import { Journal } from './journal.js'
import { pipeThread, type ThreadData } from './pipe-thread.js'
import { SharedPipes } from './shared-pipes.js'

/** A thread that serves a reader. */
export interface ReadingThread {
  /** The reader has closed its port: the thread may serve the next. */
  done(): void
}

/**
 * Threads that have served their reader. To start one takes twice the processor time of all else that a mount needs, so those of
 * the mounts that have gone serve the next; they keep no process alive.
 */
const spare: Worker[] = []
const MAX_SPARE = 2

/**
 * A thread that runs `pipeThread` for a reader.
 *
 * @param onGone called when the thread ends before `done()`
 */
export function serveByThread(data: ThreadData, onGone: () => void): ReadingThread {
  const worker = spare.pop() ?? start()
  worker.once('error', onGone)
  worker.once('exit', onGone)
  worker.postMessage(data, [data.port])
  return {
    done() {
      worker.off('error', onGone)
      worker.off('exit', onGone)
      if (spare.length < MAX_SPARE && worker.threadId !== -1) spare.push(worker)
      else void worker.terminate()
    },
  }
}

/** Starts one for the first reader, where there is none yet. */
export function startSpareThread(): void {
  if (spare.length === 0) spare.push(start())
}

function start(): Worker {
  const worker = new Worker(`(${pipeThread})(${ChunkQueue}, ${SharedPipes}, ${Journal})`, {
    eval: true,
    execArgv: [],
    env: {},
  })
  worker.unref()
  const gone = (): void => {
    const at = spare.indexOf(worker)
    if (at >= 0) spare.splice(at, 1)
  }
  worker.on('error', gone)
  worker.on('exit', gone)
  return worker
}
