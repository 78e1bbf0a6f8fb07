import { Damaged } from '../damaged.js'
import type { Coder } from './coder.js'

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
export function codeNumber(coder: Coder, special: number, general: number, given: number): number {
  const length = codeLength(coder, special, general, bitsOf(given))
  if (length <= 1) return length
  let value = 1
  let node = 1
  let left = length - 1
  const top = general + LENGTH_CONTEXTS + length * 8
  for (let i = 0; i < TOP_BITS && left > 0; i++) {
    left--
    const bit = coder.bit(top + node, top + node, SET_TOP, bitAt(given, left))
    node = node * 2 + bit
    value = value * 2 + bit
  }
  while (left > 0) {
    const count = Math.min(24, left)
    left -= count
    value = value * 2 ** count + coder.plain(count, Math.floor(given / 2 ** left) % 2 ** count)
  }
  return value
}

/** An integer of either sign. */
export function codeSigned(coder: Coder, special: number, general: number, given: number): number {
  const sign = coder.bit(special, general, SET_LENGTH, given < 0 ? 1 : 0)
  const size = codeNumber(coder, special, general, Math.abs(given))
  return sign === 1 ? -size : size
}

function codeLength(coder: Coder, special: number, general: number, given: number): number {
  let node = 1
  for (let i = 5; i >= 0; i--) {
    node = node * 2 + coder.bit(special + node, general + node, SET_LENGTH, (given >>> i) & 1)
  }
  const length = node - 64
  if (length > 54) throw new Damaged()
  return length
}

function bitsOf(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32))
}

const bitAt = (value: number, at: number): number => (at < 31 ? (value >>> at) & 1 : Math.floor(value / 2 ** at) % 2)
