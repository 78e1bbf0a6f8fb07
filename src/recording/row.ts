import type { KernelDetails, NamedEdge } from '../dialect/kernel/named-line.js'
import type { Line, Raw, Stream } from '../line/line.js'
import type { Operation } from '../operation/operation.js'

/** A log line. Its index is its position among the line rows. */
export interface LineRow {
  kind: 'line'
  atNs: number
  stream: Stream
  raw: Raw
  terminated: boolean
  /** Bytes of the line as it was read, where something in it was replaced since. */
  readBytes?: number
}

/** A step begins or ends, or a named moment. A wait looks only at what starts after its mark. */
export interface MarkRow {
  kind: 'mark'
  atNs: number
  edge: 'begin' | 'end' | 'moment'
  name: string
}

/** A probe of the file system, and its answer. */
export interface ProbeRow {
  kind: 'probe'
  atNs: number
  /** `exists`, `isDirectory`, `xattr`, `mounted` … */
  probe: string
  /** Raw path below the mountpoint, and an xattr's name where there is one. */
  args: readonly string[]
  answer: string | number | boolean | null
  /** errno name when the probe itself failed. */
  errno: string | null
}

/** A test's own file-system call, answered from here in replay. */
export interface CallRow {
  kind: 'call'
  beginNs: number
  endNs: number
  /** `mount` or `branch:0`. */
  root: string
  method: string
  /** JSON-like values; Uint8Array for bytes. */
  args: readonly unknown[]
  result: unknown
  error: CallError | null
}

/** What a call rejected with: what Node's own errors hold. */
export interface CallError {
  code: string
  errno: number | null
  syscall: string | null
  message: string
  /** The path that the error names; of a rename or link also the other one, `dest`. */
  path?: string
  dest?: string
}

/**
 * One of the kernel's own events. `opcode` in `send` (and `end` where there are details), `error` (0 or negative errno number)
 * only in `end`. The tracepoints' text has sends and ends; BPF programs read the rest, and the details.
 */
export interface KernelRow {
  kind: 'kernel'
  atNs: number
  edge: Exclude<NamedEdge, 'loss'>
  /** The request's id; for `forget` how many lookups are given back. */
  unique: number
  opcode: string | null
  error: number | null
  details?: KernelDetails
}

/** A request of the kernel, as it was read from it. */
export interface RequestRow {
  kind: 'request'
  atNs: number
  /** The message without `dataBytes` of file contents at its end. */
  bytes: Uint8Array
  /** Bytes of file contents that were left out. */
  dataBytes: number
  /** SHA-256 of them, in hexadecimal digits; null when none were left out. */
  dataHash: string | null
}

/** An answer of the daemon, or a notification (its `unique` is 0), as it was written to the kernel. */
export interface ReplyRow extends Omit<RequestRow, 'kind'> {
  kind: 'reply'
  /** `passed`: to the kernel · `made`: by fusetrace, not the daemon · `lost`: kept from the kernel · `late`, `refused`: not taken. */
  fate: 'passed' | 'made' | 'lost' | 'late' | 'refused'
}

/** A fault that was asked for has met a request. */
export interface FaultRow {
  kind: 'fault'
  atNs: number
  /** Its number: faults of a run are counted from 0. */
  fault: number
  /** What was asked for, in words. */
  text: string
  /** The request's id, in decimal digits. */
  unique: string
  opcode: string
  path: string | null
}

/** A wait of the test's has ended. Times, ids and texts are as the wait knew them. */
export interface WaitRow {
  kind: 'wait'
  /** `fileVisible /a.txt` */
  title: string
  /** Name and time of its mark: what started before did not count. */
  since: string
  sinceNs: number
  beginNs: number
  endNs: number
  end: 'satisfied' | 'timeout' | 'stream-ended' | 'mount-lost' | 'impossible' | 'aborted' | 'error'
  /** How it is known that it was satisfied; null when it was not. */
  by: 'trace' | 'probe' | 'poll' | null
  /** Ids of the operations that satisfied it. */
  operations: readonly number[]
  /** Operations that nearly fitted, and why they did not. */
  misses: readonly { readonly operation: number; readonly reasons: readonly string[] }[]
  /** Why it was not satisfied, several lines; or what is not as sure as it could be. */
  note: string | null
}

/** The golden parse: the operation as it was understood when recorded. */
export interface OperationRow {
  kind: 'operation'
  operation: Operation
}

/** A phase of readiness was reached, or the mount was lost or ended. */
export interface MountRow {
  kind: 'mount'
  atNs: number
  event: 'spawned' | 'mountinfo' | 'device' | 'answered' | 'lost' | 'unmounted'
  detail: string | null
}

/** The daemon ended, by itself (`code`) or by a signal; both null where nobody knows. */
export interface ExitRow {
  kind: 'exit'
  atNs: number
  code: number | null
  signal: string | null
}

/** Something was dropped, truncated or not understood. */
export interface LossRow {
  kind: 'loss'
  atNs: number
  what: string
  count: number
}

/** What a recording holds, one after the other. Times are ns since the origin. */
export type Row =
  | LineRow
  | MarkRow
  | ProbeRow
  | CallRow
  | KernelRow
  | OperationRow
  | MountRow
  | ExitRow
  | LossRow
  | RequestRow
  | ReplyRow
  | FaultRow
  | WaitRow

/** What is known before the first row. */
export interface RecordingHeader {
  format: number
  fusetraceVersion: string
  nodeVersion: string
  /** Kernel release, or null for an import. */
  kernel: string | null
  /** How the recording came about. */
  origin: 'record' | 'import' | 'test'
  /** CLOCK_MONOTONIC ns of offset 0; a decimal string in JSON. */
  originNs: bigint
  /** Wall time of the origin, ns since 1970, or null when not known. */
  originWallNs: bigint | null
  dialect: string
  dialectVersion: number
  command: readonly string[] | null
  mountpoint: string | null
  branches: readonly string[]
  daemonVersion: string | null
  /** Only what the dialect needs (`RUST_LOG`, `NO_COLOR`). */
  environment: Readonly<Record<string, string>>
  /** It holds the messages between kernel and daemon, and its operations are read from them. */
  wire?: boolean
  /** How often what was replaced by a stand-in (`{home}`, `{token1}`), by the stand-ins' names without numbers. @default nothing was looked for */
  redacted?: Readonly<Record<string, number>>
}

/** A line row as the line it was, at its place in the stream. */
export function lineOf({ atNs, stream, raw, terminated }: LineRow, index: number): Line {
  return { index, atNs, stream, raw, terminated }
}

/** When a row happened, ns since the origin; null for rows that are no event of their own (a golden operation). */
export function timeOf(row: Row): number | null {
  if (row.kind === 'operation') return null
  return row.kind === 'call' || row.kind === 'wait' ? row.endNs : row.atNs
}
