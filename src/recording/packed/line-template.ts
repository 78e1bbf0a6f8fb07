import { REPLACED } from './layout.js'
import { PART, type Scan } from './scan.js'

/** A place in lines of one kind where they may differ. */
export class Slot {
  readonly kind: number
  readonly form: number
  /** Slots of one key hold numbers of one meaning: `unique`, `nodeid`. Known when they differ. */
  key = ''
  /** The number that stood there first; of no meaning for a text, which the template has. */
  readonly first: number
  /** None while all are as the first. */
  values: number[] | null = null
  /** Of a text: the number of the one that was there last. */
  id = -1

  constructor(kind: number, form: number, first: number) {
    this.kind = kind
    this.form = form
    this.first = first
  }
}

/** What lines of one kind have in common. */
export class LineTemplate {
  /** Its number among all templates and shapes of the block, and its place among the templates of lines; -1 while no line has it. */
  id = -1
  at = -1
  readonly way: number
  /** Of the parts; behind them, of lines in which something was replaced, how much longer they were. */
  readonly slots: Slot[]
  count = 0
  /** How much of the program comes after the last part that differs. */
  tail = 0
  /** The parts that differ, as the program has been laid last. */
  varied: readonly Slot[] = []
  /** Templates that came after it, the latest first. */
  readonly next: LineTemplate[] = []
  /** The first line, and where its parts stand. */
  readonly #raw: Uint8Array
  readonly #from: readonly number[]
  readonly #to: readonly number[]
  #program: Uint8Array | null = null

  /**
   * @param raw its first line
   * @param scan of it
   */
  constructor(raw: Uint8Array, scan: Scan, way: number) {
    this.way = way
    this.#raw = Uint8Array.from(raw)
    this.#from = Array.from(scan.from.subarray(0, scan.count))
    this.#to = Array.from(scan.to.subarray(0, scan.count))
    this.slots = this.#from.map((_, i) => new Slot(scan.kinds[i]!, scan.forms[i]!, scan.values[i]!))
    if (way & REPLACED) this.slots.push(new Slot(PART.number, 0, Number.NaN))
  }

  /** Forgets the lines of a block. What differed in them counts as different in the next one, too. */
  reset(): void {
    this.count = 0
    this.id = -1
    this.at = -1
    for (const slot of this.slots) {
      slot.id = -1
      if (slot.values !== null) slot.values = []
    }
  }

  /** Bytes that it keeps, roughly. */
  get size(): number {
    return this.#raw.length + this.parts * 64 + 256
  }

  /** How many parts a line of it has, whether they differ or not. */
  get parts(): number {
    return this.#from.length
  }

  /** What the first line has in a part. */
  first(part: number): Uint8Array {
    return this.#raw.subarray(this.#from[part], this.#to[part])
  }

  /** Whether the first line has this in a part. */
  isFirst(part: number, text: Uint8Array): boolean {
    return this.#same(text, { at: 0, to: text.length }, { at: this.#from[part]!, to: this.#to[part]! })
  }

  /** Whether a line of the same hash is of this kind. */
  fits(raw: Uint8Array, { count, kinds, forms, from, to }: Scan): boolean {
    if (count !== this.parts) return false
    let [at, own] = [0, 0]
    for (let i = 0; i < count; i++) {
      const { kind, form } = this.slots[i]!
      if (kind !== kinds[i] || form !== forms[i]) return false
      if (!this.#same(raw, { at, to: from[i]! }, { at: own, to: this.#from[i]! })) return false
      at = to[i]!
      own = this.#to[i]!
    }
    return this.#same(raw, { at, to: raw.length }, { at: own, to: this.#raw.length })
  }

  #same(raw: Uint8Array, one: { at: number; to: number }, own: { at: number; to: number }): boolean {
    if (one.to - one.at !== own.to - own.at) return false
    for (let i = 0; i < one.to - one.at; i++) if (raw[one.at + i] !== this.#raw[own.at + i]) return false
    return true
  }

  /** The lines differ in this part from now on: those before had what `first` says. */
  vary(at: number, first: number): void {
    const slot = this.slots[at]!
    slot.values = new Array<number>(this.count).fill(first)
    this.#program = null
    const before = this.#raw.subarray(at === 0 ? 0 : this.#to[at - 1], this.#from[at])
    slot.key = at === this.parts ? 'replaced' : keyOf(slot.kind, latin1(before))
  }

  /** What all have in common, and where they differ the kind of what stands there. */
  get program(): Uint8Array {
    this.#program ??= this.#laid()
    return this.#program
  }

  #laid(): Uint8Array {
    const raw = this.#raw
    const program = new Uint8Array(raw.length + this.parts)
    const varied: Slot[] = []
    let length = 0
    let at = 0
    for (let i = 0; i < this.parts; i++) {
      const slot = this.slots[i]!
      if (slot.values === null) continue
      for (; at < this.#from[i]!; at++) program[length++] = raw[at]!
      program[length++] = slot.kind
      at = this.#to[i]!
      varied.push(slot)
    }
    this.varied = varied
    this.tail = raw.length - at
    for (; at < raw.length; at++) program[length++] = raw[at]!
    return program.subarray(0, length)
  }

  /** All that is written as columns. */
  get columns(): readonly Slot[] {
    return this.slots.filter(({ values }) => values !== null)
  }

  /** The program; behind the kinds their forms where they have one. */
  get text(): string {
    const { program } = this
    const { varied } = this
    let text = ''
    let at = 0
    let next = 0
    for (let i = 0; i < program.length; i++) {
      if (program[i]! >= PART.end) continue
      const { kind, form } = varied[next++]!
      text += `${latin1(program.subarray(at, i + 1))}${kind >= PART.wide ? String.fromCharCode(48 + form) : ''}`
      at = i + 1
    }
    return text + latin1(program.subarray(at)) + String.fromCharCode(PART.end)
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/** By the word before it. */
function keyOf(kind: number, before: string): string {
  if (kind === PART.text) return 'text'
  if (kind === PART.time) return 'time'
  return /[A-Za-z_]+[^A-Za-z_]*$/.exec(before.slice(-16))?.[0] ?? before.slice(-4)
}
