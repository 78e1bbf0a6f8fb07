import type { LineRow } from '../row.js'
import type { Budget } from './budget.js'
import { type Coder, Damaged } from './coder.js'
import { type Guesses, traceOf } from './guesses.js'
import { type NumberSlot, Numbers } from './number-slot.js'
import { codeSigned, NUMBER_CONTEXTS } from './numbers.js'
import { PART, Scan } from './scan.js'
import { Order, type Template, Templates } from './templates.js'
import type { TextSlot, Texts } from './texts.js'
import { fractionOf, TimeWriter } from './time-of-day.js'

/** Lines whose parts are remembered, for the operations that were read from them. */
const REMEMBERED = 2048
const STREAMS = ['stdout', 'stderr', 'tty'] as const
/** What is counted for a line besides its text. */
const LINE_CHARACTERS = 16
const SET_FACT = 7
/** Positions among the chances of what is known of a line: the first ones are those of `Order`. */
const [SAME_WAY, SAME_TIME, BY_STAMP] = [8, 9, 10]

/** What is remembered of a line. */
export interface SeenLine {
  readonly template: number
  readonly atNs: number
  readonly parts: readonly (number | string)[]
}

export interface LinesOptions {
  readonly guesses: Guesses
  readonly texts: Texts
  readonly templates: string | null
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
    const template = this.#template(given)
    const way = this.#codeWay(template, given)
    const parts: (number | string)[] = []
    let raw = ''
    let own = -1
    for (let i = 0; i < template.kinds.length; i++) {
      const kind = template.kinds[i]!
      const part = this.#part(template, i, given)
      parts.push(part)
      // Before it is put together: texts can be named again and again.
      if (text) this.#budget.takeText(template.literals[i]!.length + (typeof part === 'string' ? part.length : 1))
      if (text)
        raw += template.literals[i]! + (typeof part === 'string' ? part : this.#written(part, kind, template.forms[i]!))
      if (kind === PART.time && own < 0 && fractionOf(template.forms[i]!) > 0) {
        own = (part as number) * 10 ** (9 - fractionOf(template.forms[i]!))
      }
    }
    if (text) {
      const rest = template.literals[template.kinds.length]!
      this.#budget.takeText(rest.length)
      raw += rest
    }
    const atNs = this.#time(template, given?.atNs ?? 0, lastNs, own)
    this.#seen[this.#count++ % REMEMBERED] = { template: template.id, atNs, parts }
    if (!Number.isSafeInteger(atNs)) throw new Damaged()
    const stream = STREAMS[way >> 1] ?? 'tty'
    if (given !== null) this.#budget.takeText(given.raw.length + LINE_CHARACTERS)
    return { kind: 'line', atNs, stream, raw: given?.raw ?? raw, terminated: (way & 1) === 1 }
  }

  #template(given: LineRow | null): Template {
    let template: Template | null = null
    let scanned = false
    if (given !== null) {
      scanned = this.#scan.line(given.raw)
      template = scanned ? this.templates.find(given.raw, this.#scan) : this.templates.list[0]!
    }
    const found = this.#order.code(template)
    if (found !== null) return found
    const grown = this.templates.grow(given?.raw ?? '', given === null ? null : this.#scan)
    grown.way = this.#way
    this.#order.learn(grown)
    return grown
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
  #written(value: number, kind: number, form: number): string {
    if (kind === PART.number) return String(value)
    if (kind === PART.hex) return `0x${value.toString(16)}`
    return kind === PART.wide ? String(value).padStart(form, '0') : this.#clock.write(value, form)
  }
}
