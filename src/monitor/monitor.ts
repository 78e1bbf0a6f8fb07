import type { Clock } from '../clock.js'
import type { Capabilities } from '../dialect/dialect.js'
import type { Line } from '../line/line.js'
import type { Operation } from '../operation/operation.js'

/** A position in the stream: an operation is after it when its first line is. */
export interface Mark {
  readonly name: string
  /** Number of lines that had been read: an operation with `lines[0] >= line` started after this mark. */
  readonly line: number
  readonly atNs: number
}

/** How the daemon ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** What a monitor tells its subscribers, in stream order. */
export type MonitorEvent =
  | { readonly type: 'started'; readonly operation: Operation }
  | { readonly type: 'ended'; readonly operation: Operation }
  | { readonly type: 'line'; readonly line: Line }
  | { readonly type: 'mark'; readonly mark: Mark }
  | { readonly type: 'stream-ended'; readonly exit: Exit | null }
  | { readonly type: 'mount-lost'; readonly reason: string }

/** What a monitor is; it cannot tell live from replay. */
export interface MonitorView {
  readonly clock: Clock
  /** Of the dialect in use; null until it is known. */
  readonly capabilities: Capabilities | null
  readonly state: 'running' | 'ended' | 'lost'
  readonly exit: Exit | null
  /** The latest finished operations, oldest first; all that the history still holds by default. */
  recentOperations(count?: number): readonly Operation[]
  openOperations(): readonly Operation[]
  recentLines(count?: number): readonly Line[]
  mark(name?: string): Mark
  /** The begin of the latest step, or the begin of the stream. */
  readonly latestMark: Mark
  /** Calls `listener` for everything that comes from now on; returns what ends it. */
  subscribe(listener: (event: MonitorEvent) => void): () => void
}
