import type { Errno } from '../dialect/core/errno.js'
import type { Opcode } from '../dialect/core/opcode.js'
import type { MarkRow, MountRow, ProbeRow, RecordingHeader, Row } from '../recording/row.js'
import type { Duration } from './time.js'

/** A path below the mountpoint: `a.txt` and `/a.txt` are the same. Bytes for names that are not UTF-8. */
export type TracePath = string | Uint8Array

/** What a request names beside its path. Numbers that a dialect's log does not show are left out of it. */
export interface RequestOptions {
  /** Bytes of a read, write or listing; an attribute's value; a setattr's new size. */
  size?: number
  offset?: number
  /** Permission bits and type. */
  mode?: number
  flags?: number
  fh?: number
  /** The process that asks. @default 1000 */
  pid?: number
}

/** Of `ok`, `error` and the other answers of a trace. */
export interface ReplyOptions {
  /** How long after its request. @default '100us' */
  after?: Duration
}

/** What `openReplay` takes. */
export interface FinishedTrace {
  readonly header: RecordingHeader
  rows(): readonly Row[]
  marks(): readonly MarkRow[]
}

type ByPath = (path: TracePath, options?: RequestOptions) => OpenTrace
type ByTwoPaths = (path: TracePath, newPath: TracePath, options?: RequestOptions) => OpenTrace
type ByName = (path: TracePath, name: string, options?: RequestOptions) => OpenTrace
type Unanswered = (path: TracePath, options?: RequestOptions) => Trace

/** A method for each request of the protocol. */
export type Requests = {
  readonly [O in Opcode]: O extends 'rename' | 'rename2' | 'link'
    ? ByTwoPaths
    : O extends 'symlink' | 'setxattr' | 'getxattr' | 'removexattr'
      ? ByName
      : O extends 'forget'
        ? Unanswered
        : O extends 'batch_forget' | 'interrupt' | 'notify_reply'
          ? (options?: RequestOptions) => Trace
          : O extends 'init' | 'destroy' | 'cuse_init'
            ? (options?: RequestOptions) => OpenTrace
            : ByPath
}

/**
 * A run that is written down instead of recorded. Every method returns a new trace; what was there stays as it is, so that
 * one beginning can have several ends. Things happen at the time that `at` and `after` set, and a reply moves that time on.
 */
export interface Trace extends Requests, FinishedTrace {
  /** What follows happens at this time since the beginning; also one before what was written down last. */
  at(time: Duration): Trace
  /** What follows happens so much later. */
  after(time: Duration): Trace
  /** A request of a name that the protocol does not have (yet). */
  request(opcode: string, path: TracePath, options?: RequestOptions): OpenTrace
  /** A step begins. */
  begin(step: string): Trace
  /** A step ends. */
  end(step: string): Trace
  /** A named moment. */
  mark(name: string): Trace
  /** A line of the log, as it is. */
  line(text: string): Trace
  /** What somebody who probes the file system finds then, as in a recording. */
  probe(probe: ProbeRow['probe'], path: TracePath, answer: ProbeRow['answer']): Trace
  /** A phase of the mount: for traces with `mounted: false`, and for a mount that is lost. */
  mount(event: MountRow['event'], detail?: string): Trace
  /** The daemon ends; what would have come later does not come. */
  exit(code: number): FinishedTrace
  /** The daemon is killed; what would have come later does not come. @default 'SIGKILL' */
  kill(signal?: NodeJS.Signals): FinishedTrace
}

/** A trace whose last request can still be answered. One that is not answered stays open. */
export interface OpenTrace extends Trace {
  /** It succeeds. */
  ok(options?: ReplyOptions): Trace
  /** It fails. @throws FT_USAGE for an errno that Linux does not have */
  fail(errno: Errno, options?: ReplyOptions): Trace
  /** A lookup succeeds, and there is nothing of that name: the kernel keeps that. */
  missing(options?: ReplyOptions): Trace
}
