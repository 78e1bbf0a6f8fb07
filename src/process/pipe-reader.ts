import fs from 'node:fs'
import type { SystemClock } from '../clock.js'
import type { Raw } from '../line/line.js'
import { Backlog, SLICE_BYTES } from './backlog.js'
import type { Arrived } from './chunk-queue.js'
import { type Fifos, fifos as ofMkfifo } from './fifo.js'
import { JournalPlace } from './journal.js'
import { JournalKeeper, type Position } from './journal-keeper.js'
import { Place, SharedPipes, type TakeRead } from './shared-pipes.js'
import { ThreadLink } from './thread-link.js'

export interface PipeOptions {
  /** Takes the next chunk, with the time at which it arrived. */
  onChunk(chunk: Raw, atNs: number): void
  /** Bytes had to be dropped; called where they are missing, before what follows them. */
  onLoss(count: number, atNs: number): void
  /** What has come by the other pipes is handed on before anything of this one. */
  last?: boolean
}

/** A pipe that is read as long as a process has its other end open. */
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

/** Bytes that may wait before more is put aside in the journal, where there is one. */
const SPILL_BYTES = 8 * 1024 * 1024

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
 * Reads pipes as soon as there is something in them, in two threads by turns, so that no writer waits for us.
 *
 * The pipes are FIFOs, whose writes the kernel reports by inotify: knowing of them without having read is what lets two threads
 * take turns. (A stream's own events come with bytes that were already taken.)
 */
export class PipeReader {
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * Place.size))
  readonly #favour: 'waits' | 'times'
  readonly #pipes: SharedPipes
  readonly #readings = new Map<number, Reading>()
  readonly #fifos: Fifos
  #count = 0
  readonly #backlog: Backlog
  readonly #thread: ThreadLink
  /** Something was written while this thread was handing on. */
  #behind = false
  #closed = false
  readonly #keeper = new JournalKeeper()

  constructor({ clock, favour = 'waits', limitBytes = 256 * 1024 * 1024, fifos = ofMkfifo }: PipeReaderOptions) {
    this.#fifos = fifos
    this.#favour = favour
    this.#pipes = new SharedPipes(fs, this.#shared, () => clock.nowNs(), this.#keeper.journal)
    this.#backlog = new Backlog({
      clock,
      handOn: (arrived) => this.#handOn(arrived),
      refill: (until) => this.#readBack(until),
      more: () => this.#keeper.journal.spilling,
      onTurn: () => this.#readBehind(),
    })
    this.#thread = new ThreadLink({
      data: {
        originNs: clock.originNs,
        limitBytes,
        shared: this.#shared,
        place: Place,
        first: favour === 'times',
        journal: this.#keeper.shared,
        journalPlace: JournalPlace,
        spillBytes: Math.min(SPILL_BYTES, limitBytes),
      },
      onArrived: (arrived) => this.#backlog.add(arrived),
      onMessage: () => {
        // One message a turn: Node delivers all that come meanwhile before anything else has its turn.
        if (!this.#backlog.scheduled) this.#backlog.work()
        this.#backlog.schedule()
      },
      onGone: () => this.#pipes.unlock(),
    })
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
      // What waits is handed on first; the other thread reads in the meantime.
      this.#behind = !this.#backlog.empty
      if (this.#behind) return
      this.#read(id)
      if (!this.#backlog.empty) this.#backlog.work()
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
    this.#thread.add(pipe)
    // Else nothing would read it until that thread has started, which takes seconds where the machine is busy.
    if (this.#favour === 'times') await this.#thread.served(id)
    return { fd: write, ended, spawned, release: () => this.#release(id) }
  }

  /**
   * Everything that has been written into the pipes by now has been handed on when this returns. (Called while
   * a chunk is being handed on, it leaves that to the caller above, so that nothing comes out of order.)
   */
  catchUp(): void {
    this.#read()
    this.#backlog.work(this.#keeper.position)
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
      // With the lock only what takes no time: the other thread cannot read meanwhile.
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
    for (const id of [...this.#readings.keys()]) this.#end(id)
    this.#thread.close()
  }

  /** Reads everything, or one pipe, after what the thread has read. */
  #read(only?: number): void {
    if (this.#closed || this.#readings.size === 0) return
    this.#pipes.lock()
    try {
      this.#thread.receive()
      if (Atomics.load(this.#shared, Place.gaps) > 0) return
      if (only !== undefined && !this.#backlog.empty) return
      this.#pipes.read(this.#arrive, only)
    } finally {
      this.#pipes.unlock()
    }
  }

  readonly #arrive: TakeRead = (stream, chunk, atNs, kept) => {
    // It is read back in its turn.
    if (kept && this.#keeper.journal.spilling) return
    this.#backlog.add({ stream, chunk, atNs, lost: 0 })
    Atomics.add(this.#shared, Place.waiting, chunk?.length ?? 0)
    Atomics.store(this.#shared, Place.readUs, Math.floor(atNs / 1000) | 0)
  }

  /** Takes what was put aside in the journal, a slice of it, up to a position; false when there is nothing (more) to hand on. */
  #readBack(until?: Position): boolean {
    const keeper = this.#keeper
    if (this.#closed || !keeper.journal.spilling || (until && keeper.isPast(until))) return false
    if (!keeper.reading) {
      this.#locked(() => {
        // What was sent before it comes before it.
        this.#thread.receive()
        keeper.beginReading()
      })
    }
    // Without the lock: the other thread is not to wait for this one, which may be anything but quick.
    while (this.#backlog.empty) {
      for (const { pipe, bytes, atNs } of keeper.readBack(SLICE_BYTES)) {
        this.#backlog.add({ stream: pipe, chunk: bytes, atNs, lost: 0 })
        Atomics.add(this.#shared, Place.waiting, bytes?.length ?? 0)
      }
      if (this.#backlog.empty && this.#locked(() => keeper.endReading())) break
    }
    return !this.#backlog.empty
  }

  #locked<T>(act: () => T): T {
    this.#pipes.lock()
    try {
      return act()
    } finally {
      this.#pipes.unlock()
    }
  }

  /** Reads what was written while this thread was handing on. */
  #readBehind(): void {
    if (!this.#backlog.empty || !this.#behind) return
    this.#behind = false
    this.#read()
    if (!this.#backlog.empty) this.#backlog.work()
  }

  #handOn({ stream, chunk, atNs, lost }: Arrived<number>): number {
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
