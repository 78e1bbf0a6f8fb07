import type { Clock } from '../clock.js'
import type { Capabilities, Dialect, ReplyEvent, RequestEvent } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import { Interpreter, type InterpreterOptions } from '../operation/interpreter.js'
import type { Operation } from '../operation/operation.js'
import { isOwn } from '../operation/own.js'
import { WireInterpreter, type WireMessage } from '../operation/wire-interpreter.js'
import { Conclusions } from './conclusions.js'
import {
  type Exit,
  type Fence,
  isAfter,
  type Mark,
  type MarkEdge,
  type MonitorEvent,
  type MonitorView,
  type MountPhase,
  type OperationEvent,
  type SubscribeOptions,
} from './monitor.js'
import { Ring } from './ring.js'

export interface TraceMonitorOptions {
  clock: Clock
  /** Read with this one instead of choosing from the first lines. */
  dialect?: Dialect
  candidates?: readonly Dialect[]
  /** As given to the daemon. */
  mountpoint?: string
  /**
   * Finished operations that the history keeps.
   * @default 50000
   */
  historyLimit?: number
  /**
   * Lines that the history keeps.
   * @default 2000
   */
  lineLimit?: number
  /** Operations come from the messages between kernel and daemon (`pushWire`); lines are only kept. */
  wire?: boolean
  /** Called with what a subscriber threw; they are only counted otherwise. */
  onSubscriberError?(error: unknown): void
}

interface Listener {
  onEvent(event: MonitorEvent): void
  readonly lines: boolean
  readonly passive: boolean
  /** Number of the first event that it is given. */
  readonly first: number
}

interface Kept {
  readonly event: OperationEvent
  /** Number of lines read when it came. */
  readonly line: number
}

/** Events that have happened and wait to be handed on. */
export interface EventSource {
  /** Hands on all of them. */
  drain(): void
  /** Somebody has begun to listen, or nobody does any more: see `listened`. */
  onListeners(): void
}

/** The wire hides nothing. */
const WIRE: Capabilities = {
  ids: true,
  start: true,
  end: 'reply',
  errno: 'all',
  path: 'all',
  pid: true,
  timestamps: 'ns',
  lookupNames: true,
}

/**
 * The history of a run and whoever waits for what comes next. Lines go in, by `push`; operations, marks and the end come
 * out, to subscribers and to whoever asks. The history is bounded; what it lets go is counted in `losses`.
 */
export class TraceMonitor implements MonitorView {
  readonly clock: Clock
  /** Turns the lines into operations; its counters (`lines`, `unparsed`, `dialect`) may be read. */
  readonly interpreter: Interpreter
  /** Turns messages into operations, where they come from the wire. */
  readonly wire: WireInterpreter | null
  readonly #options: TraceMonitorOptions
  readonly #finished: Ring<Operation>
  readonly #events: Ring<Kept>
  readonly #lines: Ring<Line>
  readonly #conclusions = new Conclusions()
  readonly #listeners = new Set<Listener>()
  /** The same, as a list made anew whenever they change. */
  #listenerList: readonly Listener[] | null = null
  /** How many of them take lines. */
  #lineListeners = 0
  readonly #queue: MonitorEvent[] = []
  /** Number of events that have been emitted. */
  #emitted = 0
  readonly #phases = new Map<MountPhase, number>()
  readonly #opcodes = new Set<string>()
  #emitting = false
  #ended = false
  #state: 'running' | 'ended' | 'lost' = 'running'
  #exit: Exit | null = null
  #lostReason: string | null = null
  #latest: Mark = { name: 'begin', line: 0, atNs: 0 }
  #marks = 0
  #lineCount = 0
  #linesAfterEnd = 0
  #subscriberErrors = 0
  /** Line count at which the latest event was let go. */
  #forgottenTo = 0
  #fence: (() => Promise<Fence>) | null = null
  #source: EventSource | null = null

  constructor(options: TraceMonitorOptions) {
    this.#options = options
    this.clock = options.clock
    const limit = options.historyLimit ?? 50_000
    this.#finished = new Ring(limit)
    this.#events = new Ring(2 * limit)
    this.#lines = new Ring(options.lineLimit ?? 2000)
    const taken = {
      onStart: (operation: Operation): void => {
        this.#opcodes.add(operation.opcode)
        this.#keep({ type: 'started', operation })
      },
      onEnd: (operation: Operation): void => {
        this.#finished.push(operation)
        if (this.#conclusions.confirm(operation)) this.#queue.push({ type: 'ended', operation, known: 'before' })
        else this.#keep({ type: 'ended', operation })
      },
    }
    this.wire = options.wire ? new WireInterpreter(taken) : null
    const interpreter: InterpreterOptions = this.wire ? {} : taken
    if (options.dialect) interpreter.dialect = options.dialect
    if (options.candidates) interpreter.candidates = options.candidates
    if (options.mountpoint !== undefined) interpreter.mountpoint = options.mountpoint
    this.interpreter = new Interpreter(interpreter)
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

  /** Whether somebody wants to hear of operations as they come. */
  get listened(): boolean {
    for (const { passive } of this.#listeners) if (!passive) return true
    return false
  }

  get lineCount(): number {
    this.#source?.drain()
    return this.#lineCount
  }

  get latestMark(): Mark {
    return this.#latest
  }

  /** How often a subscriber threw. */
  get subscriberErrors(): number {
    return this.#subscriberErrors
  }

  get losses(): readonly { readonly what: string; readonly count: number }[] {
    const all = [
      { what: 'history-operations', count: this.#finished.dropped },
      { what: 'history-lines', count: this.#lines.dropped },
      { what: 'lines-after-end', count: this.#linesAfterEnd },
    ]
    return all.filter((loss) => loss.count > 0)
  }

  /** Takes the next line. */
  push(line: Line): void {
    if (this.#ended) {
      this.#linesAfterEnd++
      return
    }
    this.#lineCount++
    this.#lines.push(line)
    if (this.#lineListeners > 0) this.#queue.push({ type: 'line', line })
    this.interpreter.push(line)
    this.#drain()
  }

  /** Reads with this dialect from now on: nobody understands the log, and something else shows the operations. */
  choose(dialect: Dialect): void {
    if (!this.#ended) this.interpreter.choose(dialect)
  }

  /** Events wait there: whoever asks for the history is given them first. Returns what ends that. */
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
    this.#lineCount += lines
    this.#lines.skip(lines)
    this.#finished.skip(operations)
    this.#events.skip(2 * operations)
    this.#forgottenTo = this.#lineCount
  }

  /** Takes the next message between kernel and daemon; it has a place of its own among the lines. */
  pushWire(message: WireMessage): void {
    if (this.#ended) {
      this.#linesAfterEnd++
      return
    }
    this.wire?.push(message, this.#lineCount++)
    this.#drain()
  }

  /** The log ended; `exit` null when nobody knows how. What is open ends `unfinished`, or by inference. */
  endStream(exit: Exit | null): void {
    if (this.#ended) return
    this.#ended = true
    const cut = exit !== null && exit.signal !== null
    this.wire?.end(this.clock.nowNs())
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
    // Before its first line, so that whoever plays the recording knows to whom that belongs.
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
    const later = this.#lines.from((line) => line.atNs >= atNs)
    return { name: 'moment', line: this.#lineCount - later.length, atNs }
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
    this.#drain()
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
    const finished = this.#finished.latest(count)
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
    return this.#lines.latest(count)
  }

  eventsSince(mark: Mark): readonly OperationEvent[] {
    this.#source?.drain()
    const events: OperationEvent[] = []
    for (const { event } of this.#events.from((kept) => kept.line > mark.line)) {
      if (isAfter(mark, event.operation)) events.push(event)
    }
    return events
  }

  forgottenSince(mark: Mark): number {
    return this.#forgottenTo > mark.line ? this.#events.dropped : 0
  }

  hasSeen(opcode: string): boolean {
    this.#source?.drain()
    return this.#opcodes.has(opcode)
  }

  fence(): Promise<Fence> {
    if (this.#fence) return this.#fence()
    return Promise.resolve({ mark: this.mark('fence'), exact: false, note: 'nothing looks names up here' })
  }

  /** How `fence()` is done; a session brings it. Null where nothing is mounted (any more). */
  useFence(fence: (() => Promise<Fence>) | null): void {
    this.#fence = fence
  }

  subscribe(
    onEvent: (event: MonitorEvent) => void,
    { lines = true, passive = false }: SubscribeOptions = {},
  ): () => void {
    this.#source?.drain()
    // What is queued has happened already: whoever comes now finds it in the history.
    const listener = { onEvent, lines, passive, first: this.#emitted + this.#queue.length }
    this.#listeners.add(listener)
    this.#listenerList = null
    if (lines) this.#lineListeners++
    if (!passive) this.#source?.onListeners()
    return () => {
      if (!this.#listeners.delete(listener)) return
      if (lines) this.#lineListeners--
      this.#listenerList = null
      if (!passive) this.#source?.onListeners()
    }
  }

  #mark(name: string, edge: MarkEdge, at?: Mark): Mark {
    if (at === undefined) this.#source?.drain()
    const mark: Mark = { name, line: at?.line ?? this.#lineCount, atNs: at?.atNs ?? this.clock.nowNs() }
    this.#emit({ type: 'mark', mark, edge })
    return mark
  }

  #keep(event: OperationEvent): void {
    const out = this.#events.push({ event, line: this.#lineCount })
    if (out) this.#forgottenTo = out.line
    this.#queue.push(event)
  }

  #emit(event: MonitorEvent): void {
    this.#queue.push(event)
    this.#drain()
  }

  /** One event after the other, also when a listener causes the next: all see the same order. */
  #drain(): void {
    if (this.#emitting) return
    this.#emitting = true
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      const number = this.#emitted++
      this.#listenerList ??= [...this.#listeners]
      for (const listener of this.#listenerList) {
        if (number < listener.first || !this.#listeners.has(listener)) continue
        if (event.type === 'line' && !listener.lines) continue
        try {
          listener.onEvent(event)
        } catch (error) {
          this.#subscriberErrors++
          this.#options.onSubscriberError?.(error)
        }
      }
    }
    this.#emitting = false
  }
}
