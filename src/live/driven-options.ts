import type { SystemClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import type { FaultSpec } from '../faults/fault.js'
import type { RedactOption } from '../redact/redaction.js'
import type { Way } from '../transport/prepare.js'
import type { StandInOptions } from '../vfs/stand-in.js'
import type { WireOptions } from './wire-side.js'

/** How to run a daemon without a mount, and its recording. */
export interface DrivenOptions {
  /** The daemon's command, in the foreground with its log on. */
  daemon: readonly string[]
  /** The mountpoint as it stands in the command: an existing directory. Nothing is mounted there. */
  mountpoint: string
  /** @default chosen for the program and the machine */
  way?: Way
  /** Directories that the file system shows; for the recording's header. */
  branches?: readonly string[]
  /** Read the log with this one. @default chosen from the first lines */
  dialect?: Dialect
  /** The file to record to. @default nothing is recorded */
  record?: string
  /** Replace what exists under the recording's name. @default false */
  force?: boolean
  /** What the recording's header says of its maker. @default 'record' */
  origin?: 'record' | 'test'
  /** As in `LiveOptions`. */
  redact?: RedactOption
  /** Added to the daemon's environment. */
  environment?: Readonly<Record<string, string>>
  /** The daemon's working directory. */
  cwd?: string
  /** A directory for what is made on the way. @default the one for temporary files */
  scratch?: string
  /** @default a new one; its origin is the recording's */
  clock?: SystemClock
  /** How long the daemon may take to be ready, ms. @default 10000 */
  readyMs?: number
  /** How long it may take to answer a request, ms. @default 20000 */
  requestMs?: number
  /** How long waits wait by default, ms. */
  waitTimeoutMs?: number
  /** Looks up a name before it counts as ready, as whoever waits for a mount does. @default true */
  asks?: boolean
  /** Stops waiting for readiness. */
  signal?: AbortSignal
  /**
   * Requests come by `connection`, past the file system `vfs`: which paths they are about, as faults want to know it, is learnt from
   * the messages.
   * @default false
   */
  pastFileSystem?: boolean
  /** Does without the optional dependency koffi, as where it is not installed: by perl, slower. @default false */
  withoutKoffi?: boolean
  /** Sees requests and answers pass by. */
  observer?: StandInOptions['observer']
  /**
   * The messages go into the recording, and operations come from them instead of from the log; contents of reads and writes are
   * kept where it says `data`.
   * @default false
   */
  wire?: boolean | Pick<WireOptions, 'data' | 'faults' | 'seed'>
  /** Faults from the very first request on. More can be asked for later. */
  faults?: readonly FaultSpec[]
  /** Of the faults' probabilities. @default 1 */
  seed?: number
}
