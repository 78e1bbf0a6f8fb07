import type { Row } from '../../row.js'
import { decodeRow, KINDS, kindNumber, kindOf } from '../../row-codec.js'
import { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import { packPool, unpackPool } from '../pool.js'
import { Coder } from './coder.js'
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
/** A block is full with so many rows, characters, or values in rows that are no lines. */
const BLOCK_ROWS = 16_384
const BLOCK_CHARACTERS = 4 * 1024 * 1024
const BLOCK_ITEMS = 1_000_000
/** Times up to here have differences that a number holds exactly. */
const COMPARABLE_NS = 2 ** 51

/** Whether the times of a row are near enough to others for their difference to be exact. */
function isNear(row: Row): boolean {
  const near = (ns: number | null): boolean => ns === null || Math.abs(ns) <= COMPARABLE_NS
  if (row.kind === 'call') return near(row.beginNs) && near(row.endNs)
  if (row.kind === 'wait') return near(row.beginNs) && near(row.endNs) && near(row.sinceNs)
  if (row.kind === 'operation') return near(row.operation.startNs) && near(row.operation.endNs)
  return near(row.atNs)
}

/** Makes a block of rows, one after the other. */
export class BlockPacker {
  /** Rows so far. */
  count = 0
  readonly #coder = new Coder(null)
  readonly #operationCoder = new Coder(null)
  readonly #texts: Texts
  readonly #operationTexts: Texts
  readonly #rows: Rows
  readonly #near: boolean
  readonly #firstLine: number
  #kinds = 0

  /**
   * @param first the row that it is to begin with
   * @param firstLine lines in the blocks before
   */
  constructor(first: Row, firstLine: number) {
    const guesses = new Guesses()
    this.#near = isNear(first)
    this.#firstLine = firstLine
    this.#texts = new Texts(this.#coder, guesses, null)
    const operationGuesses = new Guesses()
    this.#operationTexts = new Texts(this.#operationCoder, operationGuesses, null)
    this.#rows = new Rows({
      coder: this.#coder,
      guesses,
      texts: this.#texts,
      templates: null,
      budget: new Budget(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      comparable: this.#near,
      firstLine,
      operations: { coder: this.#operationCoder, guesses: operationGuesses, texts: this.#operationTexts },
    })
  }

  /** What comes out of it again, in characters. */
  get plainBytes(): number {
    return Number.MAX_SAFE_INTEGER - this.#rows.budget.characters
  }

  /** Whether a row is better put into the next block. */
  isFull(row: Row): boolean {
    const { items } = this.#rows.budget
    const many = this.count >= BLOCK_ROWS || this.plainBytes >= BLOCK_CHARACTERS
    return many || Number.MAX_SAFE_INTEGER - items >= BLOCK_ITEMS || isNear(row) !== this.#near
  }

  add(row: Row): void {
    this.#kinds |= 1 << kindNumber(row.kind)
    this.#rows.code(row, false)
    this.count++
  }

  /** What is stored, and how much comes out of it. */
  end(): { stored: Buffer; plainBytes: number } {
    const templates = Buffer.from(this.#rows.lines.templates.pool, 'latin1')
    const [texts, operationTexts] = [this.#texts.pool, this.#operationTexts.pool]
    const pool = packPool(Buffer.concat([templates, texts, operationTexts]))
    const bits = this.#coder.end()
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(this.#near ? 1 : 0, 0)
    head.writeUInt32LE(this.#kinds, 1)
    head.writeUInt16LE(this.count, 5)
    head.writeUIntLE(this.#firstLine, 7, 6)
    for (const [i, { length }] of [templates, texts, operationTexts, pool, bits].entries()) {
      head.writeUInt32LE(length, LENGTHS_AT + i * 4)
    }
    head.writeUInt32LE(this.#coder.contexts, CONTEXTS_AT)
    head.writeUInt32LE(this.#operationCoder.contexts, CONTEXTS_AT + 4)
    const plainBytes = this.plainBytes + templates.length + texts.length + operationTexts.length
    return { stored: Buffer.concat([head, pool, bits, this.#operationCoder.end()]), plainBytes }
  }
}

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
    const packed = rows.code(null, lines)
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
  const coder = new Coder(stored.subarray(from, from + bits), stored.readUInt32LE(CONTEXTS_AT))
  const guesses = new Guesses()
  return new Rows({
    coder,
    guesses,
    texts: new Texts(coder, guesses, pool.subarray(templates, templates + texts)),
    templates: pool.toString('latin1', 0, templates),
    budget: new Budget(plainBytes - poolLength, maxItems),
    comparable: (stored[0]! & 1) === 1,
    firstLine: stored.readUIntLE(7, 6),
    operations: operations ? operationsOf(stored, from + bits, pool.subarray(templates + texts)) : null,
  })
}

function operationsOf(stored: Buffer, from: number, texts: Buffer): RowsOptions['operations'] {
  const coder = new Coder(stored.subarray(from), stored.readUInt32LE(CONTEXTS_AT + 4))
  const guesses = new Guesses()
  return { coder, guesses, texts: new Texts(coder, guesses, texts) }
}

function rowOf(packed: PackedRow, wanted: ReadonlyMap<Row['kind'], boolean>): Row | null {
  if ('kind' in packed) return wanted.get('line') ? packed : null
  const kind = kindOf(packed)
  if (kind === undefined || !wanted.get(kind)) return null
  const row = decodeRow(packed)
  if (row === null) throw new Damaged()
  return row
}
