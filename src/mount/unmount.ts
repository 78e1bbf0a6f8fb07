import type { Clock } from '../clock.js'
import type { Daemon } from '../process/daemon.js'
import { processStat } from '../process/process-stat.js'
import { runTool } from '../process/run-tool.js'
import { LATE, MS, sleep, within } from '../time.js'
import { Connection } from './connection.js'
import { isFuse, type Mount, mountAt, readMounts } from './mountinfo.js'

export interface UnmountOptions {
  clock: Clock
  /** Null for a daemon that was never ours to end. */
  daemon: Daemon | null
  /** Where mounts of this run can be, as `canonicalMountpoint` gives them. */
  mountpoints: readonly string[]
  /** Ids of mounts that were there before: they are left alone. */
  before: ReadonlySet<string>
  /**
   * Time for each attempt, ns.
   * @default 1.5 s
   */
  phaseTimeoutNs?: number
  /** The mount is gone, the daemon may still be there. */
  onUnmounted?(): void
  /** @default reads `/proc/self/mountinfo` */
  mounts?(): readonly Mount[]
  /** Runs a tool. @default `runTool` */
  run?: typeof runTool
  /** The mount's connection, to be aborted. @default by the file system of connections */
  connectionOf?(mount: Mount): Pick<Connection, 'abort'>
  /** Whether this process is root's. @default by its user id */
  root?: boolean
  /** Whether a process is stopped, as by SIGSTOP. @default by `/proc` */
  isStopped?(pid: number): boolean
}

export interface Unmounted {
  /** The attempts that were needed, in order: `umount`, `lazy`, `abort`, `SIGTERM`, `SIGKILL`. */
  readonly phases: readonly string[]
  /** False when a mount, or the daemon, is still there after all of them. */
  readonly clean: boolean
}

/**
 * Takes the mount down and sees the daemon off: unmount, lazy unmount, abort of the connection, SIGTERM, SIGKILL, each only when
 * the one before did not do. Never throws, and ends after a few times `phaseTimeoutNs` whatever the daemon does. A daemon that is
 * stopped does nothing, so that it is not waited for.
 */
export async function unmount(options: UnmountOptions): Promise<Unmounted> {
  const { clock, daemon } = options
  const phaseTimeoutNs = options.phaseTimeoutNs ?? 1500 * MS
  const phases: string[] = []
  const { connectionOf = (mount: Mount) => new Connection(mount), isStopped = stopped } = options
  const timeoutNs = daemon?.exit === null && isStopped(daemon.pid) ? 0 : phaseTimeoutNs
  const connections = mountsOf(options).map(connectionOf)
  const abort = (): void => {
    phases.push('abort')
    for (const connection of connections) connection.abort()
  }
  const gone = async (limitNs: number): Promise<boolean> =>
    daemon === null || daemon.exit !== null || (await within(clock, limitNs, daemon.exited)) !== LATE

  if (mountsOf(options).length > 0) {
    await takeDown(options, phases, { phaseTimeoutNs, timeoutNs }, abort)
    if (mountsOf(options).length === 0) options.onUnmounted?.()
  } else if (daemon?.exit === null) daemon.kill('SIGTERM')

  if (!(await gone(timeoutNs))) {
    phases.push('SIGTERM')
    daemon?.kill('SIGTERM')
    if (!(await gone(timeoutNs))) {
      // A daemon that waits for its own mount can only die when the kernel lets go of it.
      abort()
      phases.push('SIGKILL')
      daemon?.kill('SIGKILL')
      await gone(phaseTimeoutNs)
    }
  }
  // It may have mounted while it was being ended.
  for (const mount of mountsOf(options)) await umountTool(options, mount, true, phaseTimeoutNs)
  return { phases, clean: mountsOf(options).length === 0 && (daemon === null || daemon.exit !== null) }
}

const stopped = (pid: number): boolean => processStat(pid)?.state === 'T'

/** The mounts of this run that exist now, the one on top first. */
function mountsOf({ mountpoints, before, mounts = readMounts }: UnmountOptions): Mount[] {
  const places = new Set(mountpoints.map((path) => Buffer.from(path, 'utf8').toString('latin1')))
  return mounts()
    .filter((mount) => isFuse(mount) && !before.has(mount.id) && places.has(mount.mountpoint))
    .reverse()
}

async function takeDown(
  options: UnmountOptions,
  phases: string[],
  { phaseTimeoutNs, timeoutNs }: { readonly phaseTimeoutNs: number; readonly timeoutNs: number },
  abort: () => void,
): Promise<void> {
  const { clock } = options
  phases.push('umount')
  const endNs = clock.nowNs() + timeoutNs
  for (;;) {
    const [mount] = mountsOf(options)
    if (mount === undefined) return
    const hangs = await umountTool(options, mount, false, phaseTimeoutNs)
    // The tool hangs in a request to the daemon: the connection is aborted.
    if (hangs) abort()
    if (mountsOf(options).length === 0) return
    if (hangs || clock.nowNs() >= endNs) break
    await sleep(clock, 25 * MS)
  }
  phases.push('lazy')
  for (const mount of mountsOf(options)) await umountTool(options, mount, true, phaseTimeoutNs)
}

/** Unmounts one mount, if it is still on top: `umount` for root, as it needs nothing of libfuse's; `fusermount3` or `fusermount` for everybody else. */
export async function umountTool(
  {
    clock,
    mounts = readMounts,
    run = runTool,
    root = process.getuid?.() === 0,
  }: Pick<UnmountOptions, 'clock' | 'mounts' | 'run' | 'root'>,
  mount: Mount,
  lazy: boolean,
  limitNs: number,
): Promise<boolean> {
  const path = Buffer.from(mount.mountpoint, 'latin1').toString('utf8')
  // The tools take a path, and with it whatever is on top there: somebody else's mount stays, and ours below it.
  if (mountAt(mounts(), path)?.id !== mount.id) return false
  const ways: (readonly [string, readonly string[]])[] = [
    ['umount', ['-i', '-c', ...(lazy ? ['-l'] : []), path]],
    ['fusermount3', ['-u', ...(lazy ? ['-z'] : []), '--', path]],
    ['fusermount', ['-u', ...(lazy ? ['-z'] : []), '--', path]],
  ]
  if (!root) ways.push(...ways.splice(0, 1))
  for (const [file, args] of ways) {
    const result = await run(clock, limitNs, file, args)
    // Null: it is not installed.
    if (result !== null) return result === LATE
  }
  return false
}
