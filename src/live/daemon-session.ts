import type { SystemClock } from '../clock.js'
import type { Fence, Mark } from '../monitor/monitor.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import type { CallRow } from '../recording/row.js'
import { PendingWaits } from '../wait/engine/pending.js'
import type { ProbeAnswer, ProbeQuestion, Prober } from '../wait/engine/prober.js'
import type { Session } from '../wait/engine/session.js'
import { createWaitFor, type WaitFor } from '../wait/wait-for.js'
import { type FenceOptions, Fences, type LookupsShown } from './fence.js'
import type { LiveOptions } from './options.js'
import type { Recorder } from './recorder.js'

/** What every session on a daemon has, mounted or not: its history and recording, marks and steps, waits and fences. */
export abstract class DaemonSession implements Session {
  readonly clock: SystemClock
  readonly monitor: TraceMonitor
  readonly recorder: Recorder
  abstract readonly waitFor: WaitFor
  /** Null until the mount is there. */
  #fences: Fences | null = null

  constructor(clock: SystemClock, monitor: TraceMonitor, recorder: Recorder) {
    this.clock = clock
    this.monitor = monitor
    this.recorder = recorder
    recorder.follow(monitor)
  }

  /** The daemon's state in a few words. */
  abstract describeDaemon(): string

  /** Ends the daemon and completes the recording. Never throws, never hangs; may be called again. */
  abstract close(): Promise<void>

  /** Requests that the daemon has not answered. */
  protected abstract unanswered(): number

  /** Everything that has been logged by now has been handed on when this returns. */
  protected abstract catchUp(): void

  mark(name?: string): Mark {
    return this.monitor.mark(name)
  }

  /** A step begins, after everything that was done before it, as far as the log can show. */
  async beginStep(name: string): Promise<Mark> {
    const set = (): Mark => this.monitor.beginStep(name)
    return this.#fences ? (await this.#fences.fence(set)).mark : set()
  }

  /** A step ends, after everything that has been logged by now. */
  endStep(name: string): Mark {
    this.catchUp()
    return this.monitor.endStep(name)
  }

  async step<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    await this.beginStep(name)
    try {
      return await fn()
    } finally {
      this.endStep(name)
    }
  }

  fence(): Promise<Fence> {
    return this.monitor.fence()
  }

  /** Writes a test's own call into the recording. */
  recordCall(row: CallRow): void {
    this.recorder.write(row)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Waits on this session, which are recorded as they end. */
  protected waitsBy(
    prober: Prober,
    { waitTimeoutMs, dialect }: Pick<LiveOptions, 'waitTimeoutMs' | 'dialect'>,
  ): WaitFor {
    const { monitor, recorder } = this
    const pending = new PendingWaits()
    if (recorder.path !== null) pending.onSettled((wait) => recorder.write({ kind: 'wait', ...wait }))
    return createWaitFor({
      monitor,
      prober,
      pending,
      describeDaemon: () => this.describeDaemon(),
      unanswered: () => this.unanswered(),
      ...(waitTimeoutMs !== undefined && { timeoutMs: waitTimeoutMs }),
      // Nothing is to be understood: waits poll.
      ...(dialect?.name === 'none' && { trace: 'off' }),
    })
  }

  /** A probe of ours has been answered. */
  protected probed(question: ProbeQuestion, answer: ProbeAnswer, atNs: number): void {
    this.recorder.probe(question, answer, atNs)
    if (question.probe !== 'answers' || answer === 'unknown') return
    if (typeof answer.value === 'number') this.monitor.requestAnswered(answer.value)
  }

  /** The mount answers: from now on marks can be exact. */
  protected useFences(prober: FenceOptions['prober'], lookups?: LookupsShown): void {
    const { clock, monitor } = this
    const catchUp = (): void => this.catchUp()
    const fences = new Fences({ clock, monitor, prober, catchUp, ...(lookups && { lookups }) })
    this.#fences = fences
    monitor.useFence(() => fences.fence(() => monitor.mark('fence')))
  }

  /** Below the mountpoint is another file system now: no fence, no step looks a name up there. */
  protected dropFences(): void {
    this.#fences = null
    this.monitor.useFence(null)
  }

  /** Resolves when the log of all requests that were answered by now has been read, as far as a fence can show. */
  protected async logRead(): Promise<void> {
    const { clock, monitor } = this
    await this.#fences?.fence(() => ({ name: 'quiet', line: monitor.lineCount, atNs: clock.nowNs() }))
    this.catchUp()
  }
}
