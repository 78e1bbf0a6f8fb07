import type { Clock, Timer } from '../clock.js'
import { endedAsAsked } from '../monitor/monitor.js'
import type { Daemon } from '../process/daemon.js'
import { MS } from '../time.js'
import { type Mount, readMounts } from './mountinfo.js'

export interface MountWatchOptions {
  clock: Clock
  daemon: Daemon
  /** Id of the mount. */
  mount: string
  /** Somebody unmounted it, and the daemon ended well or goes on living. */
  onUnmounted(): void
  /** It vanished in any other way: paths below the mountpoint name what lies underneath now. */
  onLost(reason: string): void
  /**
   * How often to read the mounts, ns.
   * @default 20 ms
   */
  everyNs?: number
  /** @default reads `/proc/self/mountinfo` */
  mounts?(): readonly Mount[]
}

/** How long a daemon may take to end after its mount, before it is asked how it ended. */
const ENDING_NS = 60 * MS
/** How long a daemon may go on without a mount before the mount counts as lost. */
const WITHOUT_NS = 1000 * MS

/** Watches a mount in mountinfo until `stop()`; never touches the mount itself. */
export function watchMount(options: MountWatchOptions): { stop(): void } {
  const { clock, daemon, everyNs = 20 * MS, mounts = readMounts } = options
  let timer: Timer | null = null
  let goneNs: number | null = null
  let reported = false
  const check = (): void => {
    const now = clock.nowNs()
    if (goneNs === null && !mounts().some(({ id }) => id === options.mount)) goneNs = now
    if (goneNs !== null && !decide(now - goneNs)) return
    timer = clock.at(now + everyNs, check)
  }
  /** False when there is nothing more to find out. */
  const decide = (sinceNs: number): boolean => {
    const { exit } = daemon
    if (exit === null && sinceNs < ENDING_NS) return true
    if (exit !== null && !endedAsAsked(exit)) {
      options.onLost('the mount vanished with its daemon')
      return false
    }
    if (!reported) options.onUnmounted()
    reported = true
    if (exit !== null) return false
    if (sinceNs < WITHOUT_NS) return true
    options.onLost('somebody unmounted it; the daemon goes on without a mount')
    return false
  }
  timer = clock.at(clock.nowNs() + everyNs, check)
  return { stop: () => timer?.cancel() }
}
