import { dirname } from 'node:path'
import type { Clock } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import type { Exit } from '../monitor/monitor.js'
import { type Daemon, describeExit } from '../process/daemon.js'
import { LATE, MS, until } from '../time.js'
import { handsOver } from './hand-over.js'
import { connectionOf, isFuse, type Mount, mountAround, readMounts } from './mountinfo.js'
import type { StatPool } from './stat-pool.js'
import { deviceOf } from './stat-tool.js'

/** The phases between a started daemon and a mount that can be used, in this order. */
type ReadyPhase = 'spawned' | 'mountinfo' | 'device' | 'answered'

export interface ReadinessOptions {
  clock: Clock
  daemon: Daemon
  /** The program's name, for messages. */
  name: string
  /** Where the mount is expected, as `canonicalMountpoint` gives it; several when only the daemon knows. */
  mountpoints: readonly string[]
  /** Ids of mounts that were there before the daemon. */
  before: ReadonlySet<string>
  pool: StatPool
  limitNs: number
  /** `found` from `mountinfo` on. */
  onPhase(phase: ReadyPhase, detail: string | null, found: ReadyMount | null): void
  /** Gives up when it fires. */
  signal?: AbortSignal
  /** @default reads `/proc/self/mountinfo` */
  mounts?(): readonly Mount[]
  /** Used while no process of the pool has started. @default by the program `stat` */
  deviceAt?: typeof deviceOf
  /** Whether a process may be about to leave the mount to a child. @default by `/proc` */
  handsOver?(pid: number): boolean
}

/** A mount that mountinfo has, and the device of the mount that its directory lies in. */
interface Found {
  readonly mountpoint: string
  readonly mount: Mount
  readonly around: string | null
}

/** The mount that came about. */
export interface ReadyMount {
  readonly mountpoint: string
  readonly mount: Mount
  readonly connection: number
}

/** How long a daemon with children may take to end, before it counts as one that stays. */
const HANDOVER_NS = 300 * MS
/** How long a daemon that ended with code 0 is given for its mount to appear: it may have gone into the background. */
const BACKGROUND_NS = 2000 * MS

/**
 * Waits until mounted means mounted: the daemon lives, mountinfo has the mountpoint, its device is another than the
 * directory's around it, and one request has been answered. Every phase is reported with its time.
 *
 * @throws FT_DAEMON when the daemon ends, goes into the background, or the time is up; the message names the last phase
 */
export async function ready(options: ReadinessOptions): Promise<ReadyMount> {
  const { clock, daemon, pool, onPhase, deviceAt = deviceOf } = options
  const endNs = clock.nowNs() + options.limitNs
  let reached: ReadyPhase = 'spawned'
  let mounted: ReadyMount | null = null
  const phase = (name: ReadyPhase, detail: string | null): void => {
    reached = name
    onPhase(name, detail, mounted)
  }
  const left = (): number => Math.max(0, endNs - clock.nowNs())
  const late = (): FusetraceError => tooLate(options, reached)
  const check = (): void => {
    if (options.signal?.aborted) throw new FusetraceError('FT_ABORTED', 'interrupted before the mount was ready')
  }
  phase('spawned', `pid ${daemon.pid}`)

  const found = await until(clock, { forNs: options.limitNs, everyNs: MS }, () => {
    check()
    return findMount(options) ?? daemon.exit
  })
  if (found === LATE) throw late()
  if (!('mount' in found)) throw await endedEarly(options, found)
  const connection = connectionOf(found.mount)
  mounted = { ...found, connection }
  phase('mountinfo', `${found.mount.type} ${found.mount.major}:${found.mount.minor}`)

  // Another device than that of the mount around it: mountinfo knows, so nothing need be asked of either.
  const device = deviceNumber(found.mount)
  if (found.around === device) throw late()
  phase('device', `connection ${connection}`)

  for (;;) {
    check()
    if (daemon.exit) throw await endedEarly(options, daemon.exit)
    const answer =
      (pool.ready ? null : await deviceAt(clock, found.mountpoint, left())) ??
      (await pool.stat('stat', raw(found.mountpoint), left()))
    if (daemon.exit) throw await endedEarly(options, daemon.exit)
    if (answer === LATE || left() === 0) throw late()
    // EACCES: the mount belongs to another user and is closed to us; more cannot be found out.
    if (answer.errno === 'EACCES' || (answer.errno === null && answer.dev === device)) {
      if ((options.handsOver ?? handsOver)(daemon.pid)) {
        const exit = await until(clock, { forNs: HANDOVER_NS, everyNs: 5 * MS }, () => daemon.exit)
        if (exit !== LATE) throw await endedEarly(options, exit)
      }
      phase('answered', answer.errno)
      return mounted
    }
    await until(clock, { forNs: 5 * MS, everyNs: 5 * MS }, () => daemon.exit)
  }
}

function findMount({ mountpoints, before, mounts = readMounts }: ReadinessOptions): Found | null {
  const all = mounts()
  for (const mount of [...all].reverse()) {
    if (before.has(mount.id) || !isFuse(mount)) continue
    const mountpoint = mountpoints.find((path) => raw(path) === mount.mountpoint)
    if (mountpoint === undefined) continue
    const around = mountAround(all, raw(dirname(mountpoint)))
    return { mountpoint, mount, around: around ? deviceNumber(around) : null }
  }
  return null
}

async function endedEarly(options: ReadinessOptions, exit: Exit): Promise<FusetraceError> {
  const { clock, daemon } = options
  const name = printable(options.name)
  if (exit.code === 0) {
    const mounted = await until(clock, { forNs: BACKGROUND_NS, everyNs: 5 * MS }, () => findMount(options))
    if (mounted !== LATE) {
      return new FusetraceError('FT_DAEMON', `${name} went into the background: its log and its end cannot be seen`, {
        hint: 'run it in the foreground with its log on, usually -f or -d',
      })
    }
  }
  await until(clock, { forNs: 200 * MS, everyNs: 5 * MS }, () => (daemon.lastLines(1).length > 0 ? true : null))
  const words = daemon.lastLines(3).join(' | ')
  return new FusetraceError(
    'FT_DAEMON',
    `${name} ended with ${describeExit(exit)} before the mount was ready${words === '' ? '' : `: ${words}`}`,
    {
      hint:
        exit.code === 0
          ? 'if it forks into the background, run it in the foreground: usually -f or -d'
          : 'run the same command by hand; is the mountpoint an existing empty directory, and /dev/fuse there?',
    },
  )
}

function tooLate(options: ReadinessOptions, reached: ReadyPhase): FusetraceError {
  const why: Record<ReadyPhase, string> = {
    spawned: `${options.mountpoints.map(printable).join(', ')} did not appear in /proc/self/mountinfo`,
    mountinfo: 'its device is the same as that of the directory around it',
    device: 'the daemon has answered no request',
    answered: '',
  }
  const words = options.daemon.lastLines(2).join(' | ')
  return new FusetraceError(
    'FT_DAEMON',
    `${printable(options.name)} has not mounted within ${Math.round(options.limitNs / MS)} ms: ${why[reached]}${words === '' ? '' : ` (last lines: ${words})`}`,
    { hint: 'does the command name this mountpoint and stay in the foreground? Or allow more time' },
  )
}

/** `st_dev` as stat(2) gives it, in decimal. */
function deviceNumber({ major, minor }: Mount): string {
  const [M, m] = [BigInt(major), BigInt(minor)]
  return String((m & 0xffn) | ((M & 0xfffn) << 8n) | ((m & ~0xffn) << 12n) | ((M & ~0xfffn) << 32n))
}

function raw(path: string): string {
  return Buffer.from(path, 'utf8').toString('latin1')
}
