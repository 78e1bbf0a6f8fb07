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
    const written = writtenAs(way, source)
    for (let i = 0; i < values.length; i++) out.number(written(values[i]!, i))
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
  const cost = (way: number, source: Source | null = null): number => {
    const written = writtenAs(way, source)
    for (let i = from; i < from + count; i++) tally(written(values[i]!, i))
    return (tallied() * length) / count
  }
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

/** The numbers that are written in the place of a column's, one after the other. */
function writtenAs(way: number, source: Source | null): (value: number, at: number) => number {
  let last = 0
  let step = 0
  switch (way) {
    case WAY.plain:
      return (value) => value
    case WAY.source:
      return (value, at) => signed(value - source!.values[at]!)
    case WAY.step:
      return (value) => {
        const passed = value - last
        last = value
        return signed(passed)
      }
    case WAY.fresh:
      return (value) => {
        const before = last - value
        if (value >= last) last = value + 1
        return signed(before)
      }
    default:
      return (value) => {
        const bent = value - last - step
        step = value - last
        last = value
        return signed(bent)
      }
  }
}

const counts = new Int32Array(256)
const seen = new Uint8Array(256)
let different = 0
let total = 0
/** n times the logarithm of n, for as many bytes as a sample can have. */
const N_LOG = Float64Array.from({ length: SAMPLE * 8 + 1 }, (_, n) => (n === 0 ? 0 : n * Math.log2(n)))

/** Counts the bytes that a number takes. */
function tally(number: number): void {
  let rest = number
  for (; rest >= 128; rest = rest < 2 ** 31 ? rest >>> 7 : Math.floor(rest / 128)) tallyByte((rest % 128) | 128)
  tallyByte(rest)
}

function tallyByte(byte: number): void {
  if (counts[byte]!++ === 0) seen[different++] = byte
  total++
}

/** Bytes that the numbers since the last call take when each byte is written by how often it occurs, roughly. */
function tallied(): number {
  let bits = N_LOG[total]!
  for (let i = 0; i < different; i++) {
    const byte = seen[i]!
    bits -= N_LOG[counts[byte]!]!
    counts[byte] = 0
  }
  const bytes = bits / 8 + different * 0.6
  different = 0
  total = 0
  return bytes
}
