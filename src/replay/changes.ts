import type { Clock } from '../clock.js'

/** Lets many wait until something has changed. */
export class Changes {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  /** @param clock for limits: real time, where what changes does so in real time */
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Something has changed: all that `next` has returned resolves. */
  notify(): void {
    for (const changed of [...this.#waiting]) changed()
  }

  /**
   * Resolves with the next change.
   *
   * @param limitMs after so long without one it is `late`; without it there is no limit
   */
  next(limitMs?: number): Promise<'changed' | 'late'> {
    return new Promise((resolve) => {
      const end = (how: 'changed' | 'late') => (): void => {
        this.#waiting.delete(changed)
        timer?.cancel()
        resolve(how)
      }
      const changed = end('changed')
      const clock = this.#clock
      const timer = limitMs === undefined ? null : clock.at(clock.nowNs() + limitMs * 1e6, end('late'))
      this.#waiting.add(changed)
    })
  }
}
