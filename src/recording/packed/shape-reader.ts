import { unpack } from '../unpack.js'
import type { Budget } from './budget.js'
import type { ByteReader } from './bytes.js'
import { readColumn, type SourceOf } from './column-reader.js'
import { Damaged } from './damaged.js'
import { LEAF } from './layout.js'
import type { TextReader } from './text-pool.js'

/** A place in a pattern where rows differ. */
class Slot {
  readonly leaf: number
  values: Float64Array = new Float64Array(0)

  constructor(leaf: number) {
    this.leaf = leaf
  }
}

/** What rows of one kind have in common. */
export interface Pattern {
  readonly kind: number
  /** The row, with a `Slot` where it differs. */
  readonly row: readonly unknown[]
  /** Its items that are slots or hold something. */
  readonly made: readonly number[]
  readonly slots: readonly Slot[]
  /** Values of one row. */
  readonly items: number
}

/** @throws Damaged */
export function readPatterns(bytes: Buffer, count: number, maxItems: number): Pattern[] {
  const patterns = count === 0 ? [] : unpack(bytes, maxItems)
  if (!Array.isArray(patterns) || patterns.length !== count) throw new Damaged()
  return patterns.map((tuple) => {
    if (!Array.isArray(tuple) || !Number.isSafeInteger(tuple[0])) throw new Damaged()
    const slots: Slot[] = []
    let items = 0
    const parse = (value: unknown): unknown => {
      items++
      if (value instanceof Uint8Array) {
        const slot = new Slot(value[0] ?? LEAF.number)
        slots.push(slot)
        return slot
      }
      if (Array.isArray(value)) return value.map(parse)
      if (typeof value !== 'object' || value === null) return value
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, parse(item)]))
    }
    const row = tuple.map(parse)
    const made = row.flatMap((value, at) => (typeof value === 'object' && value !== null ? [at] : []))
    return { kind: row[0] as number, row, made, slots, items }
  })
}

/** Reads the columns of patterns, which have so many rows each. */
export function readSlots(
  bytes: ByteReader,
  { slots }: Pattern,
  { count, budget, sourceOf }: { count: number; budget: Budget; sourceOf?: SourceOf },
): void {
  for (const slot of slots) {
    budget.takeItems(count)
    slot.values = readColumn(bytes, count, sourceOf)
  }
}

/** Makes rows of patterns. */
export class RowMaker {
  readonly #texts: TextReader
  readonly #budget: Budget

  constructor(texts: TextReader, budget: Budget) {
    this.#texts = texts
    this.#budget = budget
  }

  /** The nth row of a pattern. */
  row({ row, made, items }: Pattern, nth: number): unknown[] {
    this.#budget.takeItems(items)
    const tuple = [...row]
    for (let i = 0; i < made.length; i++) tuple[made[i]!] = this.#value(row[made[i]!], nth)
    return tuple
  }

  #value(node: unknown, nth: number): unknown {
    if (node instanceof Slot) return this.#leaf(node.leaf, node.values[nth]!)
    if (typeof node !== 'object' || node === null) return node
    if (Array.isArray(node)) {
      const list: unknown[] = []
      for (let i = 0; i < node.length; i++) list.push(this.#value(node[i], nth))
      return list
    }
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, this.#value(item, nth)]))
  }

  #leaf(leaf: number, value: number): unknown {
    if (leaf === LEAF.number) return value
    const text = this.#texts.text(value)
    if (leaf === LEAF.text) return text
    const bytes = Buffer.from(text, 'latin1')
    if (leaf === LEAF.bytes) return bytes
    if (leaf === LEAF.packed) return unpack(bytes, this.#budget.items) ?? null
    throw new Damaged()
  }
}
