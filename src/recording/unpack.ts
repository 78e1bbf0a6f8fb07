import { Unpackr } from 'msgpackr/unpack'

/*
 * Records, extensions and shared structures are off, here and in pack.ts: what is read comes from anywhere, and msgpackr would
 * compile functions for records. `sound` refuses them before msgpackr sees a byte.
 */
const unpackr = new Unpackr({ useRecords: false, moreTypes: false, mapsAsObjects: true })

/** There are more values than are taken. */
export class TooManyItems extends Error {}

/**
 * What was packed; undefined when the bytes are not one whole plain MessagePack value.
 *
 * @throws TooManyItems
 */
export function unpack(bytes: Buffer, maxItems: number = Number.POSITIVE_INFINITY): unknown {
  if (!sound(bytes, maxItems)) return undefined
  try {
    return unpackr.unpack(bytes)
  } catch {
    return undefined
  }
}

const MAX_DEPTH = 64
const PROTO = Buffer.from('__proto__')

/**
 * Walks a MessagePack value without building it: one whole value, no extension types, every length within the bytes that
 * are there, keys that are text and none that sets a prototype, bounded depth.
 */
function sound(bytes: Buffer, maxItems: number): boolean {
  let at = 0
  let left = maxItems
  /** Values that are still to come on each level; keys of maps are negative turns. */
  const rest: number[] = [1]
  const isMap: boolean[] = [false]
  while (rest.length > 0) {
    const level = rest.length - 1
    if (rest[level] === 0) {
      rest.pop()
      isMap.pop()
      continue
    }
    const key = isMap[level] === true && (rest[level] as number) % 2 === 0
    rest[level] = (rest[level] as number) - 1
    if (at >= bytes.length) return false
    const token = bytes[at++] as number
    let text = -1
    let items = -1
    let map = false
    if (token < 0x80 || token >= 0xe0) {
      // a small number
    } else if (token < 0x90) {
      items = token & 15
      map = true
    } else if (token < 0xa0) items = token & 15
    else if (token < 0xc0) text = token & 31
    else {
      const size = SIZES[token - 0xc0]
      if (size === undefined || size < 0 || at + size > bytes.length) return false
      const length = size === 0 ? 0 : size === 1 ? (bytes[at] as number) : size === 2 ? bytes.readUInt16BE(at) : 0
      const wide = size === 4 ? bytes.readUInt32BE(at) : length
      at += size
      if (token >= 0xc4 && token <= 0xc6) {
        if (key || wide > bytes.length - at) return false
        at += wide
      } else if (token >= 0xd9 && token <= 0xdb) text = wide
      else if (token === 0xdc || token === 0xdd) items = wide
      else if (token === 0xde || token === 0xdf) {
        items = wide
        map = true
      }
    }
    if (text >= 0) {
      if (text > bytes.length - at) return false
      if (key && text === PROTO.length && bytes.subarray(at, at + text).equals(PROTO)) return false
      at += text
    } else if (key) return false
    if (items >= 0) {
      const values = map ? items * 2 : items
      // Every value takes a byte at least.
      if (values > bytes.length - at || rest.length >= MAX_DEPTH) return false
      left -= values
      if (left < 0) throw new TooManyItems()
      rest.push(values)
      isMap.push(map)
    }
  }
  return at === bytes.length
}

/** Bytes after the tokens 0xc0 to 0xdf: of the number, or of the length; -1 for what is refused (extensions). */
const SIZES: readonly number[] = [
  0, -1, 0, 0, 1, 2, 4, -1, -1, -1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, -1, -1, -1, -1, -1, 1, 2, 4, 2, 4, 2, 4,
]
