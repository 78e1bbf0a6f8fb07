import type { LineRow } from '../../row.js'
import type { Budget } from '../budget.js'
import { Damaged } from '../damaged.js'
import { PART, Scan } from '../scan.js'
import { fractionOf, TimeWriter } from '../time-of-day.js'
import type { Coder } from './coder.js'
import { type Guesses, traceOf } from './guesses.js'
import { type NumberSlot, Numbers } from './number-slot.js'
import { codeSigned, NUMBER_CONTEXTS } from './numbers.js'
import { Order, type Template, Templates } from './templates.js'
import type { TextSlot, Texts } from './texts.js'

/** Lines whose parts are remembered, for the operations that were read from them. */
const REMEMBERED = 2048
const STREAMS = ['stdout', 'stderr', 'tty'] as const
/** What is counted for a line besides its text. */
const LINE_CHARACTERS = 16
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
  readonly #coder: Coder
  readonly #texts: Texts
  readonly #numbers: Numbers
  readonly #clock = new TimeWriter()
  readonly #order: Order
  readonly #scan = new Scan()
  readonly #general: { readonly facts: number; readonly times: number; readonly stamps: number }
  readonly #seen: SeenLine[] = []
  readonly #first: number
  readonly #budget: Budget
  #count: number
  #before = 0
  #way = 0
  /** The last line with a time of its own that came alone or first: when it came, and its time. */
  #stamp: { readonly atNs: number; readonly ownNs: number } = { atNs: 0, ownNs: 0 }

  constructor(coder: Coder, { guesses, texts, templates, budget, firstLine: first }: LinesOptions) {
    this.#coder = coder
    this.#texts = texts
    this.#numbers = new Numbers(coder, guesses)
    this.#first = first
    this.#budget = budget
    this.#count = first
    this.templates = new Templates(coder, guesses, templates)
    this.#order = new Order(coder, this.templates)
    this.#general = {
      facts: coder.context(16),
      times: coder.context(NUMBER_CONTEXTS),
      stamps: coder.context(NUMBER_CONTEXTS),
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
  code(given: LineRow | null, lastNs: number | null, text: boolean): LineRow {
    const template = this.#template()
    const way = this.#codeWay(template, given)
    const same =
      template.values !== null && this.#fact(template, SAME_PARTS, given !== null && this.#isSame(template, given))
    const parts = same ? [...template.values!] : []
    if (same) for (const at of template.varying) parts[at] = this.#part(template, at, given)
    else for (let at = 0; at < template.kinds.length; at++) parts.push(this.#part(template, at, given))
    if (!same) this.#learn(template, parts)
    const raw = given !== null ? given.raw : text ? this.#text(template, parts) : ''
    const { timeAt } = template
    const own = timeAt < 0 ? -1 : (parts[timeAt] as number) * 10 ** (9 - fractionOf(template.forms[timeAt]!))
    const atNs = this.#time(template, given?.atNs ?? 0, lastNs, own)
    this.#seen[this.#count++ % REMEMBERED] = { template: template.id, atNs, parts }
    if (!Number.isSafeInteger(atNs)) throw new Damaged()
    const stream = STREAMS[way >> 1] ?? 'tty'
    if (given !== null) this.#budget.takeText(given.raw.length + LINE_CHARACTERS)
    return { kind: 'line', atNs, stream, raw, terminated: (way & 1) === 1 }
  }

  #template(): Template {
    const found = this.#order.code(null)
    if (found !== null) return found
    const grown = this.templates.grow()
    grown.way = this.#way
    this.#order.learn(grown)
    return grown
  }

  /** Whether a line has what all had before in the parts in which they did not differ. */
  #isSame({ values, varying, kinds, id }: Template, given: LineRow): boolean {
    const scan = this.#scan
    let next = 0
    for (let at = 0; at < kinds.length; at++) {
      if (varying[next] === at) next++
      else if (id === 0) return given.raw === values![0]
      else if (kinds[at] !== PART.text) {
        if (scan.values[at] !== values![at]) return false
      } else {
        const text = values![at] as string
        if (scan.to[at]! - scan.from[at]! !== text.length || !given.raw.startsWith(text, scan.from[at])) return false
      }
    }
    return true
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

  #codeWay(template: Template, given: LineRow | null): number {
    const way = given === null ? 0 : STREAMS.indexOf(given.stream) * 2 + (given.terminated ? 1 : 0)
    if (this.#fact(template, SAME_WAY, way === template.way)) return template.way
    template.way = this.#coder.plain(3, way)
    this.#way = template.way
    return template.way
  }

  #part(template: Template, at: number, given: LineRow | null): number | string {
    const scan = this.#scan
    const slot = template.slots[at]!
    if (template.kinds[at] === PART.text) {
      // The first template is the whole line.
      const text = given === null ? '' : template.id === 0 ? given.raw : given.raw.slice(scan.from[at], scan.to[at])
      const id = this.#texts.code(slot as TextSlot, this.#before, text)
      this.#before = id * 2 + 1
      return this.#texts.text(id)
    }
    const value = given === null ? 0 : scan.values[at]!
    const coded = this.#numbers.code(slot as NumberSlot, template.keys[at]!, this.#before, value)
    this.#before = traceOf(coded)
    return coded
  }

  #time(template: Template, given: number, lastNs: number | null, own: number): number {
    const coder = this.#coder
    const { times, stamps } = this.#general
    if (lastNs === null) return codeSigned(coder, template.times, times, given)
    if (this.#fact(template, SAME_TIME, given === lastNs)) return lastNs
    let atNs: number
    const expected = own < 0 ? 0 : this.#stamp.atNs + own - this.#stamp.ownNs
    const near = own >= 0 && Math.abs(given - expected) < Math.abs(given - lastNs) / 2
    if (own >= 0 && this.#fact(template, BY_STAMP, near)) {
      atNs = expected + codeSigned(coder, stamps, stamps, given - expected)
    } else atNs = lastNs + codeSigned(coder, template.times, times, given - lastNs)
    if (own >= 0) this.#stamp = { atNs, ownNs: own }
    return atNs
  }

  #fact(template: Template, at: number, is: boolean): boolean {
    return this.#coder.bit(template.facts + at, this.#general.facts + at, SET_FACT, is ? 1 : 0) === 1
  }

  /** A number as it stood in the line. */
  #written(value: number | string, kind: number, form: number): string {
    if (typeof value === 'string') return value
    if (kind === PART.number) return String(value)
    if (kind === PART.hex) return `0x${value.toString(16)}`
    return kind === PART.wide ? String(value).padStart(form, '0') : this.#clock.write(value, form)
  }
}
