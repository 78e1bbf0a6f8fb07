import type { ByteReader, ByteWriter } from './bytes.js'
import { readColumn } from './column-reader.js'
import { writeColumn } from './column-writer.js'
import { Damaged } from './damaged.js'

/** Up to here the differences of times are exact. */
const NEAR_NS: number = 2 ** 50
export const isNear = (ns: number): boolean => Math.abs(ns) < NEAR_NS
/** How the times of rows are written: each as it is; by what has passed since the row before; by the times that lines have of their own. */
const WAY = { absolute: 0, passed: 1, stamps: 2 } as const

/** The time that a line has in its text; null for rows that have none. */
export interface Stamp {
  readonly value: number
  /** ns of one. */
  readonly unit: number
}
export type StampOf = (row: number) => Stamp | null

/**
 * When a row should have come by its own time, if it came as long after that as the one before. Lines that came together have one
 * time; the first of them says how long it took.
 */
class Expected {
  #atNs = 0
  #value = 0
  #unit = 0

  /** Null when nothing is known. */
  of({ value, unit }: Stamp): number | null {
    const since = (value - this.#value) * unit
    return unit === this.#unit && isNear(since) ? this.#atNs + since : null
  }

  learn({ value, unit }: Stamp, atNs: number): void {
    this.#atNs = atNs
    this.#value = value
    this.#unit = unit
  }
}

/** Writes the times of all rows that have one. */
export function writeTimes(out: ByteWriter, times: Float64Array, stampOf: StampOf): void {
  if (!times.every(isNear)) {
    out.byte(WAY.absolute)
    writeColumn(out, times)
    return
  }
  const passed = steps(times, () => null)
  const stamped = steps(times, stampOf)
  const way = bitsOf(stamped) < bitsOf(passed) ? WAY.stamps : WAY.passed
  out.byte(way)
  writeColumn(out, way === WAY.stamps ? stamped : passed)
}

/** 0: as the row before; else what has passed, or the difference to what was expected: 1, 2, 3 … for 0, -1, 1 … */
function steps(times: Float64Array, stampOf: StampOf): Float64Array {
  const expected = new Expected()
  const out = new Float64Array(times.length)
  let last = 0
  for (let row = 0; row < times.length; row++) {
    const atNs = times[row]!
    if (atNs !== last) {
      const stamp = stampOf(row)
      const step = atNs - ((stamp && expected.of(stamp)) ?? last)
      out[row] = step < 0 ? -step * 2 : step * 2 + 1
      if (stamp) expected.learn(stamp, atNs)
      last = atNs
    }
  }
  return out
}

const bitsOf = (values: Float64Array): number => values.reduce((sum, value) => sum + Math.log2(value + 1), 0)

/** What `writeTimes` has written, for so many rows. */
export function readTimes(bytes: ByteReader, count: number, stampOf: StampOf): Float64Array {
  const way = bytes.byte()
  const times = readColumn(bytes, count)
  if (way === WAY.absolute) return times
  const expected = new Expected()
  let last = 0
  for (let row = 0; row < count; row++) {
    const code = times[row]!
    if (code !== 0) {
      const stamp = way === WAY.stamps ? stampOf(row) : null
      const step = code % 2 === 0 ? -code / 2 : (code - 1) / 2
      last = ((stamp && expected.of(stamp)) ?? last) + step
      if (stamp) expected.learn(stamp, last)
    }
    times[row] = last
  }
  if (!Number.isSafeInteger(last)) throw new Damaged()
  return times
}
