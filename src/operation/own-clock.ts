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

export const DAY_NS = 86_400_000_000_000n
/** A jump ahead by more is only believed when the next line with a time is of about the same. */
const MAX_JUMP_NS = 60_000_000_000
/** Lines that wait until a jump is believed. */
const MAX_HELD = 64

/**
 * How far a clock must have been set back, and how many lines in a row must say so. Lines of several threads, or of two streams,
 * are out of order by less, or go to and fro.
 */
const SET_BACK = [
  { byNs: 1_000_000_000, lines: 3 },
  { byNs: 100_000_000, lines: 8 },
] as const

/** Lines earlier than the one before, without as many that are later, that show a log in the other order. */
const MIN_EARLIER = 4

interface Held {
  readonly line: Line
  /** Its time on the clock of before; null where it has none. */
  readonly ns: number | null
}

/**
 * Times from the lines' own stamps alone: the first is the origin, they never go back, and a line without one has that of
 * the line before. A single line far from those around it has no time: it is part of somebody's name. Where the clock was set
 * back (NTP, the end of summer time, a second run in the same log), times go on from where they were.
 */
export class OwnClock implements LineClock {
  #first: OwnTime | null = null
  #lastNs = 0
  #days = 0n
  #previous = 0n
  /** Lines from one that jumped on, until the next ones show whether the clock was set. */
  #held: Held[] = []
  #jump: 'ahead' | 'back' | null = null
  /** What the clock was set back by so far. */
  #shiftNs = 0
  #setBack = 0
  /** Lines whose times are later, and earlier, than the last line's. */
  #later = 0
  #earlier = 0
  #stamp = 0

  /** Whether a line had a time. */
  get known(): boolean {
    return this.#first !== null
  }

  /** How often the clock was set back. */
  get setBack(): number {
    return this.#setBack
  }

  /** Whether the log begins with what was written last: answers stand before their requests then. */
  get newestFirst(): boolean {
    return this.#earlier >= MIN_EARLIER && this.#earlier > 4 * this.#later
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
    if (ns !== null) {
      if (ns > this.#stamp) this.#later++
      if (ns < this.#stamp) this.#earlier++
      this.#stamp = ns
    }
    return this.#push(line, ns)
  }

  end(): readonly Line[] {
    const held = this.#stamps()
    if (this.#jump === 'back') return this.#back(held.length > 1 && inOrder(held))
    return this.#ahead(true)
  }

  #push(line: Line, sinceFirst: number | null): readonly Line[] {
    const ns = sinceFirst === null ? null : sinceFirst + this.#shiftNs
    if (this.#jump === 'ahead') return this.#afterAhead(line, ns)
    if (this.#jump === 'back') return this.#afterBack(line, ns)
    if (ns !== null && (ns > this.#lastNs + MAX_JUMP_NS || ns < this.#lastNs - SET_BACK[1].byNs)) {
      this.#jump = ns > this.#lastNs ? 'ahead' : 'back'
      this.#held = [{ line, ns }]
      return []
    }
    return [this.#at(line, ns)]
  }

  #afterAhead(line: Line, ns: number | null): readonly Line[] {
    if (ns === null && this.#held.length < MAX_HELD) {
      this.#held.push({ line, ns })
      return []
    }
    const sinceFirst = ns === null ? null : ns - this.#shiftNs
    const to = this.#held[0]?.ns ?? 0
    return [...this.#ahead(ns === null || ns >= to - MAX_JUMP_NS), ...this.#push(line, sinceFirst)]
  }

  /** Releases what waited: the clock was set ahead, or the first of these lines has no time. */
  #ahead(believed: boolean): Line[] {
    const to = this.#held[0]?.ns ?? this.#lastNs
    // Offsets end at 104 days: what comes after a longer pause goes on at once.
    if (believed && !Number.isSafeInteger(to)) this.#shiftNs -= to - this.#lastNs
    else if (believed) this.#lastNs = Math.max(this.#lastNs, to)
    return this.#release().map(({ line }) => this.#at(line, null))
  }

  #afterBack(line: Line, ns: number | null): readonly Line[] {
    const held = [...this.#stamps(), ...(ns === null ? [] : [ns])]
    const byNs = this.#lastNs - Math.max(...held)
    const enough = SET_BACK.find((one) => byNs > one.byNs)?.lines
    if (enough === undefined || !inOrder(held) || this.#held.length >= MAX_HELD) {
      return [...this.#back(false), ...this.#push(line, ns === null ? null : ns - this.#shiftNs)]
    }
    this.#held.push({ line, ns })
    return held.length < enough ? [] : this.#back(true)
  }

  /** Releases what waited: the clock was set back, or none of these lines that are before the last has a time. */
  #back(believed: boolean): Line[] {
    const from = this.#held[0]?.ns ?? this.#lastNs
    const byNs = believed ? this.#lastNs - from : 0
    this.#shiftNs += byNs
    if (believed) this.#setBack++
    return this.#release().map(({ line, ns }) => this.#at(line, ns === null ? null : ns + byNs))
  }

  #stamps(): number[] {
    return this.#held.flatMap(({ ns }) => ns ?? [])
  }

  #release(): Held[] {
    this.#jump = null
    return this.#held.splice(0)
  }

  #at(line: Line, ns: number | null): Line {
    if (ns !== null && ns > this.#lastNs) this.#lastNs = ns
    return { ...line, atNs: this.#lastNs }
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
    return Number(time.ns + this.#days * DAY_NS - this.#first.ns)
  }
}

/** Whether times do not go back themselves, but for threads' lines that are out of order. */
function inOrder(times: readonly number[]): boolean {
  return times.every((ns, i) => i === 0 || ns >= (times[i - 1] ?? 0) - SET_BACK[1].byNs)
}
