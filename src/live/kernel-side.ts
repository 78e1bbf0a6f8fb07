import type { SystemClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { kernel, namedKernel } from '../dialect/kernel/kernel.js'
import { changeOf } from '../dialect/kernel/named-parser.js'
import type { KernelSource } from '../kernel/kernel-source.js'
import { openKernelSource } from '../kernel/open-source.js'
import type { Line } from '../line/line.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { kernelLossLine } from '../recording/kernel-line.js'
import type { KernelRow } from '../recording/row.js'
import { MS, sleep } from '../time.js'
import type { PendingWaits } from '../wait/engine/pending.js'
import { requestsFor } from './kernel-needs.js'
import type { Recorder } from './recorder.js'

export interface KernelSideOptions {
  clock: SystemClock
  monitor: TraceMonitor
  recorder: Recorder
  /** While there are some, events are handed on at once; a recording or a subscriber gets them soon. */
  pending: PendingWaits
  /**
   * Whether the monitor reads the kernel's events: from the start, whatever the log says; where the log says nothing; or never,
   * since operations come from elsewhere.
   */
  use: 'always' | 'silent' | 'never'
}

/** How long lines that no dialect has understood yet are given to be understood, once the mount is ready. */
const UNDECIDED_NS = 50 * MS

/** Events that are kept until it is known whether the log is understood. */
const MAX_KEPT = 500_000

/**
 * The kernel's events of a live run: rows of the recording beside the log's lines, and what the monitor reads where the log shows
 * nothing. Lines and events have numbers of one row then, as they have when the recording is replayed.
 */
export class KernelSide {
  readonly #options: KernelSideOptions
  readonly #source: KernelSource
  readonly #endWatch: () => void
  /** Whether the monitor reads the events: null while that is not known. */
  #used: boolean | null
  #kept: Line[] = []
  #dropped = 0
  #deciding = false
  /** It is known whose events are ours. */
  #follows = false
  /** Lines of the log and events so far. */
  #rows = 0
  #events = 0

  /** @throws FT_ENVIRONMENT when the kernel's events cannot be had */
  static async open(options: KernelSideOptions): Promise<KernelSide> {
    // Nothing comes before it is followed, or the event loop has had its turn.
    const sides: KernelSide[] = []
    const source = await openKernelSource({
      clock: options.clock,
      onEvent: (row, line) => {
        for (const side of sides) side.#take(row, line)
      },
      onLoss: (count) => {
        for (const side of sides) side.#lose(count)
      },
      onPassed: (send, end) => {
        for (const side of sides) side.#pass(send, end)
      },
      onSkipped: (events, requests) => {
        for (const side of sides) side.#skip(events, requests)
      },
    })
    const side = new KernelSide(options, source)
    sides.push(side)
    if (options.use === 'always') options.monitor.choose(dialectOf(source))
    return side
  }

  private constructor(options: KernelSideOptions, source: KernelSource) {
    this.#options = options
    this.#source = source
    this.#used = options.use === 'silent' ? null : options.use === 'always'
    const { pending, monitor } = options
    let waits = 0
    const onWaits = (): void => {
      if (pending.size === waits) return
      if (pending.size > waits) source.hurry()
      waits = pending.size
      this.#adapt()
    }
    const ends = [
      pending.onChange(onWaits),
      monitor.useSource({ drain: () => this.drain(), onListeners: () => this.#adapt() }),
    ]
    this.#endWatch = () => {
      for (const end of ends) end()
    }
  }

  /** Events so far. */
  get events(): number {
    return this.#events
  }

  /** Why the events have no names; null when they have. */
  get note(): string | null {
    return this.#source.note
  }

  /** The operations are made of the kernel's events. */
  get used(): boolean {
    return this.#used === true
  }

  follow(connection: number): void {
    this.#source.follow(connection)
    this.#follows = true
    this.#adapt()
  }

  drain(): void {
    // What was kept comes first.
    if (!this.#deciding) this.#source.drain()
  }

  /** A line of the daemon's log, on its way to the monitor. */
  number(line: Line): Line {
    // What has happened before it comes before it.
    if (this.#source.pace === 'later') this.#source.drain()
    const index = this.#rows++
    return this.#used ? { ...line, index } : line
  }

  /** The mount is ready, or has ended before: a log that has shown nothing by now is of no use. */
  decide(): void {
    if (this.#used !== null) return
    const { monitor, recorder } = this.#options
    this.#used = monitor.dialect === null || monitor.dialect === 'none'
    const kept = this.#kept
    this.#kept = []
    this.#adapt()
    if (!this.#used) return
    monitor.choose(dialectOf(this.#source))
    recorder.setDialect(kernel)
    this.#deciding = true
    for (const line of kept) monitor.push(line)
    this.#deciding = false
    if (this.#dropped > 0) recorder.lose('kernel-operations', this.#dropped)
  }

  /**
   * As `decide`; where the log has lines that no dialect understands yet, the next ones may show which does.
   *
   * @param catchUp everything that has been logged by now has been handed on when it returns
   */
  async decideSoon(catchUp: () => void): Promise<void> {
    const { clock, monitor } = this.#options
    const { dialect, waiting } = monitor.interpreter
    if (dialect === null && waiting > 0) {
      await sleep(clock, UNDECIDED_NS)
      catchUp()
    }
    this.decide()
  }

  /** Ends the trace. Call it after the end of the log. */
  async stop(): Promise<void> {
    this.#endWatch()
    await this.#source.stop()
  }

  /** Reads as soon as a wait, a subscriber or the recording needs it, and no sooner. */
  #adapt(): void {
    const { pending, recorder, monitor } = this.#options
    const kept = recorder.path !== null || !this.#follows || this.#used === null
    const waits = this.#used === false ? [] : pending.list()
    const wanted = kept || monitor.listened || waits.length === 0 ? null : requestsFor(waits)
    const open = wanted === null ? [] : monitor.asKnown(() => monitor.openOperations())
    this.#source.narrow(
      wanted,
      open.flatMap(({ unique }) => unique ?? []),
    )
    const soon = kept || (monitor.listened && this.#used === true)
    this.#source.pace = waits.length > 0 ? 'at-once' : soon ? 'soon' : 'later'
  }

  #pass(send: KernelRow, end: KernelRow): void {
    const change = this.#used ? changeOf(send, end, this.#rows) : null
    if (change !== null) this.#options.monitor.learn(change.request, change.reply)
  }

  #skip(events: number, requests: number): void {
    this.#events += events
    this.#rows += events
    if (this.#used) this.#options.monitor.skip(events, requests)
  }

  #take(row: KernelRow, line: (index: number) => Line): void {
    this.#options.recorder.write(row)
    this.#events++
    this.#hand(line(this.#rows++))
  }

  #lose(count: number): void {
    const atNs = this.#options.clock.nowNs()
    this.#options.recorder.lose('kernel-events', count)
    if (this.#source.named) this.#hand(kernelLossLine({ atNs, count }, this.#rows++))
  }

  #hand(line: Line): void {
    if (this.#used) this.#options.monitor.push(line)
    else if (this.#used === null) {
      if (this.#kept.length < MAX_KEPT) this.#kept.push(line)
      else this.#dropped++
    }
  }
}

const dialectOf = ({ named }: KernelSource): Dialect => (named ? namedKernel : kernel)
