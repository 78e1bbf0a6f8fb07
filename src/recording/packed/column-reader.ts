import type { ByteReader } from './bytes.js'
import { Damaged } from './damaged.js'

/*
 * A column is a byte that says how, and numbers: 0 all are the one that follows · 1 as they are · 2 steps from one to the next ·
 * 3 how far below the next new highest · 4 steps of steps · 5 steps from another column, whose number follows · 6 doubles.
 * Steps are written as 0, -1, 1, -2, 2 … = 0, 1, 2, 3, 4 …
 */
export const WAY = { same: 0, plain: 1, step: 2, fresh: 3, bend: 4, source: 5, double: 6 } as const

const unsigned = (value: number): number =>
  value < 2 ** 31 ? (value >>> 1) ^ -(value & 1) : value % 2 === 0 ? value / 2 : -(value + 1) / 2

/** Columns of which another may be made; undefined for a number that none has. */
export type SourceOf = (source: number) => ArrayLike<number> | undefined

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
