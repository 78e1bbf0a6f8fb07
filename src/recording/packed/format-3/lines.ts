import type { LineRow } from '../../row.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import { PART } from '../scan.js'
import { fractionOf, TimeWriter } from '../time-of-day.js'
import type { Decoder } from './decoder.js'
import { type Guesses, traceOf } from './guesses.js'
import { type NumberSlot, Numbers } from './number-slot.js'
import { NUMBER_CONTEXTS, readSigned } from './numbers.js'
import { Order, type Template, Templates } from './templates.js'
import type { TextSlot, Texts } from './texts.js'

/** Lines whose parts are remembered, for the operations that were read from them. */
const REMEMBERED = 2048
const STREAMS = ['stdout', 'stderr', 'tty'] as const
const SET_FACT = 7
/** Positions among the chances of what is known of a line: the first ones are those of `Order`. */
const [SAME_WAY, SAME_TIME, BY_STAMP, SAME_PARTS] = [8, 9, 10, 11]

/** What is remembered of a line. */
export interface SeenLine {
  readonly template: number
  readonly atNs: number
  readonly parts: readonly (number | string)[]
}

export interface LinesOptions {
  readonly guesses: Guesses
  readonly texts: Texts
  readonly templates: string
  readonly budget: Budget
  /** The number of the first line in the recording. */
  readonly firstLine: number
}

/** The lines of a block, by templates and variable parts. */
export class Lines {
  readonly templates: Templates
  readonly #decoder: Decoder
  readonly #texts: Texts
  readonly #numbers: Numbers
  readonly #clock = new TimeWriter()
  readonly #order: Order
  readonly #general: { readonly facts: number; readonly times: number; readonly stamps: number }
  readonly #seen: SeenLine[] = []
  readonly #first: number
  readonly #budget: Budget
  #count: number
  #before = 0
  #way = 0
  /** The last line with a time of its own that came alone or first: when it came, and its time. */
  #stamp: { readonly atNs: number; readonly ownNs: number } = { atNs: 0, ownNs: 0 }

  constructor(decoder: Decoder, { guesses, texts, templates, budget, firstLine: first }: LinesOptions) {
    this.#decoder = decoder
    this.#texts = texts
    this.#numbers = new Numbers(decoder, guesses)
    this.#first = first
    this.#budget = budget
    this.#count = first
    this.templates = new Templates(decoder, guesses, templates)
    this.#order = new Order(decoder, this.templates)
    this.#general = {
      facts: decoder.context(16),
      times: decoder.context(NUMBER_CONTEXTS),
      stamps: decoder.context(NUMBER_CONTEXTS),
    }
  }

  /** Lines of the recording so far. */
  get count(): number {
    return this.#count
  }

  /** A line of this block, by its number in the recording; undefined when it is too long ago. */
  seen(index: number): SeenLine | undefined {
    return index < this.#first || index < this.#count - REMEMBERED || index >= this.#count
      ? undefined
      : this.#seen[index % REMEMBERED]
  }

  /** @param lastNs the time of the row before; null: times are not compared */
  read(lastNs: number | null, text: boolean): LineRow {
    const template = this.#template()
    const way = this.#wayOf(template)
    const same = template.values !== null && this.#fact(template, SAME_PARTS)
    const parts = same ? [...template.values!] : []
    if (same) for (const at of template.varying) parts[at] = this.#part(template, at)
    else for (let at = 0; at < template.kinds.length; at++) parts.push(this.#part(template, at))
    if (!same) this.#learn(template, parts)
    const raw = text ? this.#text(template, parts) : ''
    const { timeAt } = template
    const own = timeAt < 0 ? -1 : (parts[timeAt] as number) * 10 ** (9 - fractionOf(template.forms[timeAt]!))
    const atNs = this.#time(template, lastNs, own)
    this.#seen[this.#count++ % REMEMBERED] = { template: template.id, atNs, parts }
    if (!Number.isSafeInteger(atNs)) throw new Damaged()
    const stream = STREAMS[way >> 1] ?? 'tty'
    return { kind: 'line', atNs, stream, raw, terminated: (way & 1) === 1 }
  }

  #template(): Template {
    const found = this.#order.read()
    if (found !== null) return found
    const grown = this.templates.grow()
    grown.way = this.#way
    this.#order.learn(grown)
    return grown
  }

  /** Keeps which parts differ. */
  #learn(template: Template, parts: readonly (number | string)[]): void {
    const { values, literals, kinds, forms } = template
    if (values !== null) {
      template.varying = parts.flatMap((part, at) =>
        part === values[at] && !template.varying.includes(at) ? [] : [at],
      )
    }
    template.values = [...parts]
    // No line is longer than what may still come.
    let length = 0
    for (const part of parts) if (typeof part === 'string') length += part.length
    if (length > this.#budget.characters) throw new Damaged()
    const pieces: string[] = []
    let piece = literals[0]!
    let next = 0
    for (let at = 0; at < kinds.length; at++) {
      if (template.varying[next] === at) {
        pieces.push(piece)
        piece = ''
        next++
      } else piece += this.#written(parts[at]!, kinds[at]!, forms[at]!)
      piece += literals[at + 1]!
    }
    template.pieces = [...pieces, piece]
  }

  /** A line, put together. */
  #text(template: Template, parts: readonly (number | string)[]): string {
    const { pieces, varying, kinds, forms } = template
    let raw = ''
    for (let i = 0; i < varying.length; i++) {
      const at = varying[i]!
      const part = parts[at]!
      // Before it is put together: texts can be named again and again.
      this.#budget.takeText(pieces[i]!.length + (typeof part === 'string' ? part.length : 1))
      raw += pieces[i]! + this.#written(part, kinds[at]!, forms[at]!)
    }
    const rest = pieces[varying.length]!
    this.#budget.takeText(rest.length)
    return raw + rest
  }

  #wayOf(template: Template): number {
    if (this.#fact(template, SAME_WAY)) return template.way
    template.way = this.#decoder.plain(3)
    this.#way = template.way
    return template.way
  }

  #part(template: Template, at: number): number | string {
    const slot = template.slots[at]!
    if (template.kinds[at] === PART.text) {
      const id = this.#texts.read(slot as TextSlot, this.#before)
      this.#before = id * 2 + 1
      return this.#texts.text(id)
    }
    const value = this.#numbers.read(slot as NumberSlot, template.keys[at]!, this.#before)
    this.#before = traceOf(value)
    return value
  }

  #time(template: Template, lastNs: number | null, own: number): number {
    const decoder = this.#decoder
    const { times, stamps } = this.#general
    if (lastNs === null) return readSigned(decoder, template.times, times)
    if (this.#fact(template, SAME_TIME)) return lastNs
    let atNs: number
    const expected = own < 0 ? 0 : this.#stamp.atNs + own - this.#stamp.ownNs
    if (own >= 0 && this.#fact(template, BY_STAMP)) atNs = expected + readSigned(decoder, stamps, stamps)
    else atNs = lastNs + readSigned(decoder, template.times, times)
    if (own >= 0) this.#stamp = { atNs, ownNs: own }
    return atNs
  }

  #fact(template: Template, at: number): boolean {
    return this.#decoder.bit(template.facts + at, this.#general.facts + at, SET_FACT) === 1
  }

  /** A number as it stood in the line. */
  #written(value: number | string, kind: number, form: number): string {
    if (typeof value === 'string') return value
    if (kind === PART.number) return String(value)
    if (kind === PART.hex) return `0x${value.toString(16)}`
    return kind === PART.wide ? String(value).padStart(form, '0') : this.#clock.write(value, form)
  }
}
