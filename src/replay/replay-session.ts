import { setImmediate as turn } from 'node:timers/promises'
import { type VirtualClock, virtualClock } from '../clock.js'
import type { Fence, Mark } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { isOwn } from '../operation/own.js'
import { type LossRow, type MarkRow, type RecordingHeader, type Row, timeOf } from '../recording/row.js'
import { describeEnd } from '../wait/engine/machine.js'
import { PendingWaits } from '../wait/engine/pending.js'
import type { Session } from '../wait/engine/session.js'
import { createWaitFor, type WaitFor } from '../wait/wait-for.js'
import { FeedMarks, ListedMarks, type MarkAt, type Marks } from './marks.js'
import { Pacer } from './pacer.js'
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
  readonly #pacer: Pacer

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
    this.header = header
    this.monitor = monitorOf(header, options, this.clock)
    this.monitor.useFence(() => this.fence())
    this.#player = new RowPlayer(this.clock, this.monitor, options)
    const probes = new RecordedProbes({
      feed: this.#feed,
      prober: this.#player.prober,
      restore: options.restore,
      nowNs: () => this.clock.nowNs(),
      polling: () => this.monitor.dialect === null || this.monitor.dialect === 'none',
    })
    const { clock, monitor } = this
    const pending = new PendingWaits()
    this.#pacer = new Pacer({
      clock,
      monitor,
      feed: this.#feed,
      player: this.#player,
      probes,
      pending,
      replay: options,
    })
    this.waitFor = createWaitFor({
      monitor: this.monitor,
      prober: probes,
      pending,
      describeDaemon: () => this.#describe(),
      remark: options.remark,
      timeoutMs: options.waitTimeoutMs,
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
    this.#pacer.stepping()
    const begin = nextBegin(this.#marks, name, this.#options.remark)
    this.#options.onStep?.(begin.row, begin.nth)
    this.#pacer.active()
    await this.#pacer.playThrough(begin)
    const end = this.#marks.find(endOf(name)) ?? this.#marks.find((row) => row.edge === 'begin')
    const finish = async (): Promise<void> => {
      this.#pacer.active()
      if (end === null) await this.playToEnd()
      else if (end.row.edge === 'end') await this.#pacer.playThrough(end)
      else await this.#pacer.playTo(end)
    }
    // Nothing else plays a step's lines in manual pace, so they come first.
    if (this.#options.pace === 'manual') await finish()
    if (end) this.#pacer.endsWith(end)
    try {
      return (await fn?.()) as T
    } finally {
      if (this.#options.pace !== 'manual' && !this.#pacer.closed) await finish()
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
    this.#pacer.active()
    await this.#pacer.playThrough(begin)
    return this.monitor.latestMark
  }

  /** Plays on to a time, ns since the origin. */
  async advanceTo(ns: number): Promise<void> {
    this.#pacer.active()
    await this.#pacer.playWhile((row) => (timeOf(row) ?? 0) <= ns)
    this.clock.advanceTo(ns)
    await turn()
  }

  /** Plays all that is left; the log ends there. */
  async playToEnd(): Promise<void> {
    await this.#pacer.playWhile(() => true)
    this.#pacer.end()
    await turn()
  }

  /** Nothing is played by itself until what is returned is called: the caller plays what comes next. */
  hold(): () => void {
    return this.#pacer.hold()
  }

  /** A call that a probe of the test's own waits for needs the recording to be played on; call what is returned when it was. */
  want(): () => void {
    return this.#pacer.want()
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
    this.#pacer.close()
    this.#feed.close()
  }

  /** Ends the waits, then plays all that is left at once: so that all operations are known. */
  async finish(): Promise<void> {
    this.#pacer.close()
    while (this.#feed.peek() !== null) this.#pacer.playNext()
    this.#pacer.end()
    this.#feed.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #playMark(found: MarkAt): Mark {
    let mark: Mark | null = null
    const off = this.monitor.subscribe((event) => {
      if (event.type === 'mark') mark = event.mark
    })
    while (this.#feed.marks <= found.nth && this.#feed.peek() !== null) this.#pacer.playNext()
    off()
    return mark ?? this.monitor.mark(found.row.name)
  }

  #describe(): string {
    const { state, exit } = this.monitor
    const parts: string[] = []
    if (state === 'running') parts.push(`replayed to ${(this.clock.nowNs() / 1e9).toFixed(6)} s; running then`)
    const next = this.#pacer.blocked ? this.#feed.peek() : null
    if (next !== null && isMark(next, 'begin')) parts.push(`its recording has step '${next.name}' next`)
    else if (state === 'ended') parts.push(describeEnd(exit))
    if (this.problem !== null) parts.push(`the recording is not whole: ${this.problem}`)
    return parts.join('; ')
  }
}
