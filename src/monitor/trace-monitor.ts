import type { Clock } from '../clock.js'
import { ALL_CAPABILITIES } from '../dialect/core/capabilities.js'
import type { Capabilities, Dialect, ReplyEvent, RequestEvent } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import { Interpreter } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { isOwn } from '../operation/own.js'
import { WireInterpreter, type WireMessage } from '../operation/wire-interpreter.js'
import { Conclusions } from './conclusions.js'
import { History } from './history.js'
import type {
  Exit,
  Fence,
  Mark,
  MarkEdge,
  MonitorEvent,
  MonitorView,
  MountPhase,
  OperationEvent,
  SubscribeOptions,
} from './monitor.js'
import { Subscribers } from './subscribers.js'

/** What a monitor reads its lines with, and how much it keeps. */
export interface TraceMonitorOptions {
  /** Of marks and phases: the one that lines were stamped by. */
  clock: Clock
  /** Read with this one instead of choosing from the first lines. */
  dialect?: Dialect | undefined
  /** The dialects to choose from, see `dialects`. */
  candidates?: readonly Dialect[] | undefined
  /** As given to the daemon. */
  mountpoint?: string | undefined
  /**
   * Finished operations that the history keeps.
   * @default 50000
   */
  historyLimit?: number | undefined
  /**
   * Lines that the history keeps.
   * @default 2000
   */
  lineLimit?: number
  /** Operations come from the messages between kernel and daemon (`pushWire`); lines are only kept. */
  wire?: boolean | undefined
  /** Called with what a subscriber threw; they are only counted otherwise. */
  onSubscriberError?(error: unknown): void
}

/** Events that have happened and wait to be handed on. */
export interface EventSource {
  /** Hands on all of them. */
  drain(): void
  /** `listened` may have changed: a subscriber has come or gone. */
  onListeners(): void
}

/** The wire hides nothing. */
const WIRE: Capabilities = { ...ALL_CAPABILITIES, timestamps: 'ns' }

/**
 * The history of a run, and the subscribers to what comes next. Lines go in, by `push`; operations, marks and the end come
 * out, to subscribers and to callers. The history is bounded; what it lets go is counted in `losses`.
 */
export class TraceMonitor implements MonitorView {
  readonly clock: Clock
  /** Turns the lines into operations; its counters (`lines`, `unparsed`, `dialect`) may be read. */
  readonly interpreter: Interpreter
  /** Turns messages into operations, where they come from the wire. */
  readonly wire: WireInterpreter | null
  readonly #history: History
  readonly #subscribers: Subscribers
  readonly #conclusions = new Conclusions()
  readonly #phases = new Map<MountPhase, number>()
  #ended = false
  #state: 'running' | 'ended' | 'lost' = 'running'
  #exit: Exit | null = null
  #lostReason: string | null = null
  #latest: Mark = { name: 'begin', line: 0, atNs: 0 }
  #marks = 0
  #fence: (() => Promise<Fence>) | null = null
  #source: EventSource | null = null

  constructor(options: TraceMonitorOptions) {
    this.clock = options.clock
    this.#history = new History(options.historyLimit ?? 50_000, options.lineLimit ?? 2000)
    this.#subscribers = new Subscribers((error) => options.onSubscriberError?.(error))
    const taken = {
      onStart: (operation: Operation): void => this.#keep({ type: 'started', operation }),
      onEnd: (operation: Operation): void => {
        this.#history.addFinished(operation)
        if (this.#conclusions.confirm(operation)) this.#subscribers.queue({ type: 'ended', operation, known: 'before' })
        else this.#keep({ type: 'ended', operation })
      },
    }
    this.wire = options.wire ? new WireInterpreter(taken) : null
    const { dialect, candidates, mountpoint } = options
    this.interpreter = new Interpreter({ dialect, candidates, mountpoint, ...(this.wire ? {} : taken) })
  }

  get capabilities(): Capabilities | null {
    return this.wire ? WIRE : this.interpreter.capabilities
  }

  get dialect(): string | null {
    return this.wire ? 'wire' : (this.interpreter.dialect?.name ?? null)
  }

  get state(): 'running' | 'ended' | 'lost' {
    return this.#state
  }

  get serial(): boolean {
    return this.interpreter.serial
  }

  get exit(): Exit | null {
    return this.#exit
  }

  get lostReason(): string | null {
    return this.#lostReason
  }

  get phases(): ReadonlyMap<MountPhase, number> {
    return this.#phases
  }

  /** @deprecated Use `phases`. */
  get rungs(): ReadonlyMap<MountPhase, number> {
    return this.#phases
  }

  /** Whether a subscriber wants to be given operations as they come. */
  get listened(): boolean {
    return this.#subscribers.listened
  }

  get lineCount(): number {
    this.#source?.drain()
    return this.#history.lineCount
  }

  get latestMark(): Mark {
    return this.#latest
  }

  /** How often a subscriber threw. */
  get subscriberErrors(): number {
    return this.#subscribers.errors
  }

  get losses(): readonly { readonly what: string; readonly count: number }[] {
    return this.#history.losses
  }

  /** Takes the next line. */
  push(line: Line): void {
    if (this.#ended) {
      this.#history.addLate()
      return
    }
    this.#history.addLine(line)
    if (this.#subscribers.takesLines) this.#subscribers.queue({ type: 'line', line })
    this.interpreter.push(line)
    this.#subscribers.drain()
  }

  /** Reads with this dialect from now on: no dialect understands the log, and something else shows the operations. */
  choose(dialect: Dialect): void {
    if (!this.#ended) this.interpreter.choose(dialect)
  }

  /** Events may wait in a source: they are handed on before the history is read. Returns what ends that. */
  useSource(source: EventSource): () => void {
    this.#source = source
    return () => {
      if (this.#source === source) this.#source = null
    }
  }

  /** Takes what a request did to names that will be in no history; `skip` counts it. */
  learn(request: RequestEvent, reply: ReplyEvent): void {
    if (!this.#ended) this.interpreter.learn(request, reply)
  }

  /** So many lines, of so many operations, were left out because they would fall out of the history anyway. */
  skip(lines: number, operations: number): void {
    this.#history.skip(lines, operations)
  }

  /** Takes the next message between kernel and daemon; it has a place of its own among the lines. */
  pushWire(message: WireMessage): void {
    if (this.#ended) {
      this.#history.addLate()
      return
    }
    this.wire?.push(message, this.#history.addMessage())
    this.#subscribers.drain()
  }

  /** The log ended; `exit` null when it is not known how. What is open ends `unfinished`, or by inference. */
  endStream(exit: Exit | null): void {
    if (this.#ended) return
    this.#ended = true
    const cut = exit !== null && exit.signal !== null
    this.wire?.end()
    this.interpreter.end(this.clock.nowNs(), cut || this.#state === 'lost' ? 'cut' : 'complete')
    this.#exit = exit
    if (this.#state === 'running') this.#state = 'ended'
    this.#emit({ type: 'stream-ended', exit })
  }

  /**
   * A daemon is started again, on the same mountpoint: the history goes on, what is known of the mount begins anew. While the
   * stream has not ended nothing happens.
   */
  restart(): void {
    if (this.#state === 'running') return
    this.endStream(null)
    this.#ended = false
    this.#state = 'running'
    this.#exit = null
    this.#lostReason = null
    this.#phases.clear()
    // Before its first line, so that a replay knows that what follows is of another daemon.
    this.reach('spawned', 'again')
  }

  /** The mount vanished although nobody unmounted it. */
  loseMount(reason: string): void {
    if (this.#lostReason !== null) return
    this.#lostReason = reason
    if (this.#state === 'running') this.#state = 'lost'
    this.#emit({ type: 'mount-lost', reason })
  }

  /** A phase of readiness was reached, or the mount ended as it was meant to. */
  reach(phase: MountPhase, detail: string | null = null): void {
    const atNs = this.clock.nowNs()
    this.#phases.set(phase, atNs)
    this.#emit({ type: 'mount', phase, rung: phase, detail, atNs })
    if (phase === 'lost') this.loseMount(detail ?? 'the mount is gone')
  }

  mark(name: string = `mark ${++this.#marks}`): Mark {
    return this.#mark(name, 'moment')
  }

  /** A step begins: waits look from here on by default. `at`: an exact mark (a fence) instead of here and now. */
  beginStep(name: string, at?: Mark): Mark {
    this.#latest = this.#mark(name, 'begin', at)
    return this.#latest
  }

  endStep(name: string, at?: Mark): Mark {
    return this.#mark(name, 'end', at)
  }

  /** The place in the stream of a moment that has passed: before the first line that was written then or later. */
  markAt(atNs: number): Mark {
    this.#source?.drain()
    return { name: 'moment', line: this.#history.linesBefore(atNs), atNs }
  }

  /**
   * A request of ours that was made when `line` lines had been read has been answered. Where the log shows no ends and the
   * daemon does one thing at a time, everything that began before those lines has ended.
   */
  requestAnswered(line: number): void {
    if (this.#ended || this.capabilities?.end !== 'inferred' || !this.serial) return
    // The request itself has been answered too.
    const before = this.interpreter.openOperations.filter((open) => open.lines[0] < line || isOwn(open))
    for (const operation of this.#conclusions.conclude(before, this.clock.nowNs())) {
      this.#keep({ type: 'ended', operation, known: 'early' })
    }
    this.#subscribers.drain()
  }

  asKnown<T>(ask: () => T): T {
    const source = this.#source
    this.#source = null
    try {
      return ask()
    } finally {
      this.#source = source
    }
  }

  recentOperations(count?: number): readonly Operation[] {
    this.#source?.drain()
    const finished = this.#history.finished(count)
    if (this.#conclusions.size === 0) return finished
    const all = [...finished, ...this.#conclusions.list()]
    return count === undefined ? all : all.slice(Math.max(0, all.length - count))
  }

  openOperations(): readonly Operation[] {
    this.#source?.drain()
    const open = (this.wire ?? this.interpreter).openOperations
    return this.#conclusions.size === 0 ? open : open.filter((operation) => !this.#conclusions.has(operation))
  }

  recentLines(count?: number): readonly Line[] {
    this.#source?.drain()
    return this.#history.lines(count)
  }

  eventsSince(mark: Mark): readonly OperationEvent[] {
    this.#source?.drain()
    return this.#history.eventsSince(mark)
  }

  forgottenSince(mark: Mark): number {
    return this.#history.forgottenSince(mark)
  }

  hasSeen(opcode: string): boolean {
    this.#source?.drain()
    return this.#history.hasSeen(opcode)
  }

  fence(): Promise<Fence> {
    if (this.#fence) return this.#fence()
    return Promise.resolve({ mark: this.mark('fence'), exact: false, note: 'nothing looks names up here' })
  }

  /** How `fence()` is done; a session brings it. Null where nothing is mounted (any more). */
  useFence(fence: (() => Promise<Fence>) | null): void {
    this.#fence = fence
  }

  subscribe(onEvent: (event: MonitorEvent) => void, options: SubscribeOptions = {}): () => void {
    this.#source?.drain()
    const remove = this.#subscribers.add(onEvent, options)
    if (!options.passive) this.#source?.onListeners()
    return () => {
      if (remove() && !options.passive) this.#source?.onListeners()
    }
  }

  #mark(name: string, edge: MarkEdge, at?: Mark): Mark {
    if (at === undefined) this.#source?.drain()
    const mark: Mark = { name, line: at?.line ?? this.#history.lineCount, atNs: at?.atNs ?? this.clock.nowNs() }
    this.#emit({ type: 'mark', mark, edge })
    return mark
  }

  #keep(event: OperationEvent): void {
    this.#history.addEvent(event)
    this.#subscribers.queue(event)
  }

  #emit(event: MonitorEvent): void {
    this.#subscribers.queue(event)
    this.#subscribers.drain()
  }
}
