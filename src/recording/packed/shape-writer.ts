import { pack } from '../pack.js'
import type { ByteWriter } from './bytes.js'
import { choose, type Source, writeColumn } from './column-writer.js'
import { LEAF } from './layout.js'
import type { TextWriter } from './text-pool.js'

/** A place in rows of one shape where they may differ. */
interface Slot {
  readonly leaf: number
  readonly first: number | string
  /** None while all are as the first. */
  values: number[] | null
}

/** What rows of one kind have in common. */
export interface Shape {
  readonly id: number
  readonly tuple: readonly unknown[]
  readonly slots: Slot[]
  count: number
  /** Where they came, as the caller counts. */
  readonly rows: number[]
}

/** What is part of a shape; the lower numbers are those of `LEAF`. */
const MARK = { null: 4, true: 5, false: 6, list: 7, map: 8, end: 9 } as const

/** A shape is a way through a tree: what comes next in a row leads on. */
class Step {
  shape: Shape | null = null
  readonly #next: Step[] = []
  #named: Map<string, Step> | null = null

  next(mark: number): Step {
    let step = this.#next[mark]
    if (step === undefined) {
      step = new Step()
      this.#next[mark] = step
    }
    return step
  }

  named(name: string): Step {
    this.#named ??= new Map()
    let step = this.#named.get(name)
    if (step === undefined) {
      step = new Step()
      this.#named.set(name, step)
    }
    return step
  }
}

/** Rows as shapes and what differs in them. */
export class ShapeWriter {
  readonly #texts: TextWriter
  readonly #nextId: () => number
  readonly #root = new Step()
  /** Values so far, and characters of their texts. */
  items = 0
  characters = 0
  readonly shapes: Shape[] = []
  readonly #kinds: number[] = []
  readonly #values: (number | string)[] = []
  #step: Step = this.#root

  constructor(texts: TextWriter, nextId: () => number) {
    this.#texts = texts
    this.#nextId = nextId
  }

  /**
   * The row's shape.
   *
   * @param selector what says most of what the rest is
   * @param at where it came
   */
  add(tuple: readonly unknown[], selector: unknown, at: number): Shape {
    this.#step = this.#root.named(String(tuple[0])).named(String(selector))
    this.#kinds.length = 0
    this.#values.length = 0
    for (let i = 0; i < tuple.length; i++) this.#walk(tuple[i])
    let { shape } = this.#step
    if (shape === null) {
      shape = { id: this.#nextId(), tuple, slots: this.#slots(), count: 0, rows: [] }
      this.shapes.push(shape)
      this.#step.shape = shape
    }
    for (let i = 0; i < this.#values.length; i++) this.#put(shape.slots[i]!, this.#values[i]!, shape.count)
    shape.count++
    shape.rows.push(at)
    return shape
  }

  #walk(value: unknown): void {
    this.items++
    if (value === null || value === undefined) this.#to(MARK.null)
    else if (typeof value === 'number') {
      this.#to(LEAF.number)
      this.#kinds.push(LEAF.number)
      this.#values.push(value)
    } else if (typeof value === 'string') {
      this.#to(LEAF.text)
      this.#kinds.push(LEAF.text)
      this.#values.push(value)
      this.characters += value.length
    } else if (typeof value === 'boolean') this.#to(value ? MARK.true : MARK.false)
    else if (Array.isArray(value)) {
      this.#to(MARK.list)
      for (let i = 0; i < value.length; i++) this.#walk(value[i])
      this.#to(MARK.end)
    } else this.#object(value)
  }

  #object(value: unknown): void {
    const leaf = leafOf(value)
    if (leaf !== null) this.#leaf(leaf, value)
    else {
      this.#to(MARK.map)
      for (const [key, item] of Object.entries(value as object)) {
        this.items++
        this.#step = this.#step.named(key)
        this.#walk(item)
      }
      this.#to(MARK.end)
    }
  }

  #to(mark: number): void {
    this.#step = this.#step.next(mark)
  }

  #leaf(leaf: number, value: unknown): void {
    this.#to(leaf)
    const bytes = leaf === LEAF.bytes ? Buffer.from(value as Uint8Array) : pack(value)
    const first = bytes.toString('latin1')
    this.characters += first.length
    this.#kinds.push(leaf)
    this.#values.push(first)
  }

  #slots(): Slot[] {
    return this.#values.map((first, i) => {
      const leaf = this.#kinds[i]!
      // Bytes cannot stand in a pattern, nor can what MessagePack takes for another.
      const never = leaf === LEAF.bytes || leaf === LEAF.packed || Object.is(first, -0)
      return { leaf, first, values: never ? [] : null }
    })
  }

  #put(slot: Slot, value: number | string, count: number): void {
    if (slot.values === null) {
      if (Object.is(value, slot.first)) return
      const first = this.#number(slot.first)
      slot.values = Array.from({ length: count }, () => first)
    }
    slot.values.push(this.#number(value))
  }

  #number(value: number | string): number {
    return typeof value === 'string' ? this.#texts.id(value) : value
  }

  /** All that the shapes' rows have in common. */
  patterns(): Buffer {
    return pack(
      this.shapes.map(({ tuple, slots }) => {
        let next = 0
        const pattern = (value: unknown): unknown => {
          const slot = leafOf(value) === null ? undefined : slots[next++]
          if (slot !== undefined) return slot.values === null ? value : Buffer.from([slot.leaf])
          if (Array.isArray(value)) return value.map(pattern)
          if (typeof value !== 'object' || value === null) return value ?? null
          return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pattern(item)]))
        }
        return tuple.map(pattern)
      }),
    )
  }

  /** The columns of what differs. */
  end(out: ByteWriter, sourcesOf?: (shape: Shape) => readonly Source[]): void {
    for (const shape of this.shapes) {
      const slots = shape.slots.filter(({ values }) => values !== null)
      const sources = slots.length > 0 && sourcesOf ? sourcesOf(shape) : []
      for (const { leaf, values } of slots) {
        const column = leaf === LEAF.number ? values! : values!.map((id) => this.#texts.final(id))
        writeColumn(out, column, choose(column, sources))
      }
    }
  }
}

/** Null for what is part of a shape. */
function leafOf(value: unknown): number | null {
  switch (typeof value) {
    case 'number':
      return LEAF.number
    case 'string':
      return LEAF.text
    case 'boolean':
    case 'undefined':
      return null
    case 'object': {
      if (value === null || Array.isArray(value)) return null
      if (value instanceof Uint8Array) return LEAF.bytes
      const prototype = Object.getPrototypeOf(value)
      const plain = prototype === Object.prototype || prototype === null
      return plain && !Object.hasOwn(value, '__proto__') ? null : LEAF.packed
    }
    default:
      return LEAF.packed
  }
}
