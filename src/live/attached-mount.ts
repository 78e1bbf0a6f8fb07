import type { SystemClock } from '../clock.js'
import { type Followed, followFile } from '../input/follow.js'
import type { LineSplitter } from '../line/splitter.js'
import { encode } from '../line/text.js'
import type { TraceMonitor } from '../monitor/trace-monitor.js'
import { AttachedWatch, findMount, isMounted } from '../mount/attach.js'
import { Connection } from '../mount/connection.js'
import type { ReadyMount } from '../mount/readiness.js'
import { type Serving, stillRuns } from '../mount/serving.js'
import type { StatPool } from '../mount/stat-pool.js'
import type { Unmounted } from '../mount/unmount.js'
import { LATE, MS } from '../time.js'
import { waitingWords } from './daemon-state.js'
import type { KernelSide } from './kernel-side.js'
import type { MountSide } from './mount-side.js'
import type { LiveOptions } from './options.js'

export interface AttachedMountOptions {
  clock: SystemClock
  monitor: TraceMonitor
  /** Takes the daemon's log. */
  splitter: LineSplitter
  kernel: KernelSide | null
  statPool: StatPool
  /** As `attachPoint` gives it. */
  mountpoint: string
  live: Pick<LiveOptions, 'log' | 'readyMs' | 'signal' | 'onWaiting'>
  /** Mountinfo has it. */
  onFound(mount: ReadyMount, control: Connection): void
  /** Everything of the session that has happened by now has been handed on when this returns. */
  catchUp(): void
}

/** How often the log is read: somebody may wait for what it says. */
const LOG_EVERY_NS = 5 * MS

/** How long the mount may take to answer, before it is watched without. */
const ANSWER_NS = 2000 * MS

/** A mount that somebody else made, and perhaps its log. Nothing of it is unmounted or killed by us. */
export class AttachedMount implements MountSide {
  readonly #options: AttachedMountOptions
  #log: Followed | null = null
  #watch: AttachedWatch | null = null
  #found = false

  constructor(options: AttachedMountOptions) {
    this.#options = options
  }

  get begun(): boolean {
    return this.#found
  }

  /**
   * Waits for the mount, which may be there already, and watches it.
   *
   * @throws FT_INPUT when the log cannot be read; FT_ENVIRONMENT, FT_ABORTED
   */
  async start(): Promise<ReadyMount> {
    const { clock, monitor, mountpoint, statPool, live, onFound } = this.#options
    const { log, readyMs = 10_000, signal } = live
    if (log !== undefined) this.#follow(log)
    if (!isMounted(mountpoint)) live.onWaiting?.()
    const found = await findMount({ clock, mountpoint, limitNs: readyMs * MS, ...(signal !== undefined && { signal }) })
    this.#found = true
    onFound(found, new Connection(found.mount))
    const { type, major, minor } = found.mount
    monitor.reach('mountinfo', `${type} ${major}:${minor}`)
    monitor.reach('device', `connection ${found.connection}`)
    this.#watch = new AttachedWatch({
      clock,
      mount: found,
      onUnmounted: () => this.#ends(() => monitor.reach('unmounted', 'by somebody else')),
      onDead: ({ name, pid }) =>
        this.#ends(() => monitor.reach('lost', `${name} (pid ${pid}), which served it, has ended`)),
    })
    statPool.warm()
    // One that hangs, or is closed to us, can be watched all the same.
    const answer = await statPool.stat('stat', encode(found.mountpoint), ANSWER_NS)
    if (answer !== LATE) monitor.reach('answered', answer.errno)
    return found
  }

  /** Reads what the log holds by now. */
  catchUp(): void {
    this.#log?.catchUp()
  }

  /** Who serves the mount, and how that is. */
  describe(connection: Connection | null): string {
    const serving: readonly Serving[] = this.#watch?.serving ?? []
    const [first] = serving
    const words = first
      ? [`${first.name} ${serving.some(stillRuns) ? 'runs' : 'has ended'}, pid ${first.pid}, not started by us`]
      : ['the daemon was not started by us; its process is not known']
    return [...words, ...waitingWords(connection)].join('; ')
  }

  /** Leaves it as it is. */
  async takeDown(): Promise<Unmounted> {
    const { clock, monitor, splitter, kernel, catchUp } = this.#options
    catchUp()
    this.#watch?.stop()
    this.#log?.stop()
    splitter.end(clock.nowNs())
    kernel?.decide()
    monitor.endStream(null)
    return { clean: true, phases: [] }
  }

  #follow(log: string): void {
    const { clock, splitter } = this.#options
    const onChunk = (chunk: Uint8Array, atNs: number): void => splitter.push('stdout', chunk, atNs)
    this.#log = followFile(log, { clock, onChunk, everyNs: LOG_EVERY_NS })
    // What a stream cannot give any more is its end.
    this.#log.done.catch(() => undefined)
  }

  /** The mount has come to its end. */
  #ends(emit: () => void): void {
    const { monitor, kernel, catchUp } = this.#options
    catchUp()
    kernel?.decide()
    emit()
    monitor.endStream(null)
  }
}
