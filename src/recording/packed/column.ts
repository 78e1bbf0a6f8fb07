import type { ByteReader, ByteWriter } from './bytes.js'
import { Damaged } from './damaged.js'

/*
 * A column is a byte that says how, and numbers: 0 all are the one that follows · 1 as they are · 2 steps from one to the next ·
 * 3 how far below the next new highest · 4 steps of steps · 5 steps from another column, whose number follows · 6 doubles.
 * Steps are written as 0, -1, 1, -2, 2 … = 0, 1, 2, 3, 4 …
 */
const WAY = { same: 0, plain: 1, step: 2, fresh: 3, bend: 4, source: 5, double: 6 } as const
/** Steps between integers up to here are exact, and steps of steps up to the half. */
const WIDE = 2 ** 51
/** Ways are compared by so many values from the middle. */
const SAMPLE = 256

const signed = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2)

const unsigned = (value: number): number =>
  value < 2 ** 31 ? (value >>> 1) ^ -(value & 1) : value % 2 === 0 ? value / 2 : -(value + 1) / 2

/** Columns of which another may be made; undefined for a number that none has. */
export type SourceOf = (source: number) => ArrayLike<number> | undefined

/** How a column is best written. */
interface Choice {
  readonly way: number
  readonly source: number
  /** Bytes, roughly. */
  readonly cost: number
}

/** @param sources columns that may say what is in this one, by their numbers */
export function writeColumn(
  out: ByteWriter,
  values: ArrayLike<number>,
  sources: Iterable<[number, ArrayLike<number>]> = [],
): void {
  const { way, source } = chosen(values, sources)
  out.byte(way)
  if (way === WAY.double) for (let i = 0; i < values.length; i++) out.double(values[i]!)
  else if (way === WAY.same) out.number(signed(values[0] ?? 0))
  else {
    if (way === WAY.source) out.number(source)
    let from: ArrayLike<number> | undefined
    for (const [number, column] of way === WAY.source ? sources : []) if (number === source) from = column
    out.numbers(transformed(values, way, from))
  }
}

/** Bytes that a column takes, roughly. */
export function costOf(values: ArrayLike<number>): number {
  return chosen(values, []).cost
}

function chosen(values: ArrayLike<number>, sources: Iterable<[number, ArrayLike<number>]>): Choice {
  let same = true
  let negative = false
  let highest = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== values[0]) same = false
    const size = value < 0 ? -value : value
    if (value < 0) negative = true
    if (size > highest) highest = size
    if (!(size < WIDE && Number.isInteger(value)) || Object.is(value, -0)) {
      return { way: WAY.double, source: 0, cost: values.length * 8 }
    }
  }
  if (same) return { way: WAY.same, source: 0, cost: 2 }
  const from = values.length <= SAMPLE ? 0 : (values.length - SAMPLE) >> 1
  const sample = part(values, from)
  const scale = values.length / sample.length
  let best: Choice = { way: WAY.step, source: 0, cost: Number.POSITIVE_INFINITY }
  const ways = negative ? [WAY.step] : [WAY.step, WAY.plain, WAY.fresh]
  for (const way of highest < WIDE / 2 ? [...ways, WAY.bend] : ways) {
    const cost = entropy(transformed(sample, way)) * scale
    if (cost < best.cost) best = { way, source: 0, cost }
  }
  for (const [source, column] of sources) {
    const other = part(column, from)
    let hits = 0
    for (let i = 0; i < sample.length; i++) if (other[i] === sample[i]) hits++
    if (hits * 2 < sample.length) continue
    const cost = entropy(transformed(sample, WAY.source, other)) * scale
    if (cost < best.cost) best = { way: WAY.source, source, cost }
  }
  return best
}

const part = (values: ArrayLike<number>, from: number): ArrayLike<number> =>
  values.length <= SAMPLE ? values : Float64Array.from({ length: SAMPLE }, (_, i) => values[from + i]!)

function transformed(values: ArrayLike<number>, way: number, source?: ArrayLike<number>): Float64Array {
  const { length } = values
  const out = new Float64Array(length)
  let last = 0
  if (way === WAY.plain) for (let i = 0; i < length; i++) out[i] = values[i]!
  else if (way === WAY.source) for (let i = 0; i < length; i++) out[i] = signed(values[i]! - source![i]!)
  else if (way === WAY.step) {
    for (let i = 0; i < length; i++) {
      out[i] = signed(values[i]! - last)
      last = values[i]!
    }
  } else if (way === WAY.fresh) {
    for (let i = 0; i < length; i++) {
      out[i] = signed(last - values[i]!)
      if (values[i]! >= last) last = values[i]! + 1
    }
  } else {
    let step = 0
    for (let i = 0; i < length; i++) {
      const next = values[i]! - last
      out[i] = signed(next - step)
      step = next
      last = values[i]!
    }
  }
  return out
}

/** @param sourceOf the columns that this one may be made of */
export function readColumn(bytes: ByteReader, length: number, sourceOf?: SourceOf): Float64Array {
  const way = bytes.byte()
  const values = new Float64Array(length)
  if (way === WAY.same) return values.fill(unsigned(bytes.number()))
  if (way === WAY.double) {
    bytes.doubles(values)
    return values
  }
  const source = way === WAY.source ? sourceOf?.(bytes.number()) : undefined
  bytes.numbers(values)
  let last = 0
  if (way === WAY.plain) return values
  if (way === WAY.step) for (let i = 0; i < length; i++) values[i] = last += unsigned(values[i]!)
  else if (way === WAY.fresh) {
    for (let i = 0; i < length; i++) {
      const value = last - unsigned(values[i]!)
      if (value >= last) last = value + 1
      values[i] = value
    }
  } else if (way === WAY.bend) {
    let step = 0
    for (let i = 0; i < length; i++) values[i] = last += step += unsigned(values[i]!)
  } else if (source !== undefined) {
    for (let i = 0; i < length; i++) values[i] = unsigned(values[i]!) + (source[i] ?? 0)
  } else throw new Damaged()
  return values
}

/** Bytes that these numbers take when each byte is written by how often it occurs, roughly. */
function entropy(values: Float64Array): number {
  const counts = new Int32Array(256)
  let total = 0
  for (let i = 0; i < values.length; i++) {
    let rest = values[i]!
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      counts[(rest % 128) | 128]!++
      total++
    }
    counts[rest]!++
    total++
  }
  let bits = total * Math.log2(total)
  let different = 0
  for (let i = 0; i < 256; i++) {
    const count = counts[i]!
    if (count === 0) continue
    counts[i] = 0
    bits -= count * Math.log2(count)
    different++
  }
  return bits / 8 + different * 0.6
}
