import type { Row } from '../row.js'
import { decodeRow, kindOf } from '../row-codec.js'
import { Coder, Damaged } from './coder.js'
import { Guesses } from './guesses.js'
import { packPool, unpackPool } from './pool.js'
import { type PackedRow, Rows } from './rows.js'
import { Texts } from './texts.js'

/*
 * flags u8 (1: times are compared) · rows u32 · first line (f64) · bytes of templates u32 · bytes of texts u32
 * · bytes of both as they are stored u32 · those · bits of the rows
 */
const HEAD_BYTES = 25
/** Rows of one block at most. */
export const MAX_BLOCK_ROWS = 65_536
/** Times up to here have differences that a number holds exactly. */
const COMPARABLE_NS = 2 ** 51

/** Whether the times of a row are near enough to others for their difference to be exact. */
function comparable(row: Row): boolean {
  const near = (ns: number | null): boolean => ns === null || Math.abs(ns) <= COMPARABLE_NS
  if (row.kind === 'call') return near(row.beginNs) && near(row.endNs)
  if (row.kind === 'operation') return near(row.operation.startNs) && near(row.operation.endNs)
  return near(row.atNs)
}

/** A block of rows: what is stored, and how much comes out of it. */
export function packRows(rows: readonly Row[], firstLine: number): { stored: Buffer; plainBytes: number } {
  const coder = new Coder(null)
  const guesses = new Guesses()
  const texts = new Texts(coder, guesses, null)
  const near = rows.every(comparable)
  const all = new Rows(coder, { guesses, texts, templates: null, left: Number.MAX_SAFE_INTEGER, comparable: near, firstLine })
  for (const row of rows) all.code(row, false)
  const templates = Buffer.from(all.lines.templates.pool, 'latin1')
  const pool = packPool(Buffer.concat([templates, texts.pool]))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt8(near ? 1 : 0, 0)
  head.writeUInt32LE(rows.length, 1)
  head.writeDoubleLE(firstLine, 5)
  head.writeUInt32LE(templates.length, 13)
  head.writeUInt32LE(texts.pool.length, 17)
  head.writeUInt32LE(pool.length, 21)
  return { stored: Buffer.concat([head, pool, coder.end()]), plainBytes: Number.MAX_SAFE_INTEGER - all.left + templates.length + texts.pool.length }
}

/**
 * The rows of a block.
 *
 * @throws Damaged
 */
export function* unpackRows(stored: Buffer, plainBytes: number, kinds?: ReadonlySet<Row['kind']>): Generator<Row> {
  if (stored.length < HEAD_BYTES) throw new Damaged()
  const count = stored.readUInt32LE(1)
  const templateBytes = stored.readUInt32LE(13)
  const textBytes = stored.readUInt32LE(17)
  const poolBytes = stored.readUInt32LE(21)
  if (count > MAX_BLOCK_ROWS || templateBytes + textBytes > plainBytes || poolBytes > stored.length - HEAD_BYTES) {
    throw new Damaged()
  }
  const pool = unpackPool(stored.subarray(HEAD_BYTES, HEAD_BYTES + poolBytes), templateBytes + textBytes)
  const coder = new Coder(stored.subarray(HEAD_BYTES + poolBytes))
  const guesses = new Guesses()
  const texts = new Texts(coder, guesses, pool.subarray(templateBytes))
  const rows = new Rows(coder, {
    guesses,
    texts,
    templates: pool.toString('latin1', 0, templateBytes),
    left: plainBytes - templateBytes - textBytes,
    comparable: (stored[0]! & 1) === 1,
    firstLine: stored.readDoubleLE(5),
  })
  const lines = kinds === undefined || kinds.has('line')
  for (let i = 0; i < count; i++) {
    const row = rowOf(rows.code(null, lines), kinds)
    if (row !== null) yield row
  }
}

function rowOf(packed: PackedRow, kinds: ReadonlySet<Row['kind']> | undefined): Row | null {
  if ('kind' in packed) return kinds === undefined || kinds.has('line') ? packed : null
  const kind = kindOf(packed)
  if (kind !== undefined && kinds && !kinds.has(kind)) return null
  const row = decodeRow(packed)
  if (row === null) throw new Damaged()
  return row
}
