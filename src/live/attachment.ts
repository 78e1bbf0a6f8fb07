import type { SystemClock } from '../clock.js'
import { type Followed, followFile } from '../input/follow.js'
import { AttachedWatch, findMount } from '../mount/attach.js'
import type { Connection } from '../mount/connection.js'
import type { ReadyMount } from '../mount/readiness.js'
import { type Serving, stillRuns } from '../mount/serving.js'
import { MS } from '../time.js'
import { unanswered } from './daemon-state.js'

export interface AttachmentOptions {
  clock: SystemClock
  /** As `attachPoint` gives it. */
  mountpoint: string
  /** The daemon's log, which grows; `-` is standard input. */
  log: string | null
  onLog(chunk: Uint8Array, atNs: number): void
  onUnmounted(): void
  onDead(reason: string): void
}

/** How often the log is read: somebody may wait for what it says. */
const LOG_EVERY_NS = 5 * MS

/** A mount that somebody else made, and perhaps its log. Nothing of it is unmounted or killed by us. */
export class Attachment {
  readonly #options: AttachmentOptions
  #log: Followed | null = null
  #watch: AttachedWatch | null = null

  /** @throws FT_INPUT when the log cannot be read */
  constructor(options: AttachmentOptions) {
    this.#options = options
    const { clock, log, onLog } = options
    if (log === null) return
    this.#log = followFile(log, { clock, onChunk: onLog, everyNs: LOG_EVERY_NS })
    // What a stream cannot give any more is its end.
    this.#log.done.catch(() => undefined)
  }

  /** Waits for the mount, which may be there already. @throws FT_ENVIRONMENT, FT_ABORTED */
  find(limitNs: number, signal: AbortSignal | undefined): Promise<ReadyMount> {
    const { clock, mountpoint } = this.#options
    return findMount({ clock, mountpoint, limitNs, ...(signal !== undefined && { signal }) })
  }

  watch(mount: ReadyMount): void {
    const { clock, onUnmounted, onDead } = this.#options
    this.#watch = new AttachedWatch({
      clock,
      mount,
      onUnmounted,
      onDead: ({ name, pid }) => onDead(`${name} (pid ${pid}), which served it, has ended`),
    })
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
    const waiting = unanswered(connection)
    if (waiting > 0) words.push(`${waiting} request${waiting === 1 ? ' waits' : 's wait'} for its answer`)
    return words.join('; ')
  }

  close(): void {
    this.#watch?.stop()
    this.#log?.stop()
  }
}
