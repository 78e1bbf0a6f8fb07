import { Damaged } from '../damaged.js'
import type { Decoder } from './decoder.js'

/** Contexts of the length of a number, in bits. */
export const LENGTH_CONTEXTS = 64
/** Of the length, and of the bits behind the leading one by length. */
export const NUMBER_CONTEXTS: number = LENGTH_CONTEXTS + 55 * 8
const SET_LENGTH = 1
const SET_TOP = 2
/** Bits behind the leading one whose chances are kept; the rest are plain. */
const TOP_BITS = 3

/**
 * An integer from 0 to 2^53.
 *
 * @param special LENGTH_CONTEXTS
 * @param general NUMBER_CONTEXTS
 */
export function readNumber(decoder: Decoder, special: number, general: number): number {
  const length = readLength(decoder, special, general)
  if (length <= 1) return length
  let value = 1
  let node = 1
  let left = length - 1
  const top = general + LENGTH_CONTEXTS + length * 8
  for (let i = 0; i < TOP_BITS && left > 0; i++) {
    left--
    const bit = decoder.bit(top + node, top + node, SET_TOP)
    node = node * 2 + bit
    value = value * 2 + bit
  }
  while (left > 0) {
    const count = Math.min(24, left)
    left -= count
    value = value * 2 ** count + decoder.plain(count)
  }
  return value
}

/** An integer of either sign. */
export function readSigned(decoder: Decoder, special: number, general: number): number {
  const sign = decoder.bit(special, general, SET_LENGTH)
  const size = readNumber(decoder, special, general)
  return sign === 1 ? -size : size
}

function readLength(decoder: Decoder, special: number, general: number): number {
  let node = 1
  for (let i = 0; i < 6; i++) node = node * 2 + decoder.bit(special + node, general + node, SET_LENGTH)
  const length = node - 64
  if (length > 54) throw new Damaged()
  return length
}
