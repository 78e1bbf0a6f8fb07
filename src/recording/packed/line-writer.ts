import type { LineRow } from '../row.js'
import type { ByteWriter } from './bytes.js'
import { costOf, writeColumn } from './column.js'
import { REPLACED, STREAMS, TERMINATED } from './layout.js'
import { PART, Scan } from './scan.js'
import type { TextWriter } from './text-pool.js'

const WAYS = 16
const MAX_TEMPLATES = 20_000
/** Templates that are tried before a line is taken to pieces. */
const GUESSES = 3

/** A place in lines of one kind where they may differ. */
export class Slot {
  readonly kind: number
  /** Slots of one key hold numbers of one meaning: `unique`, `nodeid`. */
  readonly key: string
  readonly first: number | string
  /** None while all are as the first. */
  values: number[] | null = null
  /** The text that was there last, and its number. */
  text = ''
  id = -1

  constructor(kind: number, key: string, first: number | string) {
    this.kind = kind
    this.key = key
    this.first = first
  }
}

/** What lines of one kind have in common. */
export interface LineTemplate {
  readonly id: number
  /** Its place among those of lines. */
  readonly at: number
  readonly way: number
  /** Of the first line: what it was, and where its parts stand. */
  readonly raw: string
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly kinds: readonly number[]
  readonly forms: readonly number[]
  /** What stands before each part, and after the last. */
  readonly literals: readonly string[]
  /** Of the parts; behind them, of lines in which something was replaced, how much longer they were. */
  readonly slots: readonly Slot[]
  count: number
  /** What comes before each part that differs, and after the last; see `Slot.values`. */
  pieces: readonly string[]
  /** The parts that differ, by their places. */
  varied: readonly number[]
  /** Templates that came after it, the latest first. */
  next: readonly LineTemplate[]
}

/** The lines of a block, by templates and variable parts. */
export class LineWriter {
  readonly #texts: TextWriter
  readonly #scan = new Scan()
  readonly #byHash: Map<number, LineTemplate>[] = Array.from({ length: WAYS }, () => new Map())
  /** Of lines that are one piece of text. */
  readonly #whole: (LineTemplate | undefined)[] = []
  readonly #nextId: (way: number) => number
  readonly templates: LineTemplate[] = []
  /** By lines. */
  readonly of: LineTemplate[] = []
  #last: LineTemplate | null = null
  /** By lines: how many of its template there were before. */
  readonly nth: number[] = []
  readonly times: number[] = []
  /** Of the line at hand: values of its parts, where they end. */
  readonly #values: number[] = []
  readonly #ends: number[] = []

  /** @param nextId the number of a new template */
  constructor(texts: TextWriter, nextId: (way: number) => number) {
    this.#texts = texts
    this.#nextId = nextId
  }

  /** The line's template. */
  add({ atNs, stream, raw, terminated, readBytes }: LineRow): LineTemplate {
    const way = STREAMS.indexOf(stream) * 2 + (terminated ? TERMINATED : 0) + (readBytes === undefined ? 0 : REPLACED)
    let template = this.#guess(raw, way)
    if (template === null) {
      template = this.#template(raw, way)
      this.#parts(template, raw)
      if (this.#last)
        this.#last.next = [template, ...this.#last.next.filter((one) => one !== template).slice(0, GUESSES - 1)]
    }
    this.#last = template
    if (readBytes !== undefined) this.#put(template, template.kinds.length, readBytes - raw.length)
    this.nth.push(template.count++)
    this.of.push(template)
    this.times.push(atNs)
    return template
  }

  #template(raw: string, way: number): LineTemplate {
    const scan = this.#scan
    if (scan.line(raw)) {
      const templates = this.#byHash[way]!
      const found = templates.get(scan.hash)
      if (found !== undefined) {
        if (fits(found, raw, scan)) return found
      } else if (this.templates.length < MAX_TEMPLATES) {
        const template = this.#grow(raw, way, scan)
        templates.set(scan.hash, template)
        return template
      }
    }
    scan.whole(raw.length)
    let whole = this.#whole[way]
    if (whole === undefined) {
      whole = this.#grow(raw, way, scan)
      // What it is may not stand in a template.
      whole.slots[0]!.values = []
      this.#whole[way] = whole
    }
    return whole
  }

  #grow(raw: string, way: number, scan: Scan): LineTemplate {
    const [kinds, forms] = [scan.kinds, scan.forms].map((all) => Array.from(all.subarray(0, scan.count)))
    const [from, to] = [scan.from, scan.to].map((all) => Array.from(all.subarray(0, scan.count)))
    const literals = from!.map((at, i) => raw.slice(i === 0 ? 0 : to![i - 1], at))
    const slots = kinds!.map((kind, i) => {
      const first = kind === PART.text ? raw.slice(from![i], to![i]) : scan.values[i]!
      return new Slot(kind, keyOf(kind, literals[i]!), first)
    })
    if (way & REPLACED) slots.push(new Slot(PART.number, 'replaced', Number.NaN))
    const template: LineTemplate = {
      ...{
        id: this.#nextId(way),
        at: this.templates.length,
        way,
        raw,
        from: from!,
        to: to!,
        kinds: kinds!,
        forms: forms!,
      },
      ...{ literals: [...literals, raw.slice(to!.at(-1) ?? 0)], slots, count: 0 },
      ...{ pieces: [raw], varied: [], next: [] },
    }
    this.templates.push(template)
    return template
  }

  #guess(raw: string, way: number): LineTemplate | null {
    if (this.#last === null) return null
    for (const guess of this.#last.next) if (guess.way === way && this.#follows(guess, raw)) return guess
    return null
  }

  /** Whether a line is of this template, by what is known of it; its parts are kept then. Most lines come as they came before. */
  #follows(template: LineTemplate, raw: string): boolean {
    const { pieces, varied, slots, forms } = template
    if (template === this.#whole[template.way]) return false
    const [values, ends] = [this.#values, this.#ends]
    let at = 0
    for (let i = 0; i < varied.length; i++) {
      const piece = pieces[i]!
      if (!raw.startsWith(piece, at)) return false
      const from = at + piece.length
      const slot = slots[varied[i]!]!
      at = this.#scan.part(raw, from, slot.kind, forms[varied[i]!]!)
      if (at < 0) return false
      ends[i] = at
      values[i] = slot.kind === PART.text ? from : this.#scan.value
    }
    const rest = pieces[varied.length]!
    if (at + rest.length !== raw.length || !raw.startsWith(rest, at)) return false
    for (let i = 0; i < varied.length; i++) {
      const slot = slots[varied[i]!]!
      slot.values!.push(slot.kind === PART.text ? this.#textId(slot, raw, values[i]!, ends[i]!) : values[i]!)
    }
    return true
  }

  /** Most texts are what stood there last. */
  #textId(slot: Slot, raw: string, from: number, to: number): number {
    if (to - from === slot.text.length && raw.startsWith(slot.text, from)) return slot.id
    slot.text = raw.slice(from, to)
    slot.id = this.#texts.id(slot.text)
    return slot.id
  }

  #parts(template: LineTemplate, raw: string): void {
    const { from, to, values, count } = this.#scan
    const { slots } = template
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!
      if (slot.kind !== PART.text) this.#put(template, i, values[i]!)
      else {
        const first = slot.first as string
        const as = slot.values === null && to[i]! - from[i]! === first.length && raw.startsWith(first, from[i])
        if (!as) this.#put(template, i, this.#textId(slot, raw, from[i]!, to[i]!))
      }
    }
  }

  #put(template: LineTemplate, at: number, value: number): void {
    const slot = template.slots[at]!
    if (slot.values === null) {
      if (value === slot.first) return
      slot.values = []
      const first = typeof slot.first === 'string' ? this.#texts.id(slot.first) : slot.first
      for (let i = 0; i < template.count; i++) slot.values.push(first)
      split(template)
    }
    slot.values.push(value)
  }

  /** The columns of all parts that differ. */
  end(out: ByteWriter): void {
    const keys = new Map<string, Slot[]>()
    const slots = this.templates.flatMap(varying)
    for (const slot of slots) {
      const group = keys.get(slot.key)
      if (group) group.push(slot)
      else keys.set(slot.key, [slot])
    }
    const sequences = this.#sequences(keys)
    const joined = new Map<string, number>()
    for (const [key, group] of keys) {
      if (group.length === 1) continue
      const apart = group.reduce((sum, { values }) => sum + costOf(values!) + 1, 0)
      if (costOf(sequences.get(key)!) < apart) joined.set(key, joined.size + 1)
    }
    for (const { key } of slots) out.number(joined.get(key) ?? 0)
    for (const key of joined.keys()) writeColumn(out, sequences.get(key)!)
    for (const { key, values } of slots) if (!joined.has(key)) writeColumn(out, values!)
  }

  /** What stands in all slots of a key, line by line. */
  #sequences(keys: ReadonlyMap<string, readonly Slot[]>): Map<string, number[]> {
    const sequences = new Map<string, number[]>()
    for (const [key, group] of keys) if (group.length > 1) sequences.set(key, [])
    const parts = this.templates.map((template) => {
      const some = varying(template).filter(({ key }) => sequences.has(key))
      return some.map(({ values, key }) => ({ values: values!, to: sequences.get(key)! }))
    })
    for (let line = 0; line < this.of.length; line++) {
      const some = parts[this.of[line]!.at]!
      for (let i = 0; i < some.length; i++) some[i]!.to.push(some[i]!.values[this.nth[line]!]!)
    }
    return sequences
  }
}

/** Parts that differ. */
export const varying = ({ slots }: LineTemplate): readonly Slot[] => slots.filter(({ values }) => values !== null)

/** The text of a template: what is the same in all its lines, and for each part that is not its kind, and its form where it has one. */
export function templateText({ raw, slots, from, to, kinds, forms }: LineTemplate): string {
  let text = ''
  let at = 0
  for (let i = 0; i < kinds.length; i++) {
    if (slots[i]!.values === null) continue
    text += raw.slice(at, from[i]) + String.fromCharCode(kinds[i]!)
    if (kinds[i]! >= PART.wide) text += String.fromCharCode(48 + forms[i]!)
    at = to[i]!
  }
  return text + raw.slice(at) + String.fromCharCode(PART.end)
}

/** Keeps what stands between the parts that differ. */
function split(template: LineTemplate): void {
  const { raw, slots, from, to } = template
  const varied = from.flatMap((_, i) => (slots[i]!.values === null ? [] : [i]))
  template.pieces = [...varied, -1].map((part, i) =>
    raw.slice(i === 0 ? 0 : to[varied[i - 1]!], from[part] ?? raw.length),
  )
  template.varied = varied
}

/** By the word before it. */
function keyOf(kind: number, literal: string): string {
  if (kind === PART.text) return 'text'
  if (kind === PART.time) return 'time'
  return /[A-Za-z_]+[^A-Za-z_]*$/.exec(literal.slice(-16))?.[0] ?? literal.slice(-4)
}

function fits({ literals, kinds, forms }: LineTemplate, raw: string, scan: Scan): boolean {
  if (kinds.length !== scan.count) return false
  let from = 0
  for (let i = 0; i < scan.count; i++) {
    const literal = literals[i]!
    if (kinds[i] !== scan.kinds[i] || forms[i] !== scan.forms[i]) return false
    if (from + literal.length !== scan.from[i] || !raw.startsWith(literal, from)) return false
    from = scan.to[i]!
  }
  const last = literals[scan.count]!
  return from + last.length === raw.length && raw.endsWith(last)
}
