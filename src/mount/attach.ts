import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Clock, Timer } from '../clock.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { LATE, MS, until } from '../time.js'
import { connectionOf, isFuse, type Mount, mountAt, readMounts } from './mountinfo.js'
import type { ReadyMount } from './readiness.js'
import { type Serving, servingProcesses, stillRuns } from './serving.js'

/** Where a mount is or will be, as mountinfo names it; what is mounted there already is not touched: it may hang. */
export function attachPoint(path: string): string {
  const absolute = resolve(path)
  if (fuseAt(absolute)) return absolute
  try {
    const parent = join(realpathSync(dirname(absolute)), basename(absolute))
    return fuseAt(parent) ? parent : realpathSync(parent)
  } catch {
    return absolute
  }
}

/** Whether there is a FUSE mount already, at what `attachPoint` gave. */
export const isMounted = (mountpoint: string): boolean => fuseAt(mountpoint) !== undefined

export interface AttachOptions {
  clock: Clock
  /** As `attachPoint` gives it. */
  mountpoint: string
  /** How long to wait for a mount, ns. */
  limitNs: number
  signal?: AbortSignal
}

/**
 * Waits until there is a FUSE mount at the mountpoint; one that is there already will do.
 *
 * @throws FT_ENVIRONMENT when there is none in time, FT_ABORTED when the signal fires
 */
export async function findMount({ clock, mountpoint, limitNs, signal }: AttachOptions): Promise<ReadyMount> {
  const mount = await until(clock, { forNs: limitNs, everyNs: 10 * MS }, () => {
    if (signal?.aborted) throw new FusetraceError('FT_ABORTED', 'interrupted before there was a mount')
    return fuseAt(mountpoint) ?? null
  })
  if (mount !== LATE) refusePart(mount)
  if (mount !== LATE) return { mountpoint, mount, connection: connectionOf(mount) }
  const other = mountAt(readMounts(), mountpoint)
  throw new FusetraceError(
    'FT_ENVIRONMENT',
    `no FUSE file system was mounted at ${printable(mountpoint)} within ${Math.round(limitNs / MS)} ms${other ? `: what is there is ${printable(other.type)}` : ''}`,
    { hint: 'is the path right (see: findmnt -t fuse), and visible from here (another mount namespace)?' },
  )
}

/** Requests have the paths of the whole: those below the mountpoint of a part are others. */
function refusePart({ root, mountpoint, major, minor }: Mount): void {
  if (root === '/') return
  const whole = readMounts().find((one) => one.major === major && one.minor === minor && one.root === '/')
  throw new FusetraceError('FT_USAGE', `${printable(mountpoint)} is ${printable(root)} of a FUSE file system`, {
    hint: `attach to all of it${whole ? `: ${printable(whole.mountpoint)}` : ''}`,
  })
}

function fuseAt(mountpoint: string): Mount | undefined {
  const mount = mountAt(readMounts(), mountpoint)
  return mount !== undefined && isFuse(mount) ? mount : undefined
}

export interface AttachedWatchOptions {
  clock: Clock
  mount: ReadyMount
  /** It was unmounted. */
  onUnmounted(): void
  /** Whoever served it has ended; the mount is still there, and answers nothing any more. */
  onDead(who: Serving): void
  /**
   * How often to probe, ns.
   * @default 20 ms
   */
  everyNs?: number
}

/** Watches a mount that is somebody else's, until its end or `stop()`; never touches the mount itself. */
export class AttachedWatch {
  /** Who serves it, as far as that can be found out. */
  readonly serving: readonly Serving[]
  #timer: Timer | null = null

  constructor({ clock, mount, onUnmounted, onDead, everyNs = 20 * MS }: AttachedWatchOptions) {
    this.serving = servingProcesses(mount.connection)
    const check = (): void => {
      this.#timer = null
      if (!readMounts().some(({ id }) => id === mount.mount.id)) {
        onUnmounted()
        return
      }
      const [first] = this.serving
      // Others may have been handed the descriptor since.
      if (first && !this.serving.some(stillRuns) && servingProcesses(mount.connection).length === 0) {
        onDead(first)
        return
      }
      this.#timer = clock.at(clock.nowNs() + everyNs, check)
    }
    this.#timer = clock.at(clock.nowNs() + everyNs, check)
  }

  stop(): void {
    this.#timer?.cancel()
  }
}
