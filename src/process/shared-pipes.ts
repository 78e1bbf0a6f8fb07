import type { Raw } from '../line/line.js'
import type { Journal } from './journal.js'

/** A pipe that two threads read in turns. */
export interface SharedPipe {
  readonly id: number
  /** The end to read from; it does not block. */
  readonly fd: number
  /** What has come by the others is before anything of this one. */
  readonly last: boolean
  /** 1 once its end was read or it was let go: it is not read any more. */
  readonly ended: Int32Array
}

/** What two threads know of each other: places in an `Int32Array` that they share. */
export const Place = {
  /** 1 while one of them reads, 2 while the other may wait for that. */
  lock: 0,
  /** Bytes that the second has read and the first has not handed on. */
  waiting: 1,
  /** Messages that the second has sent. */
  sent: 2,
  /** When the first read last, microseconds of its clock. */
  readUs: 3,
  /** Pipes of which the second has dropped something that it has not reported yet: it alone reads on. */
  gaps: 4,
  /** Pipes that have been opened: a thread that does not know them all yet would read them out of order. */
  opened: 5,
  /** Pipes that the second knows, so reads. */
  served: 6,
  size: 7,
} as const

/** Takes what was read: null for the end of the pipe. `kept`: it is in the journal by now. */
export type TakeRead = (id: number, chunk: Raw | null, atNs: number, kept: boolean) => void

/**
 * The pipes of a `PipeReader`, read by its own thread or, when that one is busy, by a second. The one that has the lock
 * reads, and hands over what it has read before it gives the lock away; so the order is the same whichever reads.
 *
 * Its source text is run in the second thread as well, so it may use nothing from outside of itself.
 */
export class SharedPipes {
  readonly #fs: Pick<typeof import('node:fs'), 'readSync'>
  readonly #lock: Int32Array
  readonly #nowNs: () => number
  readonly #journal: Journal
  readonly #pipes = new Map<number, SharedPipe>()
  readonly #buffer = Buffer.allocUnsafeSlow(65536)

  /**
   * @param shared its first place is the lock
   * @param journal takes what was read before anybody else does
   */
  constructor(
    fs: Pick<typeof import('node:fs'), 'readSync'>,
    shared: Int32Array,
    nowNs: () => number,
    journal: Journal,
  ) {
    this.#journal = journal
    this.#fs = fs
    this.#lock = shared
    this.#nowNs = nowNs
  }

  add(pipe: SharedPipe): void {
    this.#pipes.set(pipe.id, pipe)
  }

  /** It is not read any more. Call it with the lock. */
  delete(id: number): SharedPipe | undefined {
    const pipe = this.#pipes.get(id)
    if (pipe) Atomics.store(pipe.ended, 0, 1)
    this.#pipes.delete(id)
    return pipe
  }

  /** Takes the lock if it is free. */
  tryLock(): boolean {
    return Atomics.compareExchange(this.#lock, 0, 0, 1) === 0
  }

  /** Waits for the lock: as long as the other thread needs to read what is in the pipes. One that died with it is not waited for. */
  lock(): void {
    if (this.tryLock()) return
    for (let tries = 0; Atomics.exchange(this.#lock, 0, 2) !== 0 && tries < 50; tries++) {
      Atomics.wait(this.#lock, 0, 2, 100)
    }
  }

  unlock(): void {
    if (Atomics.exchange(this.#lock, 0, 0) === 2) Atomics.notify(this.#lock, 0)
  }

  /** Reads what is in the pipes, or in one of them, at this moment. Call it with the lock. */
  read(take: TakeRead, only?: number): void {
    // What was put aside is to be read back first; what cannot be put aside any more waits in its pipe.
    if (this.#journal.spilling && !this.#journal.active) return
    const one = only === undefined ? undefined : this.#pipes.get(only)
    if (one !== undefined && !one.last) {
      this.#drain(one, take)
      return
    }
    // What is in the last of them was written after what the others have by then.
    const late: [number, Raw | null][] = []
    for (const pipe of this.#pipes.values())
      if (pipe.last) this.#drain(pipe, (id, chunk) => late.push([id, chunk]), false)
    for (const pipe of this.#pipes.values()) if (!pipe.last) this.#drain(pipe, take)
    if (late.length === 0) return
    const atNs = this.#nowNs()
    for (const [id, chunk] of late) {
      const bytes = chunk === null ? null : Buffer.from(chunk, 'latin1')
      take(id, chunk, atNs, this.#journal.append(id, bytes, atNs))
    }
  }

  #drain({ id, fd, ended }: SharedPipe, take: TakeRead, keep = true): void {
    // No pipe holds more than a mebibyte: what comes beyond that was written meanwhile, by a process that may never stop.
    let left = 1_048_576
    for (let bytes = this.#buffer.length; bytes === this.#buffer.length && Atomics.load(ended, 0) === 0; ) {
      if (left <= 0) return
      try {
        bytes = this.#fs.readSync(fd, this.#buffer)
      } catch (error) {
        // It is empty for now. Whatever else it is, nothing more will come.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return
        bytes = 0
      }
      const atNs = this.#nowNs()
      left -= bytes
      if (bytes > 0) {
        const kept = keep && this.#journal.append(id, this.#buffer.subarray(0, bytes), atNs)
        take(id, this.#buffer.toString('latin1', 0, bytes), atNs, kept)
      } else {
        this.delete(id)
        take(id, null, atNs, keep && this.#journal.append(id, null, atNs))
      }
    }
  }
}
