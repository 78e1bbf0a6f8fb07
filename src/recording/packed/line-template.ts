import { REPLACED } from './layout.js'
import { PART, type Scan } from './scan.js'

/** A place in lines of one kind where they may differ. */
export class Slot {
  readonly kind: number
  readonly form: number
  /** Slots of one key hold numbers of one meaning: `unique`, `nodeid`. */
  readonly key: string
  readonly first: number | string
  /** None while all are as the first. */
  values: number[] | null = null
  /** The text that was there last, and its number. */
  text = ''
  id = -1

  constructor(kind: number, form: number, key: string, first: number | string) {
    this.kind = kind
    this.form = form
    this.key = key
    this.first = first
  }
}

/** What lines of one kind have in common. */
export class LineTemplate {
  /** Its number among all templates and shapes, and its place among the templates of lines. */
  readonly id: number
  readonly at: number
  readonly way: number
  /** Of the parts; behind them, of lines in which something was replaced, how much longer they were. */
  readonly slots: Slot[]
  count = 0
  /** What comes before each part that differs, and after the last. */
  pieces: readonly string[]
  /** The parts that differ. */
  varied: readonly Slot[] = []
  /** Templates that came after it, the latest first. */
  readonly next: LineTemplate[] = []
  /** Of the first line: what it was, and where its parts stand. */
  readonly #raw: string
  readonly #from: readonly number[]
  readonly #to: readonly number[]

  /** @param scan of its first line */
  constructor(raw: string, scan: Scan, { id, at, way }: { id: number; at: number; way: number }) {
    this.id = id
    this.at = at
    this.way = way
    this.#raw = raw
    this.#from = Array.from(scan.from.subarray(0, scan.count))
    this.#to = Array.from(scan.to.subarray(0, scan.count))
    this.pieces = [raw]
    this.slots = this.#from.map((from, i) => {
      const kind = scan.kinds[i]!
      const before = raw.slice(i === 0 ? 0 : this.#to[i - 1], from)
      const first = kind === PART.text ? raw.slice(from, this.#to[i]) : scan.values[i]!
      return new Slot(kind, scan.forms[i]!, keyOf(kind, before), first)
    })
    if (way & REPLACED) this.slots.push(new Slot(PART.number, 0, 'replaced', Number.NaN))
  }

  /** How many parts a line of it has, whether they differ or not. */
  get parts(): number {
    return this.#from.length
  }

  /** Whether a line of the same hash is of this kind. */
  fits(raw: string, { count, kinds, forms, from, to }: Scan): boolean {
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

  #same(raw: string, one: { at: number; to: number }, own: { at: number; to: number }): boolean {
    if (one.to - one.at !== own.to - own.at) return false
    for (let i = 0; i < one.to - one.at; i++) {
      if (raw.charCodeAt(one.at + i) !== this.#raw.charCodeAt(own.at + i)) return false
    }
    return true
  }

  /** The lines differ in this part from now on: those before had what `first` says. */
  vary(at: number, first: number): void {
    const slot = this.slots[at]!
    slot.values = new Array<number>(this.count).fill(first)
    const varied = this.#from.flatMap((_, i) => (this.slots[i]!.values === null ? [] : [i]))
    this.varied = varied.map((i) => this.slots[i]!)
    this.pieces = [...varied, -1].map((part, i) =>
      this.#raw.slice(i === 0 ? 0 : this.#to[varied[i - 1]!], this.#from[part] ?? this.#raw.length),
    )
  }

  /** All that is written as columns. */
  get columns(): readonly Slot[] {
    return this.slots.filter(({ values }) => values !== null)
  }

  /** What is the same in all its lines, and for each part that is not its kind, and its form where it has one. */
  get text(): string {
    let text = this.pieces[0]!
    for (const [i, { kind, form }] of this.varied.entries()) {
      text += String.fromCharCode(kind)
      if (kind >= PART.wide) text += String.fromCharCode(48 + form)
      text += this.pieces[i + 1]!
    }
    return text + String.fromCharCode(PART.end)
  }
}

/** By the word before it. */
function keyOf(kind: number, before: string): string {
  if (kind === PART.text) return 'text'
  if (kind === PART.time) return 'time'
  return /[A-Za-z_]+[^A-Za-z_]*$/.exec(before.slice(-16))?.[0] ?? before.slice(-4)
}
