import type { OperationMatch } from './match.js'
import type { SettledWait } from './settled.js'

/** A wait that has not ended, for reports on a test that has not either. */
export interface PendingWait {
  /** `fileVisible /a.txt` */
  readonly title: string
  /** Who called it: stack frames, one a line. */
  readonly caller: string
  /** When it was called, ns since the origin. */
  readonly beginNs: number
  /** See `Machine.needs`. */
  readonly needs?: readonly OperationMatch[] | undefined
  /** What it waits for and why that has not come, in lines. */
  explain(): string
  /** Ends it: the session is closing. */
  abandon(reason: string): void
  /** Its caller may not await it any more: should it fail from now on, that is no unhandled rejection. */
  suppress(): void
}

/** The waits of a session that have not ended. */
export class PendingWaits {
  readonly #waits = new Set<PendingWait>()
  readonly #listeners = new Set<() => void>()
  readonly #settled = new Set<(wait: SettledWait) => void>()
  #probing = 0
  #turns = 0

  get size(): number {
    return this.#waits.size
  }

  /** Probes of the file system that have been asked for and not answered. */
  get probing(): number {
    return this.#probing
  }

  /** Rises whenever a caller or a prober is to have its turn: a wait ended, or a probe was asked for. */
  get turns(): number {
    return this.#turns
  }

  list(): readonly PendingWait[] {
    return [...this.#waits]
  }

  add(wait: PendingWait): void {
    this.#waits.add(wait)
    this.#notify()
  }

  remove(wait: PendingWait): void {
    if (!this.#waits.delete(wait)) return
    this.#turns++
    this.#notify()
  }

  /** A probe begins; call what is returned when it is answered. */
  beginProbe(): () => void {
    this.#probing++
    this.#turns++
    return () => {
      this.#probing--
      this.#turns++
      this.#notify()
    }
  }

  /** Calls `listener` with each wait that has ended. */
  onSettled(listener: (wait: SettledWait) => void): () => void {
    this.#settled.add(listener)
    return () => this.#settled.delete(listener)
  }

  /** A wait has ended; it is described only when there is a listener. */
  settled(describe: () => SettledWait): void {
    if (this.#settled.size === 0) return
    const wait = describe()
    for (const listener of [...this.#settled]) listener(wait)
  }

  /** Calls `listener` whenever something began or ended. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(): void {
    if (this.#listeners.size > 0) for (const listener of [...this.#listeners]) listener()
  }
}
