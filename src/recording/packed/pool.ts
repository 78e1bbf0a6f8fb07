import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { Damaged } from './damaged.js'
import { DICTIONARY } from './dictionary.js'

/** How the texts of a block are packed. */
const METHOD = { plain: 0, deflate: 1, brotli: 2 } as const
/** Up to here brotli's best takes some milliseconds; it gains a tenth where little is said twice, columns of numbers mostly. */
const SMALL = 16 * 1024
const DENSE = 0.4
/** Up to here brotli makes do with tables of a few hundred kilobytes. */
const SMALL_WINDOW = 16

/** `best` for what is packed once; of a recording of many blocks each is packed `fast`. */
export type Effort = 'best' | 'fast'

/** The texts of a block, packed; the first byte says how. */
export function packPool(plain: Buffer, effort: Effort = 'best'): Buffer {
  const { length } = plain
  const best = effort === 'best'
  const tried = [tagged(METHOD.plain, plain)]
  // Of little text the dictionary knows the most.
  if (length <= 1024 || (best && length <= SMALL)) {
    tried.push(tagged(METHOD.deflate, deflateRawSync(plain, { level: 9, dictionary: DICTIONARY, memLevel: 9 })))
  }
  if (length > 1024) tried.push(best ? brotli(plain, length > SMALL ? 9 : 7, SMALL_WINDOW) : brotli(plain, 4))
  const found = shortest(tried)
  const dense = found.length > length * DENSE && length > 1024 && length <= SMALL
  return best && dense ? shortest([found, brotli(plain, 10)]) : found
}

const tagged = (method: number, bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([method]), bytes])

const shortest = (packed: readonly Buffer[]): Buffer =>
  packed.reduce((best, one) => (one.length < best.length ? one : best))

function brotli(plain: Buffer, quality: number, mostWindow = 22): Buffer {
  const window = Math.min(mostWindow, Math.max(16, Math.ceil(Math.log2(plain.length + 16))))
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    [constants.BROTLI_PARAM_LGWIN]: window,
  }
  return tagged(METHOD.brotli, brotliCompressSync(plain, { params }))
}

/**
 * What `packPool` was given.
 *
 * @throws Damaged when it is not of that length
 */
export function unpackPool(packed: Buffer, length: number): Buffer {
  const stored = packed.subarray(1)
  const limit = { maxOutputLength: Math.max(1, length) }
  let plain: Buffer
  try {
    if (packed[0] === METHOD.plain) plain = stored
    else if (packed[0] === METHOD.deflate) plain = inflateRawSync(stored, { ...limit, dictionary: DICTIONARY })
    else if (packed[0] === METHOD.brotli) plain = brotliDecompressSync(stored, limit)
    else throw new Damaged()
  } catch {
    throw new Damaged()
  }
  if (plain.length !== length) throw new Damaged()
  return plain
}
