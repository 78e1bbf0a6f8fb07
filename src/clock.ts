// From the modules and once: tests that fake the globals (vi.useFakeTimers) do not stop real time.
import { clearTimeout, setTimeout } from 'node:timers'

// Not imported from node:process: that evaluates every getter of `process`, streams and all, 10 ms at each start.
const { hrtime } = process

const monotonicNs = hrtime.bigint
const wallMs = Date.now

/** A timer that can be taken back. */
export interface Timer {
  cancel(): void
}

/**
 * The only way in which anything below the command line reads time.
 * Times are integer nanoseconds since the clock's origin (for a live run the recording's origin).
 */
export interface Clock {
  readonly kind: 'system' | 'virtual'
  /** Nanoseconds since the origin. */
  nowNs(): number
  /** Calls `fn` once, at `atNs` or as soon after as can be. */
  at(atNs: number, fn: () => void): Timer
}

/** Real time, counted from an origin on CLOCK_MONOTONIC. */
export interface SystemClock extends Clock {
  readonly kind: 'system'
  /** CLOCK_MONOTONIC nanoseconds of the clock's zero. */
  readonly originNs: bigint
  /** Wall time of the clock's zero, nanoseconds since 1970; as fine as a millisecond. */
  readonly originWallNs: bigint
}

/** Longer timers are armed again; Node takes 32 bits of milliseconds. */
const MAX_MS = 2 ** 31 - 1

/**
 * Real time from CLOCK_MONOTONIC. Timers are as fine as Node's (a millisecond) and never early.
 *
 * @param options.originNs CLOCK_MONOTONIC nanoseconds that count as zero; default now
 */
export function systemClock(options: { originNs?: bigint } = {}): SystemClock {
  const originNs = options.originNs ?? monotonicNs()
  const nowNs = (): number => Number(monotonicNs() - originNs)
  return {
    kind: 'system',
    originNs,
    originWallNs: BigInt(wallMs()) * 1_000_000n - BigInt(nowNs()),
    nowNs,
    at(atNs, fn) {
      let handle: NodeJS.Timeout
      const arm = (): void => {
        const ms = Math.ceil((atNs - nowNs()) / 1e6)
        handle = setTimeout(due, Math.min(Math.max(ms, 0), MAX_MS))
      }
      const due = (): void => {
        if (nowNs() < atNs) arm()
        else fn()
      }
      arm()
      return { cancel: () => clearTimeout(handle) }
    },
  }
}

/** Time that stands still until somebody moves it. */
export interface VirtualClock extends Clock {
  readonly kind: 'virtual'
  /** When the next timer is due; null when there is none. */
  readonly nextTimerNs: number | null
  /** Moves on to `ns` and calls what is due until then, in order of time, then of arming. Never moves back. */
  advanceTo(ns: number): void
  advanceBy(ns: number): void
  /** The same, but leaves what is due exactly at `ns`: for events of that time that come before timers. */
  approach(ns: number): void
}

interface Armed {
  readonly atNs: number
  readonly order: number
  readonly fn: () => void
}

/**
 * A clock for replay and tests.
 *
 * @example
 * const clock = virtualClock()
 * clock.at(5e6, () => console.log('5 ms'))
 * clock.advanceBy(10e6)
 */
export function virtualClock(options: { startNs?: number } = {}): VirtualClock {
  let now = options.startNs ?? 0
  let order = 0
  const timers = new Set<Armed>()
  const next = (): Armed | null => {
    let first: Armed | null = null
    for (const timer of timers) {
      if (first === null || timer.atNs < first.atNs || (timer.atNs === first.atNs && timer.order < first.order)) {
        first = timer
      }
    }
    return first
  }
  const callDue = (isDue: (atNs: number) => boolean): void => {
    for (let timer = next(); timer && isDue(timer.atNs); timer = next()) {
      timers.delete(timer)
      now = Math.max(now, timer.atNs)
      timer.fn()
    }
  }
  return {
    kind: 'virtual',
    nowNs: () => now,
    at(atNs, fn) {
      const timer = { atNs, order: order++, fn }
      timers.add(timer)
      return { cancel: () => timers.delete(timer) }
    },
    get nextTimerNs() {
      return next()?.atNs ?? null
    },
    advanceTo(ns) {
      callDue((atNs) => atNs <= ns)
      now = Math.max(now, ns)
    },
    advanceBy(ns) {
      this.advanceTo(now + ns)
    },
    approach(ns) {
      callDue((atNs) => atNs < ns)
      now = Math.max(now, ns)
    },
  }
}
