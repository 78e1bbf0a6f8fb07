import type { LineRow } from '../row.js'
import { REPLACED, STREAMS, TERMINATED } from './layout.js'
import { LineTemplate, type Slot } from './line-template.js'
import { MAX_PARTS, PART, Scan } from './scan.js'
import type { TextWriter } from './text-pool.js'

const WAYS = 16
const MAX_TEMPLATES = 20_000
/** Templates that are tried before a line is taken to pieces. */
const GUESSES = 6

/** The lines of a block, by templates and variable parts. */
export class LineWriter {
  readonly #texts: TextWriter
  readonly #scan = new Scan()
  readonly #byHash: Map<number, LineTemplate>[] = Array.from({ length: WAYS }, () => new Map())
  /** Of lines that are one piece of text. */
  readonly #whole: (LineTemplate | undefined)[] = []
  readonly #nextId: (way: number) => number
  #last: LineTemplate | null = null
  /** Of the line at hand: values of its parts, where they begin and end. */
  readonly #values = new Float64Array(MAX_PARTS)
  readonly #ends = new Int32Array(MAX_PARTS)
  readonly templates: LineTemplate[] = []
  /** By lines: the template, how many of it there were before, and the time. */
  readonly of: LineTemplate[] = []
  readonly nth: number[] = []
  readonly times: number[] = []

  /** @param nextId the number of a new template */
  constructor(texts: TextWriter, nextId: (way: number) => number) {
    this.#texts = texts
    this.#nextId = nextId
  }

  /** The line's template. */
  add({ atNs, stream, raw, terminated, readBytes }: LineRow): LineTemplate {
    const way = STREAMS.indexOf(stream) * 2 + (terminated ? TERMINATED : 0) + (readBytes === undefined ? 0 : REPLACED)
    const template = this.#guess(raw, way) ?? this.#takenToPieces(raw, way)
    if (this.#last !== null) toFront(this.#last.next, template)
    this.#last = template
    if (readBytes !== undefined) this.#put(template, template.parts, readBytes - raw.length)
    this.nth.push(template.count++)
    this.of.push(template)
    this.times.push(atNs)
    return template
  }

  /** Most lines come as they came before. */
  #guess(raw: string, way: number): LineTemplate | null {
    const next = this.#last?.next
    if (next === undefined) return null
    for (let i = 0; i < next.length; i++) {
      const template = next[i]!
      if (template.way === way && this.#follows(template, raw)) return template
    }
    return null
  }

  /** Whether a line is of this template, by what is known of it; its parts are kept then. */
  #follows(template: LineTemplate, raw: string): boolean {
    if (template === this.#whole[template.way]) return false
    const { pieces, varied } = template
    const rest = pieces[varied.length]!
    const end = raw.length - rest.length
    if (end < 0 || !raw.startsWith(rest, end)) return false
    let at = 0
    for (let i = 0; i < varied.length; i++) {
      const piece = pieces[i]!
      if (!raw.startsWith(piece, at)) return false
      at += piece.length
      const slot = varied[i]!
      const text = slot.kind === PART.text
      if (text) this.#values[i] = at
      at =
        text && slot.id >= 0 && this.#scan.isText(raw, at, slot.text)
          ? at + slot.text.length
          : this.#part(slot, raw, at)
      if (at < 0) return false
      this.#ends[i] = at
      if (!text) this.#values[i] = this.#scan.value
    }
    if (at !== end) return false
    for (let i = 0; i < varied.length; i++) {
      const slot = varied[i]!
      const value = this.#values[i]!
      slot.values!.push(slot.kind === PART.text ? this.#textId(slot, raw, value, this.#ends[i]!) : value)
    }
    return true
  }

  #part({ kind, form }: Slot, raw: string, from: number): number {
    return this.#scan.part(raw, from, kind, form)
  }

  #takenToPieces(raw: string, way: number): LineTemplate {
    const template = this.#template(raw, way)
    const { from, to, values } = this.#scan
    for (let i = 0; i < template.parts; i++) {
      const slot = template.slots[i]!
      if (slot.kind !== PART.text) this.#put(template, i, values[i]!)
      else if (slot.values !== null || raw.slice(from[i], to[i]) !== slot.first) {
        this.#put(template, i, this.#textId(slot, raw, from[i]!, to[i]!))
      }
    }
    return template
  }

  #template(raw: string, way: number): LineTemplate {
    const scan = this.#scan
    if (scan.line(raw)) {
      const templates = this.#byHash[way]!
      const found = templates.get(scan.hash)
      if (found !== undefined) {
        if (found.fits(raw, scan)) return found
      } else if (this.templates.length < MAX_TEMPLATES) {
        const template = this.#grow(raw, way)
        templates.set(scan.hash, template)
        return template
      }
    }
    scan.whole(raw.length)
    let whole = this.#whole[way]
    if (whole === undefined) {
      whole = this.#grow(raw, way)
      // What it is may not stand in a template.
      whole.vary(0, 0)
      this.#whole[way] = whole
    }
    return whole
  }

  #grow(raw: string, way: number): LineTemplate {
    const template = new LineTemplate(raw, this.#scan, { id: this.#nextId(way), at: this.templates.length, way })
    this.templates.push(template)
    return template
  }

  /** Most texts are what stood there last. */
  #textId(slot: Slot, raw: string, from: number, to: number): number {
    if (to - from === slot.text.length && slot.id >= 0 && raw.startsWith(slot.text, from)) return slot.id
    slot.text = raw.slice(from, to)
    slot.id = this.#texts.id(slot.text)
    return slot.id
  }

  #put(template: LineTemplate, at: number, value: number): void {
    const slot = template.slots[at]!
    if (slot.values === null) {
      if (value === slot.first) return
      template.vary(at, typeof slot.first === 'string' ? this.#texts.id(slot.first) : slot.first)
    }
    slot.values!.push(value)
  }
}

/** Puts an item first in a list of the latest. */
function toFront(list: LineTemplate[], item: LineTemplate): void {
  if (list[0] === item) return
  let at = list.indexOf(item)
  if (at < 0) at = list.length < GUESSES ? list.push(item) - 1 : list.length - 1
  for (; at > 0; at--) list[at] = list[at - 1]!
  list[0] = item
}
