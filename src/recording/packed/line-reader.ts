import type { LineRow } from '../row.js'
import type { Budget } from './budget.js'
import type { ByteReader } from './bytes.js'
import { readColumn } from './column-reader.js'
import { Damaged } from './damaged.js'
import { LINE_CHARACTERS, REPLACED, STREAMS, TERMINATED } from './layout.js'
import { MAX_PARTS, PART } from './scan.js'
import type { TextReader } from './text-pool.js'
import { fractionOf, TimeWriter } from './time-of-day.js'
import type { Stamp } from './times.js'

/** A part in which lines of a kind differ. */
interface Part {
  readonly kind: number
  readonly form: number
  values: Float64Array
}

/** What lines of one kind have in common. */
export interface ReadTemplate {
  readonly stream: LineRow['stream']
  readonly terminated: boolean
  /** What stands before each part, and after the last. */
  readonly pieces: readonly string[]
  /** Characters of them. */
  readonly length: number
  readonly parts: readonly Part[]
  /** How many bytes more it had when it was read, where something was replaced. */
  readonly replaced: Part | null
  /** What is read from columns: the parts, and what was replaced. */
  readonly slots: readonly Part[]
  /** The first part that is a time with a fraction. */
  readonly stamp: Part | null
}

/** Takes the templates of lines off their text, one after the other. */
export class TemplateReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** @throws Damaged */
  next(way: number): ReadTemplate {
    const pieces: string[] = []
    const parts: Part[] = []
    for (;;) {
      const from = this.#at
      let to = from
      while (to < this.#text.length && this.#text.charCodeAt(to) > PART.end) to++
      if (to >= this.#text.length || parts.length > MAX_PARTS) throw new Damaged()
      pieces.push(this.#text.slice(from, to))
      const kind = this.#text.charCodeAt(to)
      this.#at = to + 1
      if (kind === PART.end) break
      const form = kind >= PART.wide ? this.#text.charCodeAt(this.#at++) - 48 : 0
      parts.push({ kind, form, values: NONE })
    }
    const replaced = way & REPLACED ? { kind: PART.number, form: 0, values: NONE } : null
    return {
      stream: STREAMS[(way % REPLACED) >> 1] ?? 'tty',
      terminated: (way & TERMINATED) !== 0,
      ...{ pieces, parts, replaced, slots: replaced ? [...parts, replaced] : parts },
      length: pieces.reduce((sum, piece) => sum + piece.length, LINE_CHARACTERS),
      stamp: parts.find(({ kind, form }) => kind === PART.time && fractionOf(form) > 0) ?? null,
    }
  }
}

const NONE = new Float64Array(0)

/**
 * Reads the columns of all parts.
 *
 * @param templates of lines
 * @param counts how many lines each has
 * @param lines the templates line by line, as positions among `templates`
 */
export function readParts(
  bytes: ByteReader,
  templates: readonly ReadTemplate[],
  { counts, lines, budget }: { counts: ArrayLike<number>; lines: ArrayLike<number>; budget: Budget },
): void {
  const all = templates.flatMap(({ slots }, at) => slots.map((slot) => ({ slot, at, group: bytes.number() })))
  const lengths: number[] = []
  for (const { at, group } of all) {
    if (group > all.length) throw new Damaged()
    if (group > 0) lengths[group] = (lengths[group] ?? 0) + counts[at]!
  }
  const sequences: Float64Array[] = []
  for (let group = 1; group < lengths.length; group++) {
    budget.takeItems(lengths[group] ?? 0)
    sequences[group] = readColumn(bytes, lengths[group] ?? 0)
  }
  const joined: { slot: Part; group: number }[][] = templates.map(() => [])
  for (const { slot, at, group } of all) {
    if (group > 0) {
      slot.values = new Float64Array(counts[at]!)
      joined[at]!.push({ slot, group })
    } else {
      budget.takeItems(counts[at]!)
      slot.values = readColumn(bytes, counts[at]!)
    }
  }
  scatter(lines, joined, sequences)
}

/** Gives each part of a group what is its in the sequence of all. */
function scatter(
  lines: ArrayLike<number>,
  joined: readonly (readonly { slot: Part; group: number }[])[],
  sequences: readonly Float64Array[],
): void {
  const taken = new Int32Array(sequences.length)
  const nth = new Int32Array(joined.length)
  for (let line = 0; line < lines.length; line++) {
    const at = lines[line]!
    const slots = joined[at]!
    const n = nth[at]!++
    for (let i = 0; i < slots.length; i++) {
      const { slot, group } = slots[i]!
      slot.values[n] = sequences[group]![taken[group]!++]!
    }
  }
}

/** The time that the nth line of a template has in its text. */
export function stampOf({ stamp }: ReadTemplate, nth: number): Stamp | null {
  return stamp && { value: stamp.values[nth]!, unit: 10 ** (9 - fractionOf(stamp.form)) }
}

/** Puts lines together. */
export class LineMaker {
  readonly #texts: TextReader
  readonly #budget: Budget
  readonly #clock = new TimeWriter()

  constructor(texts: TextReader, budget: Budget) {
    this.#texts = texts
    this.#budget = budget
  }

  line(template: ReadTemplate, nth: number, atNs: number): LineRow {
    const { stream, terminated, pieces, parts, replaced } = template
    this.#budget.takeText(template.length)
    let raw = pieces[0]!
    for (let i = 0; i < parts.length; i++) raw += this.#written(parts[i]!, nth) + pieces[i + 1]!
    const line: LineRow = { kind: 'line', atNs, stream, raw, terminated }
    if (replaced) line.readBytes = raw.length + replaced.values[nth]!
    return line
  }

  /** A part as it stood in the line. */
  #written({ kind, form, values }: Part, nth: number): string {
    const value = values[nth]!
    if (kind === PART.text) return this.#texts.text(value)
    if (kind === PART.number) return String(value)
    if (kind === PART.hex) return `0x${value.toString(16)}`
    return kind === PART.wide ? String(value).padStart(form, '0') : this.#clock.write(value, form)
  }
}
