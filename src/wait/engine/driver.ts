import type { Timer } from '../../clock.js'
import type { Line } from '../../line/line.js'
import type { Mark, MonitorEvent, MonitorView } from '../../monitor/monitor.js'
import { isOwn } from '../../operation/own.js'
import { explain, titleOf } from '../explain/explain.js'
import { checkOptions } from './check-options.js'
import type { WaitContext } from './context.js'
import { EndRequests } from './end-requests.js'
import { Ends } from './ends.js'
import {
  MountLostError,
  StreamEndedError,
  WaitAbortedError,
  type WaitError,
  WaitFailedError,
  type WaitFailure,
  WaitTimeoutError,
} from './errors.js'
import type { Machine, Outcome, Step, View, WaitEvent, WaitOptions, WaitResult } from './machine.js'
import { Naming } from './naming.js'
import type { PendingWait } from './pending.js'

import { type ProbeAnswer, type ProbeQuestion, probeOf } from './prober.js'
import { resultOf } from './result.js'
import { type HowEnded, settledWait, threw, type WaitEnd } from './settled.js'
import { viewOf } from './view.js'

/**
 * Runs a machine against a monitor: gives it the history since its mark, then what comes, in order; asks its questions;
 * keeps its deadline. The promise rejects with a `WaitError` that explains itself and has the caller's stack.
 *
 * @param caller frames above and including this function are left out of the stack
 */
export function runWait<S, R extends WaitResult = WaitResult>(
  context: WaitContext,
  machine: Machine<S>,
  options: WaitOptions = {},
  caller: (...args: never[]) => unknown = runWait,
  extend: (result: WaitResult) => R = (result) => result as R,
): Promise<R> {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, caller)
  // Made into text only when it is needed: that takes longer than all else that happens here.
  const stack = (): string => holder.stack?.split('\n').slice(1).join('\n') ?? ''
  let suppress = (): void => undefined
  const promise = new Promise<R>((resolve, reject) => {
    const settle = { resolve: (result: WaitResult) => resolve(extend(result)), reject, suppress: () => suppress() }
    new WaitRun(context, machine, options, stack, settle).begin()
  })
  suppress = () => void promise.catch(() => undefined)
  return promise
}

/** What the caller's promise is settled with. */
interface Settle {
  resolve(result: WaitResult): void
  reject(error: unknown): void
  suppress(): void
}

const BEGIN: Mark = { name: 'begin', line: 0, atNs: 0 }

class WaitRun<S> implements PendingWait {
  readonly title: string
  readonly #stack: () => string
  readonly beginNs: number
  readonly #context: WaitContext
  readonly #machine: Machine<S>
  readonly #options: WaitOptions
  readonly #promise: Settle
  readonly #mark: Mark
  readonly #monitor: MonitorView
  readonly #view: View
  readonly #ends: Ends
  readonly #endRequests: EndRequests
  readonly #closers: (() => void)[] = []
  #state: S
  /** What has not been given to the machine yet. */
  readonly #held: WaitEvent[] = []
  #naming: Naming | null
  #asksInode = false
  #asking = false
  #wakeNs = Number.POSITIVE_INFINITY
  #wake: Timer | null = null
  #settled = false

  constructor(context: WaitContext, machine: Machine<S>, options: WaitOptions, stack: () => string, promise: Settle) {
    const { monitor } = context
    checkOptions(options)
    this.#context = context
    this.#machine = machine
    this.#options = options
    this.#stack = stack
    this.#promise = promise
    this.#monitor = monitor
    this.#mark = options.since ?? (machine.wholeRun ? BEGIN : monitor.latestMark)
    this.title = titleOf(machine)
    this.beginNs = monitor.clock.nowNs()
    this.#view = viewOf(context, machine, this.#mark, this.beginNs)
    this.#ends = new Ends(machine, this.#view)
    this.#naming = new Naming(machine, this.#view, monitor)
    this.#endRequests = new EndRequests({
      clock: monitor.clock,
      ends: this.#ends,
      pending: context.pending,
      probe: probeOf(context.prober),
      paused: () => this.#settled || this.#asking,
    })
    this.#state = machine.start()
  }

  begin(): void {
    this.#context.pending.add(this)
    this.#followSignal()
    if (this.#settled) return
    this.#closers.push(
      this.#monitor.subscribe((event) => this.#onEvent(event), {
        lines: this.#machine.onLine !== undefined,
        // What it needs is known from `pending`.
        passive: true,
      }),
    )
    this.#setDeadline()
    this.#catchUp()
  }

  #followSignal(): void {
    const { signal } = this.#options
    if (!signal) return
    const abort = (): void =>
      this.#fail((failure) => new WaitAbortedError(failure, signal.reason), 'aborted by its signal', 'aborted')
    signal.addEventListener('abort', abort, { once: true })
    this.#closers.push(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
  }

  #setDeadline(): void {
    const timeoutMs =
      (this.#options.timeoutMs ?? this.#context.timeoutMs ?? 5000) + (this.#machine.atLeastNs ?? 0) / 1e6
    if (timeoutMs === Number.POSITIVE_INFINITY) return
    const deadline = this.#monitor.clock.at(this.beginNs + Math.round(timeoutMs * 1e6), () => {
      this.#fail((failure) => new WaitTimeoutError(failure), `not satisfied within ${timeoutMs} ms`, 'timeout')
    })
    this.#closers.push(() => deadline.cancel())
  }

  /** Gives the machine what has happened since its mark. */
  #catchUp(): void {
    if (this.#machine.onLine) {
      for (const line of this.#monitor.recentLines()) if (line.index >= this.#mark.line) this.#feedLine(line)
    }
    for (const event of this.#monitor.eventsSince(this.#mark)) this.#feed(event)
    // The end first: a mount that is gone does not fail what the whole log satisfied.
    if (this.#monitor.lostReason !== null) this.#feed({ type: 'mount-lost', reason: this.#monitor.lostReason })
    else if (this.#monitor.state === 'ended') this.#feed({ type: 'stream-ended', exit: this.#monitor.exit })
    else {
      this.#ends.hurry()
      this.#feed({ type: 'tick' })
    }
  }

  get needs(): Machine<S>['needs'] {
    return this.#machine.needs
  }

  get caller(): string {
    return this.#stack()
  }

  explain(): string {
    return this.#explain('pending').text
  }

  suppress(): void {
    this.#promise.suppress()
  }

  abandon(reason: string): void {
    this.#fail((failure) => new StreamEndedError(failure), reason, 'stream-ended')
  }

  #onEvent(event: MonitorEvent): void {
    if (event.type === 'line') this.#feedLine(event.line)
    if (event.type === 'line' || event.type === 'mark') return
    // Reported before: see `MonitorEvent`.
    if (event.type === 'ended' && event.known === 'before') return
    this.#feed(event)
  }

  #feedLine(line: Line): void {
    if (this.#settled) return
    let outcome: Outcome | null
    try {
      outcome = this.#machine.onLine?.(line) ?? null
    } catch (error) {
      this.#settle(() => this.#promise.reject(error), threw(error))
      return
    }
    if (outcome) this.#finish(outcome)
  }

  #feed(event: WaitEvent): void {
    // What we ask the mount ourselves is nothing that a test waits for.
    if ((event.type === 'started' || event.type === 'ended') && isOwn(event.operation)) return
    this.#held.push(event)
    // Whatever is over, is so at once.
    if (event.type === 'stream-ended' || event.type === 'mount-lost') this.#naming = null
    else if (this.#asksInode) return
    this.#giveHeld()
  }

  /** Gives the machine what has come, in its order, up to an operation that has to be named first. */
  #giveHeld(): void {
    for (let event = this.#held[0]; event !== undefined && !this.#settled; event = this.#held[0]) {
      const ended = event.type === 'ended' ? event.operation : null
      const question = ended && (this.#naming?.question(ended) ?? null)
      if (question !== null) {
        this.#askInode(question)
        return
      }
      this.#held.shift()
      const named = ended && this.#naming?.named(ended)
      this.#give(named && named !== ended ? { type: 'ended', operation: named } : event)
    }
  }

  #askInode(question: Parameters<Naming['answered']>[0]): void {
    this.#asksInode = true
    const answered = this.#context.pending.beginProbe()
    probeOf(this.#context.prober)(question).then((answer) => {
      this.#asksInode = false
      this.#naming?.answered(question, answer)
      this.#giveHeld()
      answered()
    })
  }

  #give(event: WaitEvent): void {
    if (this.#settled) return
    if (event.type === 'started') this.#ends.started(event.operation)
    else if (event.type === 'ended') this.#ends.ended(event.operation)
    let step: Step<S>
    try {
      step = this.#machine.step(this.#state, event, this.#view)
    } catch (error) {
      // A user's predicate threw: that is the answer.
      this.#settle(() => this.#promise.reject(error), threw(error))
      return
    }
    this.#state = step.state
    if (step.outcome) {
      this.#finish(step.outcome)
      return
    }
    if (step.ask) this.#ask(step.ask)
    if (step.wakeNs !== undefined) this.#arm(step.wakeNs)
    this.#endRequests.schedule()
  }

  #ask(question: ProbeQuestion): void {
    if (this.#asking) return
    this.#asking = true
    const probe = this.#machine.probe ?? this.#machine.look ?? probeOf(this.#context.prober)
    const answered = this.#context.pending.beginProbe()
    const done = (answer: ProbeAnswer): void => {
      this.#asking = false
      this.#feed({ type: 'answer', question, answer })
      answered()
    }
    probe(question).then(done, (error: unknown) => {
      this.#settle(() => this.#promise.reject(error), threw(error))
      answered()
    })
  }

  #arm(atNs: number): void {
    if (atNs >= this.#wakeNs) return
    this.#wake?.cancel()
    this.#wakeNs = atNs
    this.#wake = this.#monitor.clock.at(atNs, () => {
      this.#wakeNs = Number.POSITIVE_INFINITY
      this.#wake = null
      this.#feed({ type: 'tick' })
    })
  }

  #finish(outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      const Kind = { 'stream-ended': StreamEndedError, 'mount-lost': MountLostError, impossible: WaitFailedError }
      this.#fail((failure) => new Kind[outcome.why](failure), outcome.reason, outcome.why)
      return
    }
    const nowNs = this.#monitor.clock.nowNs()
    const forgotten = this.#monitor.forgottenSince(this.#mark) > 0
    const byRequest = this.#ends.anyBroughtAbout(outcome.operations)
    const result = resultOf(outcome, { beginNs: this.beginNs, nowNs, forgotten, byRequest })
    const { by, operations, note = null } = outcome
    this.#settle(() => this.#promise.resolve(result), { end: 'satisfied', by, operations, note })
  }

  #fail(make: (failure: WaitFailure) => WaitError, reason: string, end: WaitEnd): void {
    if (this.#settled) return
    const { text, hint } = this.#explain(reason)
    const error = make({ title: this.title, reason, explanation: text, hint })
    error.stack = `${error.name} [${error.code}]: ${text}\n${this.caller}`
    this.#settle(() => this.#promise.reject(error), { end, by: null, operations: [], note: text })
  }

  #explain(reason: string): ReturnType<typeof explain> {
    const { describeDaemon, unanswered, remark } = this.#context
    return explain({
      machine: this.#machine,
      monitor: this.#monitor,
      mark: this.#mark,
      beginNs: this.beginNs,
      reason,
      trace: this.#view.trace,
      off: this.#context.trace === 'off',
      describeDaemon,
      unanswered,
      remark,
    })
  }

  #settle(finish: () => void, how: HowEnded): void {
    if (this.#settled) return
    this.#settled = true
    const { pending } = this.#context
    pending.remove(this)
    finish()
    pending.settled(() =>
      settledWait({
        ...how,
        monitor: this.#monitor,
        machine: this.#machine,
        mark: this.#mark,
        title: this.title,
        beginNs: this.beginNs,
      }),
    )
    // The caller comes first: what is taken back here has no effect any more.
    void Promise.resolve().then(() => {
      this.#wake?.cancel()
      this.#endRequests.cancel()
      for (const close of this.#closers) close()
    })
  }
}
