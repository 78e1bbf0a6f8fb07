import type { Dialect } from '../dialect/core/dialect.js'
import type { Framing } from '../dialect/framing/framing.js'
import type { Line } from '../line/line.js'
import { leadingTime, type OwnTime } from '../line/own-time.js'

/** Gives lines the times that they carry themselves. */
export interface LineClock {
  /** Takes the next line; returns those whose time is certain by now, in order. */
  push(line: Line, own: OwnTime | null): readonly Line[]
  /** The log ended: returns what has waited. */
  end(): readonly Line[]
}

/** The time of a line: the dialect's own reading of it, else that of what stands around it. */
export function ownTimeOf(line: Line, dialect: Dialect, framing: Framing | null): OwnTime | null {
  const time = dialect.time ? dialect.time(line.raw) : leadingTime(line.raw)
  return time ?? (line.whole === undefined || framing === null ? null : framing.time(line.whole))
}

const DAY_NS = 86_400_000_000_000n
/** A jump by more is only believed when the next line with a time is of about the same. */
const MAX_JUMP_NS = 60_000_000_000

/**
 * Times from the lines' own stamps alone: the first is the origin, they never go back, and a line without one has that of
 * the line before. A single line far ahead of those around it has no time: it is part of somebody's name.
 */
export class OwnClock implements LineClock {
  #first: OwnTime | null = null
  #lastNs = 0
  #days = 0n
  #previous = 0n
  /** Lines from one that jumped ahead on, and where it jumped to. */
  #held: Line[] = []
  #heldNs = 0

  /** Whether a line had a time. */
  get known(): boolean {
    return this.#first !== null
  }

  /** The origin on CLOCK_MONOTONIC, null when the log's times are of another clock. */
  get originNs(): bigint | null {
    return this.#first?.of === 'monotonic' ? this.#first.ns : null
  }

  /** The origin since 1970, null when the log does not say it. */
  get originWallNs(): bigint | null {
    return this.#first?.of === 'wall' ? this.#first.ns : null
  }

  push(line: Line, own: OwnTime | null): readonly Line[] {
    const ns = own === null ? null : this.#since(own)
    if (this.#held.length > 0) {
      if (ns === null && this.#held.length < 64) {
        this.#held.push(line)
        return []
      }
      const jumped = ns === null || ns >= this.#heldNs - MAX_JUMP_NS
      if (jumped) this.#lastNs = Math.max(this.#lastNs, this.#heldNs)
      const released = this.#release()
      if (ns !== null) this.#lastNs = Math.max(this.#lastNs, ns)
      return [...released, { ...line, atNs: this.#lastNs }]
    }
    if (ns !== null && ns > this.#lastNs + MAX_JUMP_NS) {
      this.#held = [line]
      this.#heldNs = ns
      return []
    }
    if (ns !== null && ns > this.#lastNs) this.#lastNs = ns
    return [{ ...line, atNs: this.#lastNs }]
  }

  end(): readonly Line[] {
    if (this.#held.length > 0) this.#lastNs = Math.max(this.#lastNs, this.#heldNs)
    return this.#release()
  }

  #release(): Line[] {
    const lines = this.#held.map((line) => ({ ...line, atNs: this.#lastNs }))
    this.#held = []
    return lines
  }

  /** Nanoseconds since the first time; null when it is of another clock. */
  #since(time: OwnTime): number | null {
    this.#first ??= time
    if (time.of !== this.#first.of) return null
    if (time.of === 'day') {
      // Past midnight a time without a date begins anew.
      if (time.ns + DAY_NS / 2n < this.#previous && time.ns < DAY_NS) this.#days++
      this.#previous = time.ns
    }
    const ns = Number(time.ns + this.#days * DAY_NS - this.#first.ns)
    return Number.isSafeInteger(ns) ? ns : null
  }
}

/** Lines whose stamps give the distance between the clocks, at most; later ones take their place. */
const WINDOW = 512

/**
 * The log's own stamps on the clock of arrival, for live logs: arrival shows when a line was read, the stamp how far apart
 * two of them were written. The distance of the clocks is the smallest between stamp and arrival of late, so that a time is
 * never before the line was written nor after it arrived.
 *
 * Use it where stamps are to the microsecond at least (`capabilities.timestamps`).
 */
export class AlignedClock implements LineClock {
  #first: OwnTime | null = null
  #lastNs = 0
  /** Smallest distances in this window of lines and in the one before. */
  #distance = Number.POSITIVE_INFINITY
  #before = Number.POSITIVE_INFINITY
  #seen = 0

  push(line: Line, own: OwnTime | null): readonly Line[] {
    const ns = own === null ? null : this.#since(own)
    if (ns === null) return [this.#at(line, line.atNs)]
    if (this.#seen++ >= WINDOW) {
      this.#before = this.#distance
      this.#distance = Number.POSITIVE_INFINITY
      this.#seen = 1
    }
    this.#distance = Math.min(this.#distance, line.atNs - ns)
    return [this.#at(line, ns + Math.min(this.#distance, this.#before))]
  }

  end(): readonly Line[] {
    return []
  }

  #at(line: Line, ns: number): Line {
    // Another stream's lines may be read a little later: times do not go back.
    this.#lastNs = Math.min(line.atNs, Math.max(this.#lastNs, ns))
    return this.#lastNs === line.atNs ? line : { ...line, atNs: this.#lastNs }
  }

  #since(time: OwnTime): number | null {
    this.#first ??= time
    if (time.of !== this.#first.of) return null
    const ns = Number(time.ns - this.#first.ns)
    // Where the clock was set, or midnight has passed, stamps show nothing of arrival any more: begin anew.
    if (Number.isSafeInteger(ns) && Math.abs(ns) < Number(DAY_NS)) return ns
    this.#first = time
    this.#distance = this.#before = Number.POSITIVE_INFINITY
    return 0
  }
}
