import { setImmediate as turn } from 'node:timers/promises'
import { systemClock, type VirtualClock } from '../clock.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { type Row, timeOf } from '../recording/row.js'
import { MAX_PAUSE_NS } from '../wait/engine/machine.js'
import type { PendingWaits } from '../wait/engine/pending.js'
import { Changes } from './changes.js'
import { lag } from './lag.js'
import type { MarkAt } from './marks.js'
import type { RecordedProbes } from './recorded-probes.js'
import type { ReplayOptions } from './replay-options.js'
import type { RowFeed } from './row-feed.js'
import type { RowPlayer } from './row-player.js'

export interface PacerOptions {
  clock: VirtualClock
  monitor: TraceMonitor
  feed: RowFeed
  player: RowPlayer
  probes: RecordedProbes
  pending: PendingWaits
  replay: Pick<ReplayOptions, 'pace' | 'seed' | 'idleMs'>
}

/** Default of `idleMs`. */
const IDLE_MS = 1000

/**
 * Decides when the next row is played: as far as a caller says, or by itself while waits are pending and their callers have
 * nothing else to do. Whoever is to have a turn in between gets it.
 */
export class Pacer {
  readonly #options: PacerOptions
  readonly #clock: VirtualClock
  readonly #monitor: TraceMonitor
  readonly #feed: RowFeed
  readonly #probes: RecordedProbes
  readonly #pending: PendingWaits
  readonly #lag: () => number
  /** What the test, a wait or a probe does. */
  readonly #changes = new Changes(systemClock())
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

  constructor(options: PacerOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#monitor = options.monitor
    this.#feed = options.feed
    this.#probes = options.probes
    this.#pending = options.pending
    this.#lag = lag(options.replay.seed)
    this.#pending.onChange(() => {
      this.#changes.notify()
      if (options.replay.pace !== 'manual') void this.#pump()
    })
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether nothing is played by itself before the test begins or ends a step, which its recording has next. */
  get blocked(): boolean {
    const row = this.#feed.peek()
    if (!this.#stepping || row?.kind !== 'mark') return false
    return row.edge === 'begin' || this.#running.has(this.#feed.marks)
  }

  /** The test has done something itself. */
  active(): void {
    this.#idle = false
    this.#changes.notify()
  }

  /** The test begins steps itself, and is at the begin of one. */
  stepping(): void {
    this.#stepping = true
  }

  /** A step has begun that ends with this mark. */
  endsWith({ nth }: MarkAt): void {
    this.#running.add(nth)
  }

  /** See `ReplaySession.hold`. */
  hold(): () => void {
    this.#playing++
    this.active()
    return () => {
      this.#playing--
      this.#changes.notify()
    }
  }

  /** See `ReplaySession.want`. */
  want(): () => void {
    this.#wanting++
    this.active()
    return () => void this.#wanting--
  }

  /** Plays up to and with a mark. */
  async playThrough(last: MarkAt): Promise<void> {
    await this.playWhile(() => this.#feed.marks <= last.nth)
  }

  /** Plays up to a mark, without it. */
  async playTo({ nth }: MarkAt): Promise<void> {
    await this.playWhile((row) => this.#feed.marks !== nth || row.kind !== 'mark')
  }

  /** Plays rows as long as the next one is wanted; whoever is to have a turn gets it in between. */
  async playWhile(wanted: (row: Row) => boolean): Promise<void> {
    this.#playing++
    this.#plays++
    this.#changes.notify()
    // One that has not come to an end in that time may wait for what is played here.
    let late = false
    try {
      for (let row = this.#feed.peek(); row && !this.#closed && wanted(row); row = this.#feed.peek()) {
        const { turns } = this.#pending
        this.#answered = false
        this.playNext()
        if (this.#answered) await turn()
        if (this.#pending.turns === turns) continue
        await turn()
        // A probe of the test's own has its time, unless it wants the replay to go on first.
        while (!late && this.#isProbing() && this.#wanting === 0 && this.#plays < 2 && !this.#closed) {
          late = (await this.#changes.next(this.#options.replay.idleMs ?? IDLE_MS)) === 'late'
        }
      }
      await turn()
    } finally {
      this.#playing--
      this.#plays--
      this.#changes.notify()
    }
  }

  /** Plays one row, now. */
  playNext(): void {
    const row = this.#feed.peek()
    if (!row) return
    // A probe that is made until then may be answered by this row.
    this.#clock.approach(timeOf(row) ?? 0)
    this.#feed.next()
    this.#options.player.play(row)
    if (this.#probes.played(row)) this.#answered = true
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#monitor.state === 'running') this.#monitor.endStream(null)
  }

  /** Ends the waits; nothing is played by itself any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const wait of this.#pending.list()) {
      wait.suppress()
      wait.abandon('the session was closed')
    }
    this.#changes.notify()
  }

  /** Plays on while waits are pending and their callers have nothing else to do. */
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#pending.size > 0 && !this.#closed) {
        await turn()
        if (this.#isProbing() || this.#playing > 0) await this.#changes.next()
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

  /** Whether a probe is under way that the replay does not answer by going on. */
  #isProbing(): boolean {
    return this.#pending.probing > this.#probes.waiting
  }

  /**
   * The test has to begin or end a step before anything else comes, and all deadlines lie behind the time at which it did so when
   * it was recorded: then it was not waiting for them.
   */
  #behindStep(): boolean {
    if (this.#idle || !this.blocked) return false
    const { nextTimerNs } = this.#clock
    return nextTimerNs === null || nextTimerNs > (timeOf(this.#feed.peek() as Row) ?? 0)
  }

  /** A test that waits for what its recording does not have would never begin the step: it is not waited for for ever. */
  async #forStep(): Promise<void> {
    const { size } = this.#pending
    if ((await this.#changes.next(this.#options.replay.idleMs ?? IDLE_MS)) === 'late') this.#idle = true
    else if (this.#pending.size > size) this.#idle = false
  }

  /** Plays until somebody is to have a turn, or a test that is within a step has to say that it ends. */
  #advance(): void {
    const { turns } = this.#pending
    const stopped = this.blocked
    this.#answered = false
    while (this.#pending.turns === turns && !this.#answered && !this.#closed) {
      if ((!stopped && this.blocked) || this.#behindStep()) return
      this.#one()
    }
    for (let more = this.#lag(); more > 0 && this.#feed.peek()?.kind === 'line'; more--) this.playNext()
  }

  /** The next row or timer, whichever comes first; at one time rows come first. */
  #one(): void {
    const row = this.blocked ? null : this.#feed.peek()
    const timerNs = this.#clock.nextTimerNs
    if (timerNs !== null && this.#lastProbe(row, timerNs)) this.#clock.advanceTo(timerNs)
    else if (row && (timerNs === null || (timeOf(row) ?? 0) <= timerNs)) this.playNext()
    else if (!row && !this.blocked && this.#monitor.state === 'running') this.end()
    else if (timerNs !== null) this.#clock.advanceTo(timerNs)
    else for (const wait of this.#pending.list()) wait.abandon('nothing more is recorded')
  }

  /** Waits that poll probe once more before the end: when they did so live is not recorded. */
  #lastProbe(row: Row | null, timerNs: number): boolean {
    if (this.#monitor.state !== 'running' || this.blocked) return false
    if (row !== null && row.kind !== 'exit') return false
    if (this.#monitor.dialect !== null && this.#monitor.dialect !== 'none') return false
    this.#endNs ??= Math.max(this.#clock.nowNs(), row?.atNs ?? 0)
    return timerNs <= this.#endNs + MAX_PAUSE_NS
  }
}
