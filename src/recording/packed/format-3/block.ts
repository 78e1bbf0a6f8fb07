import type { Row } from '../../row.js'
import { decodeRow, KINDS, kindOf } from '../../row-codec.js'
import { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import { unpackPool } from '../pool.js'
import { Decoder } from './decoder.js'
import { Guesses } from './guesses.js'
import { type PackedRow, Rows, type RowsOptions } from './rows.js'
import { Texts } from './texts.js'

/*
 * flags u8 (1: times are compared with those before) · kinds of rows u32, a bit each · rows u16 · lines in the blocks before u48
 * · five lengths u32: templates, texts, texts of operations, all three as they are stored, bits of the rows
 * · contexts of the rows u32, of the operations u32
 * · stored texts · bits of the rows · bits of the operations
 */
const HEAD_BYTES = 41
const LENGTHS_AT = 13
const CONTEXTS_AT = 33
/** Whether rows of a kind are wanted. */
export type Wanted = (kind: Row['kind']) => boolean

/**
 * The rows of a block.
 *
 * @param wanted only these; a block that has none of them is not unpacked
 * @param maxItems values in it at most
 * @throws Damaged; TooManyItems
 */
export function* unpackRows(
  stored: Buffer,
  plainBytes: number,
  { wanted = () => true, maxItems }: { wanted?: Wanted | undefined; maxItems: number },
): Generator<Row> {
  if (stored.length < HEAD_BYTES) throw new Damaged()
  const mask = stored.readUInt32LE(1)
  const kinds = new Map(KINDS.map((kind) => [kind, wanted(kind)]))
  if (!KINDS.some((kind, i) => mask & (1 << i) && kinds.get(kind))) return
  const count = stored.readUInt16LE(5)
  const rows = rowsOf(stored, plainBytes, maxItems, kinds.get('operation') === true)
  const lines = kinds.get('line') === true
  for (let i = 0; i < count; i++) {
    const packed = rows.read(lines)
    if (packed === null) continue
    const row = rowOf(packed, kinds)
    if (row !== null) yield row
  }
}

function rowsOf(stored: Buffer, plainBytes: number, maxItems: number, operations: boolean): Rows {
  const lengths = [0, 1, 2, 3, 4].map((i) => stored.readUInt32LE(LENGTHS_AT + i * 4))
  const [templates, texts, operationTexts, poolBytes, bits] = lengths as [number, number, number, number, number]
  const poolLength = templates + texts + operationTexts
  if (poolLength > plainBytes || poolBytes + bits > stored.length - HEAD_BYTES) throw new Damaged()
  const pool = unpackPool(stored.subarray(HEAD_BYTES, HEAD_BYTES + poolBytes), poolLength)
  const from = HEAD_BYTES + poolBytes
  const decoder = new Decoder(stored.subarray(from, from + bits), stored.readUInt32LE(CONTEXTS_AT))
  const guesses = new Guesses()
  return new Rows({
    decoder,
    guesses,
    texts: new Texts(decoder, guesses, pool.subarray(templates, templates + texts)),
    templates: pool.toString('latin1', 0, templates),
    budget: new Budget(plainBytes - poolLength, maxItems),
    comparable: (stored[0]! & 1) === 1,
    firstLine: stored.readUIntLE(7, 6),
    operations: operations ? operationsOf(stored, from + bits, pool.subarray(templates + texts)) : null,
  })
}

function operationsOf(stored: Buffer, from: number, texts: Buffer): RowsOptions['operations'] {
  const decoder = new Decoder(stored.subarray(from), stored.readUInt32LE(CONTEXTS_AT + 4))
  const guesses = new Guesses()
  return { decoder, guesses, texts: new Texts(decoder, guesses, texts) }
}

function rowOf(packed: PackedRow, wanted: ReadonlyMap<Row['kind'], boolean>): Row | null {
  if ('kind' in packed) return wanted.get('line') ? packed : null
  const kind = kindOf(packed)
  if (kind === undefined || !wanted.get(kind)) return null
  const row = decodeRow(packed)
  if (row === null) throw new Damaged()
  return row
}
