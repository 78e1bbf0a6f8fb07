import { setImmediate as turn } from 'node:timers/promises'
import type { Clock, Timer } from '../clock.js'
import type { Raw } from '../line/line.js'
import { LATE, MS, within } from '../time.js'
import type { StatAnswer, StatRequest } from './stat-child.js'
import { StatWorker } from './stat-worker.js'

export type { StatAnswer } from './stat-child.js'

/** Processes that are stuck in a dead mount at one time; more questions are then answered `LATE` without being asked. */
const MAX_STUCK = 8
/** Processes that are asked at one time. */
const MAX_WORKERS = 8
/** When the queue has not moved for so long although every process has started, another process is started. */
const GROW_NS = 10 * MS

/** Lets the event loop read what has arrived. */
async function turns(count: number): Promise<typeof LATE> {
  for (let i = 0; i < count; i++) await turn()
  return LATE
}

interface Job {
  readonly question: StatRequest
  readonly limitNs: number
  onSent?(): void
  resolve(answer: StatAnswer | typeof LATE): void
}

/**
 * Asks a mount from processes that can be left behind: a `stat` on a stuck FUSE mount never comes back, cannot be
 * interrupted, and would keep a thread of ours (and with it our exit) for ever. One process is kept warm, and answers most
 * questions in a fraction of a millisecond; questions wait in one queue, first come first served, and only when that does not
 * move there are more processes.
 */
export class StatPool {
  readonly #clock: Clock
  readonly #idle: StatWorker[] = []
  readonly #busy = new Set<StatWorker>()
  readonly #stuck = new Set<StatWorker>()
  readonly #queue: Job[] = []
  #grow: Timer | null = null
  /** When the latest answer came. */
  #movedNs = 0
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Processes that there are now, stuck ones aside. */
  get workers(): number {
    return this.#idle.length + this.#busy.size
  }

  /** Whether a question would be answered at once: no process has to start first. */
  get ready(): boolean {
    return this.workers === 0 ? StatWorker.isSpare : this.#idle.some(({ started }) => started)
  }

  /** Starts a process ahead of the first question. */
  warm(): void {
    if (this.workers === 0 && !this.#closed) this.#idle.push(this.#start())
  }

  /** Status of a file or of a file system; see `ask`. */
  stat(what: 'lstat' | 'stat' | 'statfs', path: Raw, limitNs: number): Promise<StatAnswer | typeof LATE> {
    return this.ask({ stat: what, path }, limitNs)
  }

  /**
   * Asks; `LATE` when there is no answer within `limitNs` of its being asked. The process that was asked is then left to
   * its fate.
   *
   * @param onSent called when a process takes the question: what happens later may not be in the answer
   */
  ask(question: StatRequest, limitNs: number, onSent?: () => void): Promise<StatAnswer | typeof LATE> {
    return new Promise((resolve) => {
      this.#queue.push({ question, limitNs, resolve, ...(onSent && { onSent }) })
      this.#pump()
    })
  }

  /** Lets the idle processes go; stuck ones end when their mount does. What waits is answered `LATE`. */
  close(): void {
    this.#closed = true
    for (const worker of this.#idle.splice(0)) worker.release()
    this.#pump()
  }

  #pump(): void {
    if (this.#closed || this.#stuck.size >= MAX_STUCK) {
      for (const { resolve } of this.#queue.splice(0)) resolve(LATE)
    }
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.workers === 0 ? this.#start() : null)
      if (worker === null) break
      void this.#run(worker, this.#queue.shift() as Job)
    }
    if (this.#queue.length === 0) {
      this.#grow?.cancel()
      this.#grow = null
    } else if (this.#grow === null && this.workers < MAX_WORKERS) {
      this.#movedNs = this.#clock.nowNs()
      this.#growAt(this.#movedNs + GROW_NS)
    }
  }

  /** A process more takes its share of the processor: only where those that there are get nowhere. */
  #growAt(atNs: number): void {
    this.#grow = this.#clock.at(atNs, () => {
      const stillNs = this.#movedNs + GROW_NS
      const starting = [...this.#busy].some(({ started }) => !started)
      if (starting) this.#growAt(this.#clock.nowNs() + GROW_NS)
      else if (this.#clock.nowNs() < stillNs) this.#growAt(stillNs)
      else {
        this.#grow = null
        this.#idle.push(this.#start())
        this.#pump()
      }
    })
  }

  async #run(worker: StatWorker, { question, limitNs, onSent, resolve }: Job): Promise<void> {
    this.#busy.add(worker)
    onSent?.()
    const asked = worker.ask(question)
    let answer = await within(this.#clock, limitNs, asked)
    // A timer that is late because this process was busy comes before an answer that has been there for long.
    if (answer === LATE) answer = await Promise.race([asked, turns(2)])
    this.#busy.delete(worker)
    this.#movedNs = this.#clock.nowNs()
    if (answer === LATE) {
      this.#stuck.add(worker)
      worker.abandon()
    } else if (this.#closed) worker.release()
    else if (answer !== null) this.#idle.push(worker)
    resolve(answer ?? LATE)
    this.#pump()
  }

  #start(): StatWorker {
    return StatWorker.take((worker) => {
      this.#stuck.delete(worker)
      const at = this.#idle.indexOf(worker)
      if (at >= 0) this.#idle.splice(at, 1)
    })
  }
}
