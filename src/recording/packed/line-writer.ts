import type { LineRow } from '../row.js'
import { BLOCK_ROWS, wayOf } from './layout.js'
import { LineTemplate, type Slot } from './line-template.js'
import { IN_PATH, MAX_DIGITS, MAX_PARTS, MAX_SCANNED, PART, Scan } from './scan.js'
import { hashed, hashOf, NO_HASH, TextWriter } from './text-pool.js'

const WAYS = 16
const MAX_TEMPLATES = 20_000
/** Stands for a text that has no number yet; no number of a line is negative. */
const NEW = -1
/** Templates that are kept for the next block: bytes, roughly. */
const MAX_KEPT_BYTES = 1024 * 1024
/** Templates that are tried before a line is taken to pieces. */
const GUESSES = 10

/** The lines of one block after the other, by templates and variable parts. What is known of one helps with the next. */
export class LineWriter {
  readonly #scan = new Scan()
  #texts = new TextWriter(null)
  #nextId: (way: number) => number = () => -1
  #byHash = noTemplates()
  /** Of lines that are one piece of text. */
  #whole: (LineTemplate | undefined)[] = []
  #keptBytes = 0
  #last: LineTemplate | null = null
  /** The line at hand, with a zero behind it. */
  readonly #bytes = Buffer.alloc(MAX_SCANNED + 1)
  #length = 0
  /** Of its parts: numbers and times, or the numbers of texts; of texts that were not there last, their places and hashes. */
  readonly #values = new Float64Array(MAX_PARTS)
  readonly #from = new Int32Array(MAX_PARTS)
  readonly #to = new Int32Array(MAX_PARTS)
  readonly #hashes = new Int32Array(MAX_PARTS)
  /** Of the block, as they were first used. */
  templates: LineTemplate[] = []
  /** Lines so far; of each the template's place, how many of it there were before, and the time. */
  count = 0
  readonly of: Int32Array = new Int32Array(BLOCK_ROWS)
  readonly nth: Int32Array = new Int32Array(BLOCK_ROWS)
  readonly times: Float64Array = new Float64Array(BLOCK_ROWS)

  /**
   * A block begins.
   *
   * @param nextId the number of its next template
   */
  begin(texts: TextWriter, nextId: (way: number) => number): void {
    this.#texts = texts
    this.#nextId = nextId
    for (const template of this.templates) template.reset()
    this.templates = []
    this.count = 0
    if (this.#keptBytes <= MAX_KEPT_BYTES) return
    this.#keptBytes = 0
    this.#byHash = noTemplates()
    this.#whole = []
    this.#last = null
  }

  /** The line's template. */
  add(row: LineRow): LineTemplate {
    const { atNs, raw, readBytes } = row
    const way = wayOf(row)
    const template = this.#templateOf(raw, way)
    if (template.id < 0) {
      template.id = this.#nextId(way)
      template.at = this.templates.push(template) - 1
    }
    if (this.#last !== null) toFront(this.#last.next, template)
    this.#last = template
    if (readBytes !== undefined) this.#put(template, template.parts, readBytes - raw.length)
    this.nth[this.count] = template.count++
    this.of[this.count] = template.at
    this.times[this.count++] = atNs
    return template
  }

  #templateOf(raw: string, way: number): LineTemplate {
    if (raw.length > MAX_SCANNED) return this.#asText(Buffer.from(raw, 'latin1'), way)
    this.#length = raw.length
    this.#bytes.write(raw, 'latin1')
    this.#bytes[raw.length] = 0
    return this.#guess(way) ?? this.#takenToPieces(way)
  }

  /** Most lines come as they came before. */
  #guess(way: number): LineTemplate | null {
    const next = this.#last?.next
    if (next === undefined) return null
    for (let i = 0; i < next.length; i++) {
      const template = next[i]!
      if (template.way === way && template !== this.#whole[way] && this.#follows(template)) return template
    }
    return null
  }

  /** Whether the line is of this template, by what is known of it; its parts are kept then. */
  #follows(template: LineTemplate): boolean {
    const { program } = template
    const { varied, tail } = template
    const bytes = this.#bytes
    const values = this.#values
    const end = this.#length - tail
    const stop = program.length - tail
    // The ends of lines differ more than their beginnings.
    for (let i = tail - 1; i >= 0; i--) if (bytes[end + i] !== program[stop + i]) return false
    let at = 0
    let part = 0
    for (let i = 0; i < stop; i++) {
      const c = program[i]!
      if (c >= PART.end) {
        if (bytes[at++] !== c) return false
        continue
      }
      at = c === PART.text ? this.#text(varied[part]!, part, at) : this.#number(varied[part]!, at)
      if (at < 0) return false
      values[part++] = this.#value
    }
    if (at !== end) return false
    for (let i = 0; i < part; i++) {
      const slot = varied[i]!
      let value = values[i]!
      if (value === NEW) value = slot.id = this.#texts.idOf(bytes, this.#from[i]!, this.#to[i]!, this.#hashes[i]!)
      slot.values!.push(value)
    }
    return true
  }

  /** Of the part that was read last. */
  #value = 0

  /** Where the text ends that begins here. */
  #text({ id }: Slot, part: number, from: number): number {
    const bytes = this.#bytes
    if (id >= 0) {
      const to = from + this.#texts.length(id)
      if (IN_PATH[bytes[to]!] === 0 && this.#texts.stands(id, bytes, from, to)) {
        this.#value = id
        return to
      }
    }
    let to = from
    let hash = NO_HASH
    for (; IN_PATH[bytes[to]!] === 1; to++) hash = hashed(hash, bytes[to]!)
    this.#value = NEW
    this.#from[part] = from
    this.#to[part] = to
    this.#hashes[part] = hash
    return to
  }

  /** Where the number or time ends that begins here; -1 when there is none. */
  #number(slot: Slot, from: number): number {
    const { kind } = slot
    const bytes = this.#bytes
    if (kind === PART.time || kind === PART.hex) {
      const to = this.#scan.part(bytes, from, slot)
      this.#value = this.#scan.value
      return to
    }
    let to = from
    let value = 0
    for (let c = bytes[to]!; c >= 48 && c <= 57; c = bytes[++to]!) value = value * 10 + c - 48
    this.#value = value
    const digits = to - from
    if (kind === PART.wide) return digits === slot.form ? to : -1
    return digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[from] === 48) ? -1 : to
  }

  #takenToPieces(way: number): LineTemplate {
    const raw = this.#bytes.subarray(0, this.#length)
    const template = this.#scanned(raw, way)
    if (template === null) return this.#asText(raw, way)
    const { from, to, values } = this.#scan
    for (let i = 0; i < template.parts; i++) {
      if (template.slots[i]!.kind === PART.text) this.#putText(template, i, raw.subarray(from[i], to[i]))
      else this.#put(template, i, values[i]!)
    }
    return template
  }

  #scanned(raw: Uint8Array, way: number): LineTemplate | null {
    const scan = this.#scan
    if (!scan.line(this.#bytes, this.#length)) return null
    const templates = this.#byHash[way]!
    const found = templates.get(scan.hash)
    if (found !== undefined) return found.fits(raw, scan) ? found : null
    if (this.templates.length >= MAX_TEMPLATES) return null
    const template = this.#grow(raw, way)
    templates.set(scan.hash, template)
    return template
  }

  /** The line is one piece of text. */
  #asText(raw: Uint8Array, way: number): LineTemplate {
    let whole = this.#whole[way]
    if (whole === undefined) {
      this.#scan.whole(raw.length)
      whole = this.#grow(raw, way)
      // What it is may not stand in a template.
      whole.vary(0, 0)
      this.#whole[way] = whole
    }
    this.#putText(whole, 0, raw)
    return whole
  }

  #grow(raw: Uint8Array, way: number): LineTemplate {
    const template = new LineTemplate(raw, this.#scan, way)
    this.#keptBytes += template.size
    return template
  }

  /** Most texts are what stood there last. */
  #putText(template: LineTemplate, at: number, text: Uint8Array): void {
    const slot = template.slots[at]!
    if (slot.values === null) {
      if (template.isFirst(at, text)) return
      const first = template.first(at)
      template.vary(at, template.count === 0 ? 0 : this.#texts.idOf(first, 0, first.length, hashOf(first)))
    }
    if (slot.id < 0 || !this.#texts.stands(slot.id, text, 0, text.length)) {
      slot.id = this.#texts.idOf(text, 0, text.length, hashOf(text))
    }
    slot.values!.push(slot.id)
  }

  #put(template: LineTemplate, at: number, value: number): void {
    const slot = template.slots[at]!
    if (slot.values === null) {
      if (value === slot.first) return
      template.vary(at, slot.first)
    }
    slot.values!.push(value)
  }
}

const noTemplates = (): Map<number, LineTemplate>[] => Array.from({ length: WAYS }, () => new Map())

/** Puts an item first in a list of the latest. */
function toFront(list: LineTemplate[], item: LineTemplate): void {
  if (list[0] === item) return
  let at = list.indexOf(item)
  if (at < 0) at = list.length < GUESSES ? list.push(item) - 1 : list.length - 1
  for (; at > 0; at--) list[at] = list[at - 1]!
  list[0] = item
}
