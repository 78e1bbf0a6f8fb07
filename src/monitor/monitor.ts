import type { Clock } from '../clock.js'
import type { Capabilities } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import type { Operation } from '../operation/operation.js'

/** A position in the stream: an operation is after it when its first line is. */
export interface Mark {
  readonly name: string
  /** Number of lines that had been read: an operation with `lines[0] >= line` started after this mark. */
  readonly line: number
  readonly atNs: number
}

/** What a mark is: a step's begin or end, or a named moment. */
export type MarkEdge = 'begin' | 'end' | 'moment'

/** How the daemon ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * Whether a daemon ended as one that was asked to: well, or by a signal that asks for an end (which a program without a handler
 * dies by; one in a shell reports it as 128 and the signal's number).
 */
export function endedAsAsked({ code, signal }: Exit): boolean {
  if (signal !== null) return signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP'
  return code === 0 || code === 129 || code === 130 || code === 143
}

/** A phase of readiness (`spawned` … `answered`), or the mount's end. */
export type MountPhase = 'spawned' | 'mountinfo' | 'device' | 'answered' | 'lost' | 'unmounted'

/** @deprecated Use `MountPhase`. */
export type MountRung = MountPhase

/** An exact mark, or the best that could be had. */
export interface Fence {
  /** What is after it started after the fence. */
  readonly mark: Mark
  /** True when the fence was found in the log: everything before it is then known to be in. */
  readonly exact: boolean
  /** Why it is not exact. */
  readonly note?: string
}

/** Which events a subscriber gets. */
export interface SubscribeOptions {
  /** Every line as well: most want to know of operations, and there are many lines to each. @default true */
  lines?: boolean
  /** Operations may be reported only when somebody else asks for them: where they are costly to follow, they are read later. @default false */
  passive?: boolean
}

/** What a monitor reports to its subscribers, in stream order. */
export type MonitorEvent =
  | { readonly type: 'started'; readonly operation: Operation }
  /**
   * An operation ended. `known`: `before` when the log shows only now what was reported as `early`, because a request of
   * ours that came after it had been answered; each operation is reported once without `before`.
   */
  | { readonly type: 'ended'; readonly operation: Operation; readonly known?: 'early' | 'before' }
  | { readonly type: 'line'; readonly line: Line }
  | { readonly type: 'mark'; readonly mark: Mark; readonly edge: MarkEdge }
  | {
      readonly type: 'mount'
      readonly phase: MountPhase
      /** @deprecated Use `phase`. */
      readonly rung: MountPhase
      readonly detail: string | null
      readonly atNs: number
    }
  | { readonly type: 'stream-ended'; readonly exit: Exit | null }
  | { readonly type: 'mount-lost'; readonly reason: string }

/** The start or end of an operation, as the history keeps it. */
export type OperationEvent = Extract<MonitorEvent, { type: 'started' | 'ended' }>

/** What a monitor is; it cannot distinguish live from replay. */
export interface MonitorView {
  readonly clock: Clock
  /** Of the dialect in use; null until it is known. */
  readonly capabilities: Capabilities | null
  /** Name of the dialect in use, `none` where nothing is understood; null until it is known. */
  readonly dialect: string | null
  readonly state: 'running' | 'ended' | 'lost'
  readonly exit: Exit | null
  /** Why the mount was lost. */
  readonly lostReason: string | null
  /** When each phase of readiness was reached, in that order. */
  readonly phases: ReadonlyMap<MountPhase, number>
  /** @deprecated Use `phases`. */
  readonly rungs: ReadonlyMap<MountPhase, number>
  /** Number of lines so far. */
  readonly lineCount: number
  /** What the bounded history has let go, oldest first gone; nothing is let go in silence. */
  readonly losses: readonly { readonly what: string; readonly count: number }[]
  /** Calls `ask`; what has happened and waits to be handed on is not handed on for what that asks. */
  asKnown<T>(ask: () => T): T
  /** The latest finished operations, oldest first; all that the history still holds by default. */
  recentOperations(count?: number): readonly Operation[]
  openOperations(): readonly Operation[]
  recentLines(count?: number): readonly Line[]
  /** Starts and ends that the log showed after a mark, in stream order, as far as the history holds them. */
  eventsSince(mark: Mark): readonly OperationEvent[]
  /** Number of starts and ends after the mark that the history does not hold any more. */
  forgottenSince(mark: Mark): number
  /**
   * Whether the daemon does one thing at a time, as far as the log shows: then an answer to a request says that those
   * before it are done.
   */
  readonly serial: boolean
  /** Whether an operation of this opcode has ever started. */
  hasSeen(opcode: string): boolean
  /** A named moment, here and now. */
  mark(name?: string): Mark
  /** The begin of the latest step, or the begin of the stream. */
  readonly latestMark: Mark
  /** Looks up a name that cannot exist and finds it again in the log, see `Fence`. */
  fence(): Promise<Fence>
  /**
   * Calls `listener` for everything that comes from now on; returns what ends it. A listener that throws harms nobody;
   * listeners see the same events in the same order.
   */
  subscribe(listener: (event: MonitorEvent) => void, options?: SubscribeOptions): () => void
}

/** Whether an operation's first line is after a mark. */
export function isAfter(mark: Mark, operation: Operation): boolean {
  return operation.lines[0] >= mark.line
}

/**
 * Whether an operation started after a mark. A log that shows only ends (`capabilities.start` is false) has its line at the
 * end: there the time of the start decides, too.
 */
export function startedAfter(
  { capabilities }: Pick<MonitorView, 'capabilities'>,
  mark: Mark,
  operation: Operation,
): boolean {
  return isAfter(mark, operation) && (capabilities?.start !== false || operation.startNs >= mark.atNs)
}
