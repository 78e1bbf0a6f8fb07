import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { SystemClock } from '../clock.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { FusetraceError } from '../errors.js'
import { keysOf } from '../known-keys.js'
import { attachPoint } from '../mount/attach.js'
import { canonicalMountpoint, isFuse, mountAt, readMounts } from '../mount/mountinfo.js'
import type { StatPool } from '../mount/stat-pool.js'
import type { RedactOption } from '../redact/redaction.js'
import type { LookupsShown } from './fence.js'
import type { WireOptions } from './wire-side.js'

/** How to run a daemon, its mount and the recording of both. */
export interface LiveOptions {
  /**
   * The daemon's command, in the foreground with its log on. `{mountpoint}` in an argument stands for the mountpoint. Either
   * this or `attach`.
   */
  daemon?: readonly string[]
  /**
   * A mountpoint whose mount somebody else makes, or has made: it is waited for (`readyMs`), watched, and left alone. Operations
   * come from the kernel's events (root), or with `log` from that log.
   */
  attach?: string
  /** With `attach`: called once everything is watched and there is no mount yet. */
  onWaiting?(): void
  /** With `attach`: the daemon's log, which may grow; read from its begin. */
  log?: string
  /** An existing directory. @default the argument of the command that becomes a mount */
  mountpoint?: string
  /** Directories that the file system shows; for the recording's header. */
  branches?: readonly string[]
  /** Read the log with this one. @default chosen from the first lines */
  dialect?: Dialect
  /**
   * The kernel's own events beside the log; needs root. Where the log shows nothing, or with `only` in any case, the
   * operations are made of them: with names, nodes and sizes where BPF programs can be loaded (see `src/kernel/README.md`).
   */
  kernel?: boolean | 'only'
  /**
   * Stand between kernel and daemon (root, or by fusermount3): operations are read from the messages themselves, with exact times, and faults can be
   * asked for. The log is recorded beside them. @default false
   */
  wire?: boolean | WireOptions
  /** The file to record to; `-` is standard output. @default nothing is recorded */
  record?: string
  /**
   * Replace a recording that exists under that name, and an unfinished one that nobody writes any more.
   * @default false: that is an error
   */
  force?: boolean
  /** Called once when the recording cannot be written any more (a full disk); what is in it stays readable. */
  onRecordFailure?(error: FusetraceError): void
  /**
   * Bytes kept of one line of the log; what is beyond is counted as lost.
   * @default 16 MiB
   */
  maxLineBytes?: number
  /** What the recording's header says of its maker. @default 'record' */
  origin?: 'record' | 'test'
  /**
   * Patterns whose matches are replaced in the recording (of a match with a group the group), beside what looks like a secret;
   * `false` replaces nothing at all.
   * @default only what looks like a secret
   */
  redact?: RedactOption
  /** With `origin: 'test'`: a directory that goes with the run; it gets a stable name in the recording. */
  scratch?: string
  /** Added to the daemon's environment. */
  environment?: Readonly<Record<string, string>>
  /** The daemon's working directory. */
  cwd?: string
  /** @default a new one; its origin is the recording's */
  clock?: SystemClock
  /** How long the mount may take to be ready, ms. @default 10000 */
  readyMs?: number
  /** Milliseconds that a wait without a `timeoutMs` of its own has. @default 5000 */
  waitTimeoutMs?: number
  /**
   * What matters more while this process is busy: that waits end at once, or the exact times at which lines arrived.
   * @default 'waits'
   */
  favour?: 'waits' | 'times'
  /** Time for each phase of unmounting, ms. @default 1500 */
  unmountTimeoutMs?: number
  /** @deprecated Use `unmountTimeoutMs`. */
  patienceMs?: number
  /** Operations that the monitor's history keeps. */
  historyLimit?: number
  /** Processes that ask the mount, where others use them too; whoever gives them closes them. @default its own */
  statPool?: StatPool
  /** Whether the log hides lookups: what one mount has shown is known to the next that is given the same. @default nothing is known */
  lookups?: LookupsShown
  /** Stops waiting for readiness. */
  signal?: AbortSignal
}

/** Whether the operations come from the kernel's events, whatever the log says: there is none, or nobody is to read it. */
export function isKernelOnly({ kernel, dialect, attach, log }: LiveOptions): boolean {
  return kernel === 'only' || dialect?.name === 'kernel' || (attach !== undefined && log === undefined)
}

/** A command with its placeholders filled in, and where its mount can be expected. */
export interface Plan {
  readonly argv: readonly string[]
  /** As mountinfo will name them; the last is the likeliest. */
  readonly mountpoints: readonly string[]
}

const PLACEHOLDER = /\{(?:mountpoint)?\}/g

/** Whether the command leaves open where to mount. */
export function hasPlaceholder(argv: readonly string[]): boolean {
  return argv.some((arg) => new RegExp(PLACEHOLDER).test(arg))
}

/**
 * Where the command will mount: at the mountpoint that was given, else at one of its arguments that are directories.
 *
 * @param given.mounts false: nothing will be mounted. @default true
 * @throws FT_USAGE when there is no such directory
 * @throws FT_ENVIRONMENT when there is no FUSE
 */
export function plan(options: LiveOptions, { mounts = true }: { mounts?: boolean } = {}): Plan {
  const { daemon = [], attach, log } = options
  if (attach !== undefined) return attached(options, attach)
  if (log !== undefined) {
    throw new FusetraceError('FT_USAGE', 'a log file is read beside a mount of somebody else', {
      hint: 'give attach (--attach MOUNTPOINT) as well; of a daemon that we start its own output is read',
    })
  }
  if (daemon.length === 0) {
    throw new FusetraceError('FT_USAGE', 'no daemon to start: the command is empty', {
      hint: 'for example: bindfs -d SOURCE MOUNTPOINT',
    })
  }
  if (mounts && !existsSync('/dev/fuse')) {
    throw new FusetraceError('FT_ENVIRONMENT', 'there is no /dev/fuse, so nothing can be mounted', {
      hint: 'modprobe fuse; in a container: --device /dev/fuse --cap-add SYS_ADMIN. Replay needs none of it',
    })
  }
  const { mountpoint } = options
  if (mountpoint !== undefined) {
    if (!isDirectory(mountpoint)) {
      throw new FusetraceError('FT_USAGE', `the mountpoint ${mountpoint} is not a directory`, {
        hint: `mkdir -p ${mountpoint}`,
      })
    }
    const path = canonicalMountpoint(mountpoint)
    return { argv: daemon.map((arg) => arg.replace(PLACEHOLDER, () => path)), mountpoints: [path] }
  }
  const [, ...args] = daemon
  const places = args
    .map((arg) => resolve(options.cwd ?? '.', arg))
    .filter((path, i) => !args[i]?.startsWith('-') && isDirectory(path))
    .map(canonicalMountpoint)
  if (places.length === 0) {
    throw new FusetraceError('FT_USAGE', 'no argument of the daemon is a directory that it could mount on', {
      hint: 'write {mountpoint} where the mountpoint goes, or give --mountpoint DIR as well',
    })
  }
  return { argv: daemon, mountpoints: places }
}

function attached({ daemon, wire, cwd, environment }: LiveOptions, attach: string): Plan {
  if (daemon !== undefined && daemon.length > 0) {
    throw new FusetraceError('FT_USAGE', 'either a daemon is started, or a mount of somebody else is attached to', {
      hint: `leave out the daemon's command, or attach`,
    })
  }
  const impossible = Object.entries({ wire, cwd, environment }).find(
    ([, value]) => value !== undefined && value !== false,
  )
  if (impossible) {
    throw new FusetraceError(
      'FT_USAGE',
      `${impossible[0]} is for a daemon that we start, not for a mount that is attached to`,
    )
  }
  return { argv: [], mountpoints: [attachPoint(attach)] }
}

/**
 * What is recorded on the mount that is recorded makes requests without end.
 *
 * @throws FT_USAGE when the output lies below the mountpoint
 */
export function refuseOnMount(output: string, mountpoint: string): void {
  if (output === '-') return
  if (!existsSync(dirname(resolve(output)))) return
  const path = canonicalMountpoint(output)
  if (path !== mountpoint && !path.startsWith(`${mountpoint}/`)) return
  throw new FusetraceError('FT_USAGE', `${output} is on the mount that is to be recorded`, {
    hint: 'write the recording elsewhere',
  })
}

function isDirectory(path: string): boolean {
  // What is mounted there already is not touched: it may be dead.
  const mount = mountAt(readMounts(), resolve(path))
  if (mount && isFuse(mount)) return true
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** The names of all options. */
export const LIVE_OPTIONS: readonly string[] = keysOf<LiveOptions>({
  daemon: true,
  attach: true,
  log: true,
  mountpoint: true,
  branches: true,
  dialect: true,
  kernel: true,
  wire: true,
  record: true,
  force: true,
  maxLineBytes: true,
  origin: true,
  redact: true,
  scratch: true,
  environment: true,
  cwd: true,
  clock: true,
  readyMs: true,
  waitTimeoutMs: true,
  favour: true,
  unmountTimeoutMs: true,
  patienceMs: true,
  historyLimit: true,
  statPool: true,
  lookups: true,
  signal: true,
  onWaiting: true,
  onRecordFailure: true,
})
