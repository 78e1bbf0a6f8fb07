import { setImmediate as turn } from 'node:timers/promises'
import { type VirtualClock, virtualClock } from '../clock.js'
import type { Fence, Mark } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { isOwn } from '../operation/own.js'
import type { LossRow, MarkRow, RecordingHeader, Row } from '../recording/row.js'
import { describeEnd, MAX_PAUSE_NS } from '../wait/engine/machine.js'
import { PendingWaits } from '../wait/engine/pending.js'
import type { Session } from '../wait/engine/session.js'
import { createWaitFor, type WaitFor } from '../wait/wait-for.js'
import { lag } from './lag.js'
import { RecordedProbes } from './recorded-probes.js'
import { monitorOf, type ReplayOptions } from './replay-options.js'
import { RowFeed, timeOf } from './row-feed.js'
import { RowPlayer } from './row-player.js'
import { endOf, isMark, nextBegin, nextMoment, noStep } from './steps.js'

/** Plays a recording into a monitor, on a virtual clock. Waits on it cost no real time, deadlines neither. */
export class ReplaySession implements Session {
  readonly clock: VirtualClock = virtualClock()
  readonly monitor: TraceMonitor
  readonly waitFor: WaitFor
  readonly header: RecordingHeader | null
  readonly #options: ReplayOptions
  readonly #feed: RowFeed
  readonly #player: RowPlayer
  readonly #probes: RecordedProbes
  readonly #pending = new PendingWaits()
  readonly #lag: () => number
  #pumping = false
  #closed = false
  /** The test says when steps begin: nothing plays into the next, or out of one that runs, by itself. */
  #stepping = false
  readonly #running = new Set<Row>()
  #endNs: number | null = null
  /** Somebody plays it just now. */
  #playing = 0
  /** A look that waited for the replay has been answered: whoever looked is to have a turn. */
  #answered = false

  /** Use `openReplay`. */
  constructor(rows: Iterable<Row>, header: RecordingHeader | null, options: ReplayOptions = {}) {
    this.#options = options
    this.#feed = new RowFeed(rows)
    this.#lag = lag(options.seed)
    this.header = header
    this.monitor = monitorOf(header, options, this.clock)
    this.monitor.useFence(() => this.fence())
    this.#player = new RowPlayer(this.clock, this.monitor, options.onRow)
    this.#probes = new RecordedProbes({
      feed: this.#feed,
      prober: this.#player.prober,
      nowNs: () => this.clock.nowNs(),
      polling: () => this.monitor.dialect === null || this.monitor.dialect === 'none',
    })
    this.waitFor = createWaitFor({
      monitor: this.monitor,
      prober: this.#probes,
      pending: this.#pending,
      describeDaemon: () => this.#describe(),
      ...(options.remark !== undefined && { remark: options.remark }),
      ...(options.waitTimeoutMs !== undefined && { timeoutMs: options.waitTimeoutMs }),
    })
    if (options.pace !== 'manual') this.#pending.onChange(() => void this.#pump())
  }

  /** What the recording says was lost, as far as it has been played. */
  get losses(): readonly LossRow[] {
    return this.#player.losses
  }

  /** What is wrong with the recording, as far as it has been played; null when nothing is. */
  get problem(): string | null {
    return this.#options.problem?.() ?? null
  }

  mark(name?: string): Mark {
    const found = nextMoment(this.#feed, name)
    if (!found) return this.monitor.mark(name)
    return this.#playMark(found)
  }

  async step<T>(name: string, fn?: () => T | Promise<T>): Promise<T> {
    this.#stepping = true
    const begin = nextBegin(this.#feed, name, this.#options.remark)
    this.#options.onStep?.(begin)
    await this.#playThrough((row) => row === begin)
    const end = this.#feed.find(endOf(name)) ?? this.#feed.find((row) => isMark(row, 'begin'))
    const finish = async (): Promise<void> => {
      if (end === null) await this.playToEnd()
      else if (isMark(end, 'end')) await this.#playThrough((row) => row === end)
      else await this.#playWhile((row) => row !== end)
    }
    // Nothing else plays a step's lines in manual pace, so they come first.
    if (this.#options.pace === 'manual') await finish()
    if (end) this.#running.add(end)
    try {
      return (await fn?.()) as T
    } finally {
      if (end) this.#running.delete(end)
      if (this.#options.pace !== 'manual' && !this.#closed) await finish()
    }
  }

  /**
   * Plays up to the begin of a step, past others.
   * @throws {FusetraceError} `FT_REPLAY_MISMATCH` when no such step comes any more.
   */
  async seekTo(step: string): Promise<Mark> {
    const begin = this.#feed.find((row): row is MarkRow => isMark(row, 'begin') && row.name === step)
    if (begin === null) throw noStep(this.#feed, step, this.#options.remark)
    this.#options.onStep?.(begin)
    await this.#playThrough((row) => row === begin)
    return this.monitor.latestMark
  }

  /** Plays on to a time, ns since the origin. */
  async advanceTo(ns: number): Promise<void> {
    await this.#playWhile((row) => (timeOf(row) ?? 0) <= ns)
    this.clock.advanceTo(ns)
    await turn()
  }

  /** Plays all that is left; the log ends there. */
  async playToEnd(): Promise<void> {
    await this.#playWhile(() => true)
    this.#end()
    await turn()
  }

  /** Nothing is played by itself until what is returned is called: somebody else says what comes next. */
  hold(): () => void {
    this.#playing++
    return () => void this.#playing--
  }

  async fence(): Promise<Fence> {
    const moment = nextMoment(this.#feed, 'fence')
    if (moment) {
      const mark = this.#playMark(moment)
      const latest = [...this.monitor.recentOperations(3), ...this.monitor.openOperations()]
      const exact = latest.some((operation) => isOwn(operation))
      return exact ? { mark, exact } : { mark, exact, note: 'it was not exact when it was recorded' }
    }
    return { mark: this.monitor.mark('fence'), exact: false, note: 'the recording holds no fence here' }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const wait of this.#pending.list()) {
      wait.suppress()
      wait.abandon('the session was closed')
    }
    this.#feed.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Plays on while waits are pending and their callers have nothing else to do. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      let timeoutMs = PATIENCE
      while (this.#pending.size > 0 && !this.#closed) {
        await turn()
        if (this.#isProbing()) await this.#change()
        else if (this.#playing > 0 || (this.#blocked() && timeoutMs-- > 0)) continue
        else if (this.#pending.size > 0) this.#advance()
        timeoutMs = PATIENCE
      }
    } catch (error) {
      // The recording cannot be read on, or the caller's `onRow` threw.
      for (const wait of this.#pending.list()) wait.abandon(`the replay failed: ${(error as Error).message}`)
    } finally {
      this.#pumping = false
    }
  }

  /** Somebody looks at something that the replay does not answer by going on. */
  #isProbing(): boolean {
    return this.#pending.probing > this.#probes.waiting
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const off = this.#pending.onChange(() => {
        off()
        resolve()
      })
    })
  }

  /** Plays until somebody is to have a turn, or a test that is within a step has to say that it ends. */
  #advance(): void {
    const { turns } = this.#pending
    const stopped = this.#blocked()
    this.#answered = false
    while (this.#pending.turns === turns && !this.#answered && !this.#closed) {
      if (!stopped && this.#blocked()) return
      this.#one()
    }
    for (let more = this.#lag(); more > 0 && this.#feed.peek()?.kind === 'line'; more--) this.#playNext()
  }

  /** The next row or timer, whichever comes first; at one time rows come first. */
  #one(): void {
    const row = this.#blocked() ? null : this.#feed.peek()
    const timerNs = this.clock.nextTimerNs
    if (timerNs !== null && this.#lastProbe(row, timerNs)) this.clock.advanceTo(timerNs)
    else if (row && (timerNs === null || (timeOf(row) ?? 0) <= timerNs)) this.#playNext()
    else if (!row && !this.#blocked() && this.monitor.state === 'running') this.#end()
    else if (timerNs !== null) this.clock.advanceTo(timerNs)
    else for (const wait of this.#pending.list()) wait.abandon('nothing more is recorded')
  }

  /** Waits that poll look once more before the end: when they looked live, nobody knows. */
  #lastProbe(row: Row | null, timerNs: number): boolean {
    if (this.monitor.state !== 'running' || this.#blocked()) return false
    if (row !== null && row.kind !== 'exit') return false
    if (this.monitor.dialect !== null && this.monitor.dialect !== 'none') return false
    this.#endNs ??= Math.max(this.clock.nowNs(), row?.atNs ?? 0)
    return timerNs <= this.#endNs + MAX_PAUSE_NS
  }

  #blocked(): boolean {
    const row = this.#feed.peek()
    return this.#stepping && row !== null && (isMark(row, 'begin') || this.#running.has(row))
  }

  #end(): void {
    if (this.monitor.state === 'running') this.monitor.endStream(null)
  }

  async #playThrough(last: (row: Row) => boolean): Promise<void> {
    let reached = false
    await this.#playWhile((row) => {
      if (reached) return false
      reached = last(row)
      return true
    })
  }

  /** Plays rows; whoever is to have a turn gets it in between. */
  async #playWhile(wanted: (row: Row) => boolean): Promise<void> {
    this.#playing++
    try {
      for (let row = this.#feed.peek(); row && !this.#closed && wanted(row); row = this.#feed.peek()) {
        const { turns } = this.#pending
        this.#answered = false
        this.#playNext()
        if (this.#answered) await turn()
        // Looks of a test's own may want the replay to go on first.
        for (let left = PATIENCE; left > 0 && this.#pending.turns !== turns && this.#isProbing(); left--) await turn()
        if (this.#pending.turns !== turns) await turn()
      }
      await turn()
    } finally {
      this.#playing--
    }
  }

  #playMark(found: MarkRow): Mark {
    let mark: Mark | null = null
    const off = this.monitor.subscribe((event) => {
      if (event.type === 'mark') mark = event.mark
    })
    for (let row = this.#feed.peek(); row; row = this.#feed.peek()) {
      this.#playNext()
      if (row === found) break
    }
    off()
    return mark ?? this.monitor.mark(found.name)
  }

  #playNext(): void {
    const row = this.#feed.peek()
    if (!row) return
    // Whoever looks until then may be answered by this row.
    this.clock.approach(timeOf(row) ?? 0)
    this.#feed.next()
    this.#player.play(row)
    if (this.#probes.played(row)) this.#answered = true
  }

  #describe(): string {
    const { state, exit, lostReason } = this.monitor
    const parts: string[] = []
    if (state === 'running') parts.push(`replayed to ${(this.clock.nowNs() / 1e9).toFixed(6)} s; running then`)
    const next = this.#blocked() ? this.#feed.peek() : null
    if (next !== null && isMark(next, 'begin')) parts.push(`its recording has step '${next.name}' next`)
    else if (lostReason === null) parts.push(describeEnd(exit))
    if (this.problem !== null) parts.push(`the recording is not whole: ${this.problem}`)
    return parts.join('; ')
  }
}

/** Turns that a test has to begin its next step before deadlines come nearer. */
const PATIENCE = 100
