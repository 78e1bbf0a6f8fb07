import type { Capabilities } from '../../dialect/core/dialect.js'
import type { Line } from '../../line/line.js'
import type { Exit, Mark, MountPhase } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import type { OperationMatch } from './match.js'
import type { ProbeAnswer, ProbeQuestion } from './prober.js'

/** What a machine is given. */
export type WaitEvent =
  /** A request was read. May have started before the mark: ask `view.after`. */
  | { readonly type: 'started'; readonly operation: Operation }
  /** An operation ended; `unfinished` when the log ended first. */
  | { readonly type: 'ended'; readonly operation: Operation }
  /** Time passed; the first one comes when the history has been given. */
  | { readonly type: 'tick' }
  /** The answer to the question that the machine asked. */
  | { readonly type: 'answer'; readonly question: ProbeQuestion; readonly answer: ProbeAnswer }
  | {
      readonly type: 'mount'
      readonly phase: MountPhase
      /** @deprecated Use `phase`. */
      readonly rung: MountPhase
      readonly detail: string | null
    }
  /** The log ended: nothing comes any more, the machine must decide. */
  | { readonly type: 'stream-ended'; readonly exit: Exit | null }
  /** The mount vanished: the machine must decide, and not by probing what is underneath. */
  | { readonly type: 'mount-lost'; readonly reason: string }

/** What a machine may know besides events. */
export interface View {
  readonly mark: Mark
  readonly nowNs: number
  /** When the wait was called. */
  readonly beginNs: number
  /** `undecided`: the dialect is not known yet. `none`: there is no log, or no dialect understands it. */
  readonly trace: 'log' | 'undecided' | 'none'
  readonly capabilities: Capabilities | null
  /** Whether the file system can be probed. */
  readonly canProbe: boolean
  readonly phases: ReadonlyMap<MountPhase, number>
  /** @deprecated Use `phases`. */
  readonly rungs: ReadonlyMap<MountPhase, number>
  /** Whether the operation started after the mark. */
  after(operation: Operation): boolean
  /** Whether the log has ever shown this opcode. */
  shows(opcode: string): boolean
  openOperations(): readonly Operation[]
  /**
   * Whether the history shows, before the mark, an operation that fits one of the first and did not fail, and none of the
   * second after it: what is there is of then.
   */
  doneBefore(causes: readonly OperationMatch[], undoes: readonly OperationMatch[]): boolean
}

/** How it is known: from the log, from a probe that confirmed what the log began to show, or from probes alone. */
export type By = 'trace' | 'probe' | 'poll'

/** The end of a wait. */
export type Outcome =
  | {
      readonly kind: 'done'
      readonly by: By
      readonly operations: readonly Operation[]
      /** What is not as sure as it could be. */
      readonly note?: string
    }
  | { readonly kind: 'failed'; readonly why: 'stream-ended' | 'mount-lost' | 'impossible'; readonly reason: string }

/** What a machine does with an event. */
export interface Step<S> {
  readonly state: S
  readonly outcome?: Outcome
  /** Probe the file system. One question at a time: further ones before its answer are not asked. */
  readonly ask?: ProbeQuestion
  /** Tick then, at the latest. */
  readonly wakeNs?: number
}

/**
 * The logic of a wait: pure, so that every order of events can be tried. What it is given and what it knows are its only
 * inputs; drivers do the rest. States are not changed in place.
 */
export interface Machine<S> {
  /** As users call it: `fileVisible`. */
  readonly name: string
  /** Of what: `/a.txt`. */
  readonly subject: string
  /** What is awaited, in words that follow "awaited:". */
  readonly awaited: string
  /** The operations that it is about, for explanations. */
  readonly wanted?: readonly OperationMatch[]
  /**
   * Operations that it is given as they come; others may come later, with the next one of these. Those that may be one, as far as is
   * known, are. Where it costs much to follow all, only these are followed.
   * @default all
   */
  readonly needs?: readonly OperationMatch[] | undefined
  /** True when only operations that did not fail count. */
  readonly successOnly?: boolean
  /** Given from the begin of the stream, whatever the mark: for what stays true once it is. */
  readonly wholeRun?: boolean
  /** The wait lasts this long even when all is well; a deadline is that much later. */
  readonly atLeastNs?: number
  /** The state before anything has happened. */
  start(): S
  /** What an event makes of a state: pure, so that every order of events can be tried. */
  step(state: S, event: WaitEvent, view: View): Step<S>
  /** Asked of every line of the log since the mark; an outcome ends the wait. Lines are kept only as far as the history goes. */
  onLine?(line: Line): Outcome | null
  /** Answers the questions instead of the session's prober. */
  probe?(question: ProbeQuestion): Promise<ProbeAnswer>
  /** @deprecated Use `probe`. */
  look?(question: ProbeQuestion): Promise<ProbeAnswer>
}

/** A finished wait. Times are ns since the origin. */
export interface WaitResult {
  /** The operation that satisfied it; null where only a probe did. */
  readonly operation: Operation | null
  /** All operations that satisfied it; none where only a probe did. */
  readonly operations: readonly Operation[]
  /** How it is known. */
  readonly by: By
  /** Begin of the first operation; of the wait where there is none. */
  readonly startNs: number
  /** End of the last operation; when it was seen, where the log shows no end. */
  readonly endNs: number
  /** `endNs - startNs` */
  readonly durationNs: number
  /** From the call to here. */
  readonly waitedNs: number
  /** What is not as sure as it could be, one line; absent where nothing is. */
  readonly note?: string
}

/** Of every wait. */
export interface WaitOptions {
  /**
   * Milliseconds until it gives up; `Infinity` never does. In a test of `fuseTest` the default is four fifths of the test's own
   * timeout, if that is less: so the wait ends first, and says what it waited for.
   * @default 5000
   */
  timeoutMs?: number
  /** Only what started after this mark counts. @default the begin of the latest step */
  since?: Mark
  /** Ends the wait, which then fails with `FT_ABORTED`. */
  signal?: AbortSignal
}

/** A wait that is satisfied: how it is known, and by which operations. */
export const done = (by: By, operations: readonly Operation[], note?: string): Outcome =>
  note === undefined ? { kind: 'done', by, operations } : { kind: 'done', by, operations, note }

/** What the reasons of waits that only a trace can satisfy begin with. */
export const NO_TRACE = 'there is no trace'

/** The failure that an end of the stream or a lost mount is, for machines that are not satisfied. */
export function ended(event: Extract<WaitEvent, { type: 'stream-ended' | 'mount-lost' }>): Outcome {
  if (event.type === 'mount-lost') return { kind: 'failed', why: 'mount-lost', reason: event.reason }
  return { kind: 'failed', why: 'stream-ended', reason: describeEnd(event.exit) }
}

/** How the log ended, in words. */
export function describeEnd(exit: Exit | null): string {
  if (exit === null) return 'the log ended'
  if (exit.signal !== null) return `the daemon was killed by ${exit.signal}`
  return `the daemon exited with code ${exit.code}`
}

/** Nothing that crashed: the end of a run that was meant to end. */
export function cleanExit(exit: Exit | null): boolean {
  return exit === null || (exit.signal === null && exit.code === 0)
}

/** The next of growing pauses between probes: 1, 2, 4 … 100 ms. */
export const FIRST_PAUSE_NS = 1e6
export const MAX_PAUSE_NS = 100e6
export const nextPause = (ns: number): number => Math.min(ns * 2, MAX_PAUSE_NS)

/** How long an unknown dialect is given before probes begin without it. */
export const UNDECIDED_NS = 100e6
