import type { Line, Raw } from '../../line/line.js'
import type { OwnTime } from '../../line/own-time.js'
import type { FailedLines } from './failed.js'
import type { EventValues, NodeId } from './values.js'
import type { DialectWriter } from './writer.js'

export type { NodeId, OperationValues } from './values.js'

/** Which operation an event speaks of: by the kernel's id, or where the log has none, by a slot (a thread, say). */
export type OperationKey = number | string

/** What a log may say of an operation. Every field may come with the request or later. All names are raw bytes. */
export interface OperationFacts {
  /** The node that the request is about; for requests that name an entry (lookup, create, unlink …), the parent. */
  nodeId?: NodeId | undefined
  /** The entry's name in the directory `nodeId`. */
  entry?: Raw | undefined
  /** For rename: the new parent. For link: `nodeId` is the new parent, `entry` the new name, and this the existing node. */
  otherNodeId?: NodeId | undefined
  /** For rename: the new name in `otherNodeId`. */
  otherEntry?: Raw | undefined
  /** The path below the mountpoint in the log's own words: it wins over one derived from node ids. */
  path?: Raw | undefined
  /** The same for the new name of a rename or link. */
  newPath?: Raw | undefined
  /** What a symlink says. */
  target?: Raw | undefined
  /** The xattr's name. */
  xattr?: Raw | undefined
  /** For rename2 with RENAME_EXCHANGE: both names stay, what they stand for changes places. */
  exchange?: boolean | undefined
  pid?: number | undefined
}

/** A request was read. Opens an operation. */
export interface RequestEvent extends OperationFacts {
  values?: EventValues | undefined
  kind: 'request'
  /** The kernel's id: becomes `unique` and is the key. Null where the log has none; then `slot` is the key. */
  unique: number | null
  /**
   * Key of an operation without `unique`; given with `unique`, a second key. A new request in the same slot ends the one
   * that is open there (a thread does one thing at a time): for logs that show no reply.
   */
  slot?: string | undefined
  opcode: string
  atNs: number
  /** First and last line of the event. */
  lines: readonly [number, number]
  /** For forget and batch_forget: these nodes lose their paths (the id may be used again). */
  forgets?: readonly NodeId[] | undefined
  /** How many lookups of each of them are given back, where the log shows: the node is gone when none is left. */
  forgetCounts?: readonly number[] | undefined
  /** True for requests that are never answered (forget): the operation ends as it starts. */
  noReply?: boolean | undefined
  /** Something is missing before it: no node is known by its name any more. */
  resetsNodes?: boolean | undefined
}

/** Something more about an open operation; extends its lines. Of an unknown key it is ignored. */
export interface DetailEvent extends OperationFacts {
  values?: EventValues | undefined
  kind: 'detail'
  key: OperationKey
  atNs: number
  lines: readonly [number, number]
  /** The operation goes on in this slot (another thread took it over); what is open there ends. */
  slot?: string | undefined
  /** A log may show the outcome before, or without, an end (an ERROR line within a span). */
  status?: 'ok' | 'error' | undefined
  errno?: string | null | undefined
}

/** The end of an operation. Of an unknown key it is ignored and its lines count as not understood. */
export interface ReplyEvent {
  kind: 'reply'
  key: OperationKey
  endedBy: 'reply' | 'span' | 'wire'
  values?: EventValues | undefined
  /** Names in the directory that it was about, and the nodes that were answered with them. */
  children?: readonly (readonly [name: Raw, id: NodeId])[] | undefined
  /** `unknown` where the log shows the end and not the outcome. */
  status: 'ok' | 'error' | 'unknown'
  errno: string | null
  /** The node that a lookup, create, mkdir, mknod, symlink or link answered with. `0` is no node (a negative entry). */
  childNodeId?: NodeId | undefined
  /** It cannot have another name than the one that was asked for: a directory, or a file with one link. */
  onlyName?: boolean | undefined
  /** Its answer may have made other nodes of those that are known: none is known by its name any more. */
  resetsNodes?: boolean | undefined
  /** Nodes that may have got another name by it: the log does not show which. */
  loses?: readonly NodeId[] | undefined
  atNs: number
  lines: readonly [number, number]
}

/** What a dialect makes of lines: a request begins, more of it is known, it has been answered. */
export type DialectEvent = RequestEvent | DetailEvent | ReplyEvent

/** What a dialect can show; shown by `fusetrace formats`. */
export interface Capabilities {
  /** Request ids equal to the kernel's. */
  ids: boolean
  /** Shows the start of each request, or at its end how long it took. False: start and end of an operation are one. */
  start: boolean
  /** How ends are known. */
  end: 'reply' | 'span' | 'inferred'
  /** `all` failures, `some`, or `none`. */
  errno: 'all' | 'some' | 'none'
  path: 'all' | 'some' | 'none'
  pid: boolean
  /** Precision of the log's own time stamps, null when it has none. */
  timestamps: 'ns' | 'us' | 'ms' | 's' | null
  /** Lookups appear with their names, so that a fence can be found in the log. */
  lookupNames: boolean
  /** Opcodes of which the log shows some requests and leaves out others, at every level. */
  partly?: readonly string[]
  /** The number of a node is that of its inode, which `stat` shows. @default false */
  inodes?: boolean
}

/** One sample line (or a few, `\n` between) and what it must be read as; a test holds every dialect to its samples. */
export interface Sample {
  /** As text; `\xNN` bytes may be written as raw characters. */
  lines: string
  /** What the parser must emit for it, in order: partial events, each field given must be equal. Empty: understood, nothing emitted. */
  events: readonly Record<string, unknown>[]
}

/** Counts lines that were understood: `true` when the line (or the group it belongs to) fits the dialect. */
export interface DialectParser {
  /**
   * Reads the next line. Calls `emit` for every event that is certain by now (a group of lines may be held back until complete).
   * Returns false when the line is not of this dialect (prose); it is then counted as not understood.
   * Never throws, whatever the bytes; the cost is linear in the line's length.
   */
  line(line: Line, emit: (event: DialectEvent) => void): boolean
  /** The log ended: emit what is still held back. */
  end(emit: (event: DialectEvent) => void): void
  /** What this log can show by what was read so far, where that is not the same for all of the dialect. */
  readonly capabilities?: Capabilities
}

/** What a parser is given about the run. */
export interface ParserOptions {
  /** As given to the daemon, when known; some logs name absolute paths. */
  mountpoint?: string
}

/**
 * Knows one family of logs. As much as possible is data (tables, samples); see an existing dialect file for the pattern.
 * A user's own dialect (`--dialect ./my-dialect.js`) default-exports one of these.
 */
export interface Dialect {
  readonly name: string
  /** Raised whenever the same bytes are understood differently. Kept in recordings. */
  readonly version: number
  /** One line for `fusetrace formats`, with what it cannot show and whether it was built without a capture. */
  readonly description: string
  readonly capabilities: Capabilities
  readonly samples: readonly Sample[]
  /**
   * How surely a single line (without its line feed) is of this dialect:
   * 0 no · 1 could be (its prefix) · 2 surely, a request or reply line of this dialect and of no other.
   * Used to choose a dialect from the first lines. Must be quick and linear.
   */
  recognize(raw: Raw): 0 | 1 | 2
  /**
   * The time that a line carries itself; null where it has none. What stands in a name must not be taken for one: read
   * only what the logger wrote, with `leadingTime` and `timeIn` of `line/own-time`.
   *
   * @default the time that the line begins with
   */
  time?(raw: Raw): OwnTime | null
  /** The name of a dialect whose lines can stand among this one's and show more: where there are some, it is chosen. */
  readonly overriddenBy?: string
  /**
   * How far a line that is not understood fits, for `fusetrace formats explain`: `matched` bytes from its begin are as they
   * should be, and `expected` (a few words) should have followed.
   */
  explain?(raw: Raw): { matched: number; expected: string }
  /** Writes lines of this dialect, for `trace()`. @default such lines cannot be written */
  readonly writer?: DialectWriter
  /** Writes lines of an operation as they would be had it failed, for `fusetrace cut --fail`. @default none can be written so */
  readonly failed?: FailedLines
  parser(options: ParserOptions): DialectParser
}
