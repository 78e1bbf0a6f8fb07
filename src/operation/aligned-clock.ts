import type { Line } from '../line/line.js'
import type { OwnTime } from '../line/own-time.js'
import { DAY_NS, type LineClock } from './own-clock.js'

/** A clock that was set back by more than this is believed, threads' lines that are out of order by less. */
const MAX_DISORDER_NS = 1_000_000_000

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
  #latestNs = 0

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
    const back = ns < this.#latestNs - MAX_DISORDER_NS
    this.#latestNs = ns
    // Where the clock was set, or midnight has passed, stamps show nothing of arrival any more: begin anew.
    if (Number.isSafeInteger(ns) && Math.abs(ns) < Number(DAY_NS) && !back) return ns
    this.#first = time
    this.#latestNs = 0
    this.#distance = this.#before = Number.POSITIVE_INFINITY
    return 0
  }
}
