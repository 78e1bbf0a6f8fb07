import type { FSWatcher } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import type { Arrived, ChunkQueue } from './chunk-queue.js'
import type { Journal, JournalPlace } from './journal.js'
import type { Place, SharedPipe, SharedPipes } from './shared-pipes.js'

export interface ThreadData {
  readonly port: MessagePort
  readonly originNs: bigint
  readonly limitBytes: number
  readonly shared: Int32Array
  readonly place: typeof Place
  /** Shared with the other thread; which place is what. */
  readonly journal: Float64Array
  readonly journalPlace: typeof JournalPlace
  /** So many bytes may wait before what is read is put aside in the journal, if there is one. */
  readonly spillBytes: number
  /** It is the first to read, not the one that stands in. */
  readonly first: boolean
}

/** From the thread: what it has read, sent while it had the lock. */
export type ThreadMessage = readonly Arrived<number>[]

/**
 * The whole program of the second thread, which serves one reader after another. It stands in for ours: while that one is busy,
 * or waits in a synchronous call for an answer of the very daemon that waits for its log to be read, this one reads on; so it
 * does when something larger than a pipe is written, which no event reports until it is done. Or it is the first to read.
 * Its source text is run by a worker, so it may use nothing from outside of itself.
 */
export function pipeThread(Queue: typeof ChunkQueue<number>, Pipes: typeof SharedPipes, Kept: typeof Journal): void {
  const fs = process.getBuiltinModule('node:fs')
  const os = process.getBuiltinModule('node:os')
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const { crc32 } = process.getBuiltinModule('node:zlib')
  // Many reads find nothing; what is thrown then need not say where.
  Error.stackTraceLimit = 0

  /** A pipe that was as full as this will soon be full again. */
  const MUCH_BYTES = 32_768
  /** So often in a row it polls again soon, where there was much, or where ours has not taken yet what was before. */
  const MAX_SOON = 50
  /** Times of arrival are as good as this thread is quick. Only root may ask for that. */
  const hurry = (nice: number): void => {
    try {
      os.setPriority(Number(fs.readlinkSync('/proc/thread-self').split('/').pop()), nice)
    } catch {
      // As quick as the others, then.
    }
  }

  /** Serves one reader, until it closes its port. */
  const serve = (data: ThreadData): void => {
    const { port, originNs, limitBytes, shared, place, first } = data
    const nowNs = (): number => Number(process.hrtime.bigint() - originNs)
    const journal = new Kept(fs, crc32, data.journal, data.journalPlace)
    const pipes = new Pipes(fs, shared, nowNs, journal)
    const queue = new Queue(limitBytes, shared.subarray(place.waiting, place.waiting + 1))
    const watchers: FSWatcher[] = []
    let timer: NodeJS.Timeout | null = null
    let soon = 0
    let known = 0
    const poll = (only?: number): void => {
      // The thread that has the lock reads everything.
      if (!pipes.tryLock()) return
      if (known === Atomics.load(shared, place.opened)) read(only)
      pipes.unlock()
    }
    const read = (only?: number): void => {
      let spilled = false
      const behind = Atomics.load(shared, place.waiting) > 0
      pipes.read((id, chunk, atNs, kept) => {
        // The journal takes what this process has no room for; the other thread reads it there.
        const after = Atomics.load(shared, place.waiting) + (chunk?.length ?? 0)
        if (kept && !journal.spilling && after > data.spillBytes) {
          journal.spill()
          spilled = true
        }
        if (journal.spilling) {
          if (!kept && chunk !== null) queue.lose(id, chunk.length)
          if (kept) return
        }
        if (chunk === null) queue.end(id, atNs)
        else if (!journal.spilling) queue.push(id, chunk, atNs)
      }, only)
      const arrived = queue.take()
      if (arrived.length > 0 || spilled) {
        Atomics.add(shared, place.sent, 1)
        port.postMessage(arrived satisfies ThreadMessage)
        if (behind || arrived.some(({ chunk }) => (chunk?.length ?? 0) >= MUCH_BYTES)) soon = MAX_SOON
      }
      Atomics.store(shared, place.gaps, queue.gaps)
    }
    const standIn = (): void => {
      const sinceUs = (Math.floor(nowNs() / 1000) - Atomics.load(shared, place.readUs)) | 0
      // Ours has just read: it is there.
      if (sinceUs >= 1000) poll()
      timer = setTimeout(standIn, soon > 0 ? 1 : 10)
      if (soon > 0) soon--
    }
    port.on('message', (pipe: SharedPipe) => {
      pipes.add(pipe)
      known++
      Atomics.store(shared, place.served, known)
      Atomics.add(shared, place.sent, 1)
      port.postMessage([] satisfies ThreadMessage)
      poll()
      if (!first || Atomics.load(pipe.ended, 0) === 1) return
      try {
        watchers.push(fs.watch(`/proc/self/fd/${pipe.fd}`, () => poll(pipe.id)).on('error', () => undefined))
      } catch {
        // Inotify's limits do not allow it: poll.
      }
    })
    port.once('close', () => {
      if (timer !== null) clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
      if (first) hurry(0)
    })
    if (first) hurry(-10)
    standIn()
  }
  parentPort?.on('message', serve)
}
