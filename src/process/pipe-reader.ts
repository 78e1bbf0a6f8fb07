import fs from 'node:fs'
// Tests that fake the globals (vi.useFakeTimers) do not hold up what is real.
import { setImmediate } from 'node:timers'
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { SystemClock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { MS } from '../time.js'
import type { Arrived } from './chunk-queue.js'
import { type Fifos, fifos as ofMkfifo } from './fifo.js'
import { JournalPlace } from './journal.js'
import { JournalKeeper } from './journal-keeper.js'
import type { ThreadMessage } from './pipe-thread.js'
import { type ReadingThread, serveByThread } from './reading-thread.js'
import { Place, SharedPipes, type TakeRead } from './shared-pipes.js'

export interface PipeOptions {
  /** Takes the next chunk, with the time at which it arrived. */
  onChunk(chunk: Raw, atNs: number): void
  /** Bytes had to be dropped; called where they are missing, before what follows them. */
  onLoss(count: number, atNs: number): void
  /** What has come by the other pipes is handed on before anything of this one. */
  last?: boolean
}

/** A pipe that is read as long as there is somebody who writes into it. */
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

/** Bytes handed on, and time taken for it, before the event loop has its turn. */
const SLICE = 256 * 1024
const SLICE_NS = 10 * MS
/** Bytes that may wait before more is put aside in the journal, where there is one. */
const SPILL_BYTES = 8 * 1024 * 1024

/** Pipes served, once there is no thread to wait for. */
const ALL = 2 ** 31 - 1

interface Reading {
  readonly options: PipeOptions
  /** Closes what is open of it. */
  close(): void
  end(): void
}

export interface PipeReaderOptions {
  clock: SystemClock
  /**
   * What is to be exact: how soon chunks are handed on (they are read in this thread, and by the other only while this one is
   * busy), or when they arrived (they are read in the other thread, which has nothing else to do).
   * @default 'waits'
   */
  favour?: 'waits' | 'times'
  /**
   * Bytes that may wait while this thread is busy; more are dropped, counted, and reported to `onLoss`.
   * @default 256 MiB
   */
  limitBytes?: number
  /** Where pipes are taken from. @default those of the program `mkfifo` */
  fifos?: Fifos
}

/**
 * Reads pipes as soon as there is something in them, in two threads by turns, so that nobody who writes into them waits for us.
 *
 * The pipes are FIFOs, whose writes the kernel reports by inotify: knowing of them without having read is what lets two threads
 * take turns. (A stream's own events come with bytes that were already taken.)
 */
export class PipeReader {
  readonly #port: MessagePort
  readonly #thread: ReadingThread
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * Place.size))
  readonly #clock: SystemClock
  readonly #favour: 'waits' | 'times'
  readonly #pipes: SharedPipes
  readonly #readings = new Map<number, Reading>()
  /** Messages of the thread that have been taken. */
  #taken = 0
  readonly #fifos: Fifos
  #count = 0
  #waiting: Arrived<number>[] = []
  /** Position of the first that has not been handed on. */
  #next = 0
  #giving = false
  /** Something was written while this thread was handing on. */
  #behind = false
  #scheduled = false
  #closed = false
  /** Called, in order, when the thread reads one more pipe. */
  readonly #unserved: (() => void)[] = []
  #served = 0
  readonly #keeper = new JournalKeeper()

  constructor({ clock, favour = 'waits', limitBytes = 256 * 1024 * 1024, fifos = ofMkfifo }: PipeReaderOptions) {
    this.#fifos = fifos
    this.#favour = favour
    this.#clock = clock
    this.#pipes = new SharedPipes(fs, this.#shared, () => clock.nowNs(), this.#keeper.journal)
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    this.#port.on('message', (arrived: ThreadMessage) => {
      this.#take(arrived)
      // One message a turn: Node delivers all that come meanwhile before anything else has its turn.
      if (!this.#scheduled) this.#work()
      this.#schedule()
    })
    // A thread that dies takes nothing with it: this one goes on alone.
    const gone = (): void => {
      Atomics.store(this.#shared, Place.served, ALL)
      this.#serve()
      Atomics.store(this.#shared, Place.gaps, 0)
      this.#pipes.unlock()
    }
    const thread = {
      port: port2,
      originNs: clock.originNs,
      limitBytes,
      shared: this.#shared,
      place: Place,
      first: favour === 'times',
      journal: this.#keeper.shared,
      journalPlace: JournalPlace,
      spillBytes: Math.min(SPILL_BYTES, limitBytes),
    }
    this.#thread = serveByThread(thread, gone)
  }

  /** Makes a pipe. @throws FT_ENVIRONMENT when that is not possible */
  async open(options: PipeOptions): Promise<Pipe> {
    // In the order of calls: the journal knows the first by their numbers.
    const id = this.#count++
    const { read, write } = await this.#fifos.take()
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    let ours = true
    const spawned = (): void => {
      if (ours) fs.closeSync(write)
      ours = false
    }
    const onWrite = (): void => {
      // Who is behind takes what waits first; the thread reads in the meantime.
      this.#behind = this.#waiting.length > 0
      if (this.#behind) return
      this.#read(id)
      if (this.#waiting.length > 0) this.#work()
    }
    const watcher = this.#favour === 'waits' ? watch(read, onWrite) : null
    const close = (): void => {
      spawned()
      watcher?.close()
      fs.closeSync(read)
    }
    const pipe = { id, fd: read, last: options.last === true, ended: new Int32Array(new SharedArrayBuffer(4)) }
    this.#readings.set(id, { options, close, end })
    this.#pipes.lock()
    this.#pipes.add(pipe)
    Atomics.add(this.#shared, Place.opened, 1)
    this.#pipes.unlock()
    this.#port.postMessage(pipe)
    // Else nobody would read until it has started, which takes seconds where the machine is busy.
    if (this.#favour === 'times' && Atomics.load(this.#shared, Place.served) <= id)
      await new Promise<void>((resolve) => this.#unserved.push(resolve))
    return { fd: write, ended, spawned, release: () => this.#release(id) }
  }

  /**
   * Everything that has been written into the pipes by now has been handed on when this returns. (Whoever is being handed
   * something gets the rest of it first, so that nothing comes out of order.)
   */
  catchUp(): void {
    this.#read()
    this.#work(this.#keeper.position)
  }

  /**
   * Keeps everything that is read from now on beside the unfinished recording of this (finished) name until it is in the
   * recording: it outlives this process, and what waits takes no memory.
   */
  beginJournal(path: string): void {
    this.#pipes.lock()
    this.#keeper.begin(path)
    this.#pipes.unlock()
  }

  /** So many bytes of the daemon's streams are in the recording by now: their journal is not needed any more. */
  tidyJournal(written: { readonly stdout: number; readonly stderr: number }): void {
    if (this.#closed) return
    const next = this.#keeper.next()
    if (next !== null) {
      // With the lock only what takes no time: whoever is stopped while holding it keeps the other from reading.
      const old = this.#locked(() => this.#keeper.rotate(next))
      fs.closeSync(old)
    }
    this.#keeper.removeOld(written)
  }

  /** Ends the journal; `keep` leaves it beside a recording that was not finished. */
  endJournal(keep: boolean): void {
    this.#keeper.end(keep)
  }

  /** Ends all reading. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const resolve of this.#unserved.splice(0)) resolve()
    for (const id of [...this.#readings.keys()]) this.#end(id)
    this.#port.close()
    this.#thread.done()
  }

  /** Reads everything, or one pipe, after what the thread has read. */
  #read(only?: number): void {
    if (this.#closed || this.#readings.size === 0) return
    this.#pipes.lock()
    try {
      this.#receive()
      if (Atomics.load(this.#shared, Place.gaps) > 0) return
      if (only !== undefined && this.#waiting.length > 0) return
      this.#pipes.read(this.#arrive, only)
    } finally {
      this.#pipes.unlock()
    }
  }

  readonly #arrive: TakeRead = (stream, chunk, atNs, kept) => {
    // It is read back in its turn.
    if (kept && this.#keeper.journal.spilling) return
    this.#waiting.push({ stream, chunk, atNs, lost: 0 })
    Atomics.add(this.#shared, Place.waiting, chunk?.length ?? 0)
    Atomics.store(this.#shared, Place.readUs, Math.floor(atNs / 1000) | 0)
  }

  /** Takes what the thread has sent. Call it with the lock. */
  #receive(): void {
    while (this.#taken !== Atomics.load(this.#shared, Place.sent)) {
      const next = receiveMessageOnPort(this.#port)
      if (!next) break
      this.#take(next.message)
    }
  }

  #take(arrived: ThreadMessage): void {
    this.#taken = (this.#taken + 1) | 0
    for (const one of arrived) this.#waiting.push(one)
    this.#serve()
  }

  #serve(): void {
    const served = Atomics.load(this.#shared, Place.served)
    for (const resolve of this.#unserved.splice(0, served - this.#served)) resolve()
    this.#served = served
  }

  /** Hands on what waits, a slice at a time. */
  #work(until?: readonly [number, number]): void {
    if (this.#giving) return
    this.#giving = true
    try {
      const endNs = this.#clock.nowNs() + SLICE_NS
      for (let bytes = 0; until !== undefined || (bytes < SLICE && this.#clock.nowNs() < endNs); ) {
        if (this.#next === this.#waiting.length && !this.#readBack(until)) break
        bytes += this.#give(this.#waiting[this.#next++] as Arrived<number>)
      }
    } finally {
      this.#giving = false
    }
    // What was handed on is let go, at the cost of moving the rest now and then.
    if (this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    if (this.#waiting.length > 0 || this.#keeper.journal.spilling) this.#schedule()
  }

  /** Takes what was put aside in the journal, a slice of it, up to a position; false when there is nothing (more) to hand on. */
  #readBack(until?: readonly [number, number]): boolean {
    const keeper = this.#keeper
    if (this.#closed || !keeper.journal.spilling || (until && keeper.isPast(until))) return false
    this.#waiting = []
    this.#next = 0
    if (!keeper.reading) {
      this.#locked(() => {
        // What was sent before it comes before it.
        this.#receive()
        keeper.beginReading()
      })
    }
    // Without the lock: the other thread is not to wait for this one, which may be anything but quick.
    while (this.#waiting.length === 0) {
      for (const { pipe, bytes, atNs } of keeper.readBack(SLICE)) {
        this.#waiting.push({ stream: pipe, chunk: bytes, atNs, lost: 0 })
        Atomics.add(this.#shared, Place.waiting, bytes?.length ?? 0)
      }
      if (this.#waiting.length === 0 && this.#locked(() => keeper.endReading())) break
    }
    return this.#waiting.length > 0
  }

  #locked<T>(act: () => T): T {
    this.#pipes.lock()
    try {
      return act()
    } finally {
      this.#pipes.unlock()
    }
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#work()
      if (this.#waiting.length > 0 || !this.#behind) return
      this.#behind = false
      this.#read()
      if (this.#waiting.length > 0) this.#work()
    })
  }

  #give({ stream, chunk, atNs, lost }: Arrived<number>): number {
    const bytes = chunk?.length ?? 0
    Atomics.sub(this.#shared, Place.waiting, bytes)
    const reading = this.#readings.get(stream)
    if (lost > 0) reading?.options.onLoss(lost, atNs)
    if (chunk !== null) reading?.options.onChunk(chunk, atNs)
    else this.#end(stream)
    return bytes
  }

  /** What is in it is handed on, then it has ended. */
  #release(id: number): void {
    if (!this.#readings.has(id)) return
    this.catchUp()
    this.#end(id)
  }

  #end(id: number): void {
    const reading = this.#readings.get(id)
    if (reading === undefined) return
    this.#readings.delete(id)
    this.#pipes.lock()
    this.#pipes.delete(id)
    reading.close()
    this.#pipes.unlock()
    reading.end()
  }
}

/** Calls `onWrite` after something was written. Null where inotify's limits do not allow it: the thread polls. */
function watch(fd: number, onWrite: () => void): fs.FSWatcher | null {
  try {
    const watcher = fs.watch(`/proc/self/fd/${fd}`, onWrite)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    return null
  }
}
