import { setImmediate as turn } from 'node:timers/promises'
import { type Clock, systemClock, type VirtualClock, virtualClock } from '../clock.js'
import type { Fence, Mark } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { isOwn } from '../operation/own.js'
import { type LossRow, type MarkRow, type RecordingHeader, type Row, timeOf } from '../recording/row.js'
import { describeEnd, MAX_PAUSE_NS } from '../wait/engine/machine.js'
import { PendingWaits } from '../wait/engine/pending.js'
import type { Session } from '../wait/engine/session.js'
import { createWaitFor, type WaitFor } from '../wait/wait-for.js'
import { lag } from './lag.js'
import { FeedMarks, ListedMarks, type MarkAt, type Marks } from './marks.js'
import { RecordedProbes } from './recorded-probes.js'
import { monitorOf, type ReplayOptions } from './replay-options.js'
import { RowFeed } from './row-feed.js'
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
  readonly #marks: Marks
  readonly #player: RowPlayer
  readonly #probes: RecordedProbes
  readonly #pending = new PendingWaits()
  readonly #lag: () => number
  #pumping = false
  #closed = false
  /** The test says when steps begin: nothing plays into the next, or out of one that runs, by itself. */
  #stepping = false
  /** Ends of the steps that have begun, by their numbers among all marks. */
  readonly #running = new Set<number>()
  #endNs: number | null = null
  /** How many callers play it just now, or hold it. */
  #playing = 0
  /** How many of them play it themselves. */
  #plays = 0
  /** How many callers want it to be played on, whatever else is being waited for. */
  #wanting = 0
  /** A probe that waited for the replay has been answered: whoever asked is to have a turn. */
  #answered = false
  /** The test was given its time to begin or end a step, and has done nothing since. */
  #idle = false
  readonly #realClock: Clock = systemClock()
  readonly #stirred = new Set<() => void>()

  /** Use `openReplay`. */
  constructor(
    rows: Iterable<Row>,
    header: RecordingHeader | null,
    options: ReplayOptions = {},
    marks?: () => readonly MarkRow[],
  ) {
    this.#options = options
    this.#feed = new RowFeed(rows)
    this.#marks = marks ? new ListedMarks(this.#feed, marks) : new FeedMarks(this.#feed)
    this.#lag = lag(options.seed)
    this.header = header
    this.monitor = monitorOf(header, options, this.clock)
    this.monitor.useFence(() => this.fence())
    this.#player = new RowPlayer(this.clock, this.monitor, options)
    this.#probes = new RecordedProbes({
      feed: this.#feed,
      prober: this.#player.prober,
      restore: options.restore,
      nowNs: () => this.clock.nowNs(),
      polling: () => this.monitor.dialect === null || this.monitor.dialect === 'none',
    })
    this.waitFor = createWaitFor({
      monitor: this.monitor,
      prober: this.#probes,
      pending: this.#pending,
      describeDaemon: () => this.#describe(),
      remark: options.remark,
      timeoutMs: options.waitTimeoutMs,
    })
    this.#pending.onChange(() => {
      this.#stir()
      if (options.pace !== 'manual') void this.#pump()
    })
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
    const found = nextMoment(this.#marks, name)
    if (!found) return this.monitor.mark(name)
    return this.#playMark(found)
  }

  async step<T>(name: string, fn?: () => T | Promise<T>): Promise<T> {
    this.#stepping = true
    const begin = nextBegin(this.#marks, name, this.#options.remark)
    this.#options.onStep?.(begin.row, begin.nth)
    this.#active()
    await this.#playThrough(begin)
    const end = this.#marks.find(endOf(name)) ?? this.#marks.find((row) => row.edge === 'begin')
    const finish = async (): Promise<void> => {
      this.#active()
      if (end === null) await this.playToEnd()
      else if (end.row.edge === 'end') await this.#playThrough(end)
      else await this.#playWhile(() => !this.#isNext(end))
    }
    // Nothing else plays a step's lines in manual pace, so they come first.
    if (this.#options.pace === 'manual') await finish()
    if (end) this.#running.add(end.nth)
    try {
      return (await fn?.()) as T
    } finally {
      if (this.#options.pace !== 'manual' && !this.#closed) await finish()
    }
  }

  /**
   * Plays up to the begin of a step, past others.
   * @throws {FusetraceError} `FT_REPLAY_MISMATCH` when no such step comes any more.
   */
  async seekTo(step: string): Promise<Mark> {
    const begin = this.#marks.find((row) => row.edge === 'begin' && row.name === step)
    if (begin === null) throw noStep(this.#marks, step, this.#options.remark)
    this.#options.onStep?.(begin.row, begin.nth)
    this.#active()
    await this.#playThrough(begin)
    return this.monitor.latestMark
  }

  /** Plays on to a time, ns since the origin. */
  async advanceTo(ns: number): Promise<void> {
    this.#active()
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
    this.#active()
    return () => {
      this.#playing--
      this.#stir()
    }
  }

  /** Somebody whom a probe of the test's own waits for wants the recording to be played on; call what is returned when it was. */
  want(): () => void {
    this.#wanting++
    this.#active()
    return () => void this.#wanting--
  }

  async fence(): Promise<Fence> {
    const moment = nextMoment(this.#marks, 'fence')
    if (moment) {
      const mark = this.#playMark(moment)
      const latest = [...this.monitor.recentOperations(3), ...this.monitor.openOperations()]
      const exact = latest.some((operation) => isOwn(operation))
      return exact ? { mark, exact } : { mark, exact, note: 'it was not exact when it was recorded' }
    }
    return { mark: this.monitor.mark('fence'), exact: false, note: 'the recording holds no fence here' }
  }

  async close(): Promise<void> {
    this.#abandonWaits()
    this.#feed.close()
  }

  /** Ends the waits, then plays all that is left at once: so that all operations are known. */
  async finish(): Promise<void> {
    this.#abandonWaits()
    while (this.#feed.peek() !== null) this.#playNext()
    this.#end()
    this.#feed.close()
  }

  #abandonWaits(): void {
    if (this.#closed) return
    this.#closed = true
    for (const wait of this.#pending.list()) {
      wait.suppress()
      wait.abandon('the session was closed')
    }
    this.#stir()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Plays on while waits are pending and their callers have nothing else to do. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#pending.size > 0 && !this.#closed) {
        await turn()
        if (this.#isProbing() || this.#playing > 0) await this.#change()
        else if (this.#behindStep()) await this.#forStep()
        else if (this.#pending.size > 0) this.#advance()
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

  /** Resolves when the test, a wait or a probe has done something; with a limit, after so many ms of real time at the latest. */
  #change(limitMs?: number): Promise<'changed' | 'late'> {
    return new Promise((resolve) => {
      const end = (how: 'changed' | 'late') => (): void => {
        this.#stirred.delete(changed)
        timer?.cancel()
        resolve(how)
      }
      const changed = end('changed')
      const timer =
        limitMs === undefined ? null : this.#realClock.at(this.#realClock.nowNs() + limitMs * 1e6, end('late'))
      this.#stirred.add(changed)
    })
  }

  #stir(): void {
    for (const changed of [...this.#stirred]) changed()
  }

  /** The test has done something itself. */
  #active(): void {
    this.#idle = false
    this.#stir()
  }

  /**
   * The test has to begin or end a step before anything else comes, and all deadlines lie behind the time at which it did so when
   * it was recorded: then it was not waiting for them.
   */
  #behindStep(): boolean {
    if (this.#idle || !this.#blocked()) return false
    const { nextTimerNs } = this.clock
    return nextTimerNs === null || nextTimerNs > (timeOf(this.#feed.peek() as Row) ?? 0)
  }

  /** A test that waits for what its recording does not have would never begin the step: it is not waited for for ever. */
  async #forStep(): Promise<void> {
    const { size } = this.#pending
    if ((await this.#change(this.#options.idleMs ?? IDLE_MS)) === 'late') this.#idle = true
    else if (this.#pending.size > size) this.#idle = false
  }

  /** Plays until somebody is to have a turn, or a test that is within a step has to say that it ends. */
  #advance(): void {
    const { turns } = this.#pending
    const stopped = this.#blocked()
    this.#answered = false
    while (this.#pending.turns === turns && !this.#answered && !this.#closed) {
      if ((!stopped && this.#blocked()) || this.#behindStep()) return
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
    if (!this.#stepping || row?.kind !== 'mark') return false
    return row.edge === 'begin' || this.#running.has(this.#feed.marks)
  }

  #isNext(mark: MarkAt): boolean {
    return this.#feed.marks === mark.nth && this.#feed.peek()?.kind === 'mark'
  }

  #end(): void {
    if (this.monitor.state === 'running') this.monitor.endStream(null)
  }

  async #playThrough(last: MarkAt): Promise<void> {
    await this.#playWhile(() => this.#feed.marks <= last.nth)
  }

  /** Plays rows; whoever is to have a turn gets it in between. */
  async #playWhile(wanted: (row: Row) => boolean): Promise<void> {
    this.#playing++
    this.#plays++
    this.#stir()
    // One that has not come to an end in that time may wait for what is played here.
    let late = false
    try {
      for (let row = this.#feed.peek(); row && !this.#closed && wanted(row); row = this.#feed.peek()) {
        const { turns } = this.#pending
        this.#answered = false
        this.#playNext()
        if (this.#answered) await turn()
        if (this.#pending.turns === turns) continue
        await turn()
        // A probe of the test's own has its time, unless it wants the replay to go on first.
        while (!late && this.#isProbing() && this.#wanting === 0 && this.#plays < 2 && !this.#closed) {
          late = (await this.#change(this.#options.idleMs ?? IDLE_MS)) === 'late'
        }
      }
      await turn()
    } finally {
      this.#playing--
      this.#plays--
      this.#stir()
    }
  }

  #playMark(found: MarkAt): Mark {
    let mark: Mark | null = null
    const off = this.monitor.subscribe((event) => {
      if (event.type === 'mark') mark = event.mark
    })
    while (this.#feed.marks <= found.nth && this.#feed.peek() !== null) this.#playNext()
    off()
    return mark ?? this.monitor.mark(found.row.name)
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
    const { state, exit } = this.monitor
    const parts: string[] = []
    if (state === 'running') parts.push(`replayed to ${(this.clock.nowNs() / 1e9).toFixed(6)} s; running then`)
    const next = this.#blocked() ? this.#feed.peek() : null
    if (next !== null && isMark(next, 'begin')) parts.push(`its recording has step '${next.name}' next`)
    else if (state === 'ended') parts.push(describeEnd(exit))
    if (this.problem !== null) parts.push(`the recording is not whole: ${this.problem}`)
    return parts.join('; ')
  }
}

/** Default of `idleMs`. */
const IDLE_MS = 1000
