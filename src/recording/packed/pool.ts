import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { Damaged } from './damaged.js'
import { DICTIONARY } from './dictionary.js'

/** How the texts of a block are packed. */
const METHOD = { plain: 0, deflate: 1, brotli: 2 } as const
/** Up to here the best packing takes a few milliseconds. */
const SMALL = 64 * 1024

/** `best` for what is small and packed once; of a recording of many blocks each is packed `fast`. */
export type Effort = 'best' | 'fast'

/** The texts of a block, packed; the first byte says how. */
export function packPool(plain: Buffer, effort: Effort = 'best'): Buffer {
  const tried = [Buffer.concat([Buffer.from([METHOD.plain]), plain])]
  const best = effort === 'best' && plain.length < SMALL
  // Of little text the dictionary knows the most.
  if (plain.length <= 1024 || best) {
    const deflated = deflateRawSync(plain, { level: 9, dictionary: DICTIONARY, memLevel: 9 })
    tried.push(Buffer.concat([Buffer.from([METHOD.deflate]), deflated]))
  }
  if (plain.length > 1024) {
    const window = Math.min(22, Math.max(16, Math.ceil(Math.log2(plain.length + 16))))
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: best ? 10 : effort === 'best' ? 6 : 4,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
      [constants.BROTLI_PARAM_LGWIN]: window,
    }
    tried.push(Buffer.concat([Buffer.from([METHOD.brotli]), brotliCompressSync(plain, { params })]))
  }
  return tried.reduce((best, one) => (one.length < best.length ? one : best))
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
