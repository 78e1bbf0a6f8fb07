import type { ByteWriter } from './bytes.js'
import { WAY } from './column-reader.js'

/** Steps between integers up to here are exact, and steps of steps up to the half. */
const WIDE = 2 ** 51
/** Ways are compared by so many values from the middle. */
const SAMPLE = 256

const signed = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2)

/** How a column is best written. */
export interface Choice {
  readonly way: number
  /** The column that it is made of, and its number; null when it stands alone. */
  readonly source: Source | null
  /** Bytes, roughly. */
  readonly cost: number
}

/** A column of which another may be made. */
export interface Source {
  readonly number: number
  readonly values: ArrayLike<number>
}

export function writeColumn(out: ByteWriter, values: ArrayLike<number>, choice: Choice = choose(values)): void {
  const { way, source } = choice
  out.byte(way)
  if (way === WAY.double) for (let i = 0; i < values.length; i++) out.double(values[i]!)
  else if (way === WAY.same) out.number(signed(values[0] ?? 0))
  else {
    if (source !== null) out.number(source.number)
    out.numbers(transformed(values, { way, from: 0, source }, new Float64Array(values.length)))
  }
}

/** @param sources columns that may say what is in this one */
export function choose(values: ArrayLike<number>, sources: readonly Source[] = []): Choice {
  const { length } = values
  const first = values[0]
  let same = true
  let negative = false
  let highest = 0
  for (let i = 0; i < length; i++) {
    const value = values[i]!
    if (value !== first) same = false
    const size = value < 0 ? -value : value
    if (value < 0) negative = true
    if (size > highest) highest = size
    if (!(size < WIDE && Number.isInteger(value)) || (value === 0 && Object.is(value, -0))) {
      return { way: WAY.double, source: null, cost: length * 8 }
    }
  }
  if (same) return { way: WAY.same, source: null, cost: 2 }
  const from = length <= SAMPLE ? 0 : (length - SAMPLE) >> 1
  const count = Math.min(length, SAMPLE)
  const cost = (way: number, source: Source | null = null): number =>
    (entropy(transformed(values, { way, from, source }, sample), count) * length) / count
  let best: Choice = { way: WAY.step, source: null, cost: Number.POSITIVE_INFINITY }
  const consider = (choice: Choice): void => {
    if (choice.cost < best.cost) best = choice
  }
  const ways = negative ? [WAY.step] : [WAY.step, WAY.plain, WAY.fresh]
  for (const way of ways) consider({ way, source: null, cost: cost(way) })
  if (highest < WIDE / 2) consider({ way: WAY.bend, source: null, cost: cost(WAY.bend) })
  for (const source of sources) {
    let hits = 0
    for (let i = from; i < from + count; i++) if (source.values[i] === values[i]) hits++
    if (hits * 2 >= count) consider({ way: WAY.source, source, cost: cost(WAY.source, source) })
  }
  return best
}

const sample = new Float64Array(SAMPLE)

/** The numbers that are written, as many as there is room for. */
function transformed(
  values: ArrayLike<number>,
  { way, from, source }: { way: number; from: number; source: Source | null },
  out: Float64Array,
): Float64Array {
  const length = Math.min(values.length - from, out.length)
  let last = 0
  let step = 0
  if (way === WAY.plain) for (let i = 0; i < length; i++) out[i] = values[from + i]!
  else if (way === WAY.source) {
    for (let i = 0; i < length; i++) out[i] = signed(values[from + i]! - source!.values[from + i]!)
  } else if (way === WAY.step) {
    for (let i = 0; i < length; i++) {
      const value = values[from + i]!
      out[i] = signed(value - last)
      last = value
    }
  } else if (way === WAY.fresh) {
    for (let i = 0; i < length; i++) {
      const value = values[from + i]!
      out[i] = signed(last - value)
      if (value >= last) last = value + 1
    }
  } else {
    for (let i = 0; i < length; i++) {
      const next = values[from + i]! - last
      out[i] = signed(next - step)
      step = next
      last += next
    }
  }
  return out
}

const counts = new Int32Array(256)
const seen = new Uint8Array(256)
/** n times the logarithm of n, for as many bytes as a sample can have. */
const N_LOG = Float64Array.from({ length: SAMPLE * 8 + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)))

/** Bytes that these numbers take when each byte is written by how often it occurs, roughly. */
function entropy(values: Float64Array, length: number): number {
  let total = 0
  let different = 0
  const count = (byte: number): void => {
    if (counts[byte]!++ === 0) seen[different++] = byte
    total++
  }
  for (let i = 0; i < length; i++) {
    let rest = values[i]!
    for (; rest >= 128; rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 128)) count((rest % 128) | 128)
    count(rest)
  }
  let bits = N_LOG[total]!
  for (let i = 0; i < different; i++) {
    const byte = seen[i]!
    bits -= N_LOG[counts[byte]!]!
    counts[byte] = 0
  }
  return bits / 8 + different * 0.6
}
