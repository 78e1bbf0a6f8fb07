import type { Stream } from '../line/line.js'
import { BIT, FACTS, type Fact, type FactBits } from './facts.js'
import { formatOf } from './number-format.js'
import { type Example, exampleOf, KIND, type Tokens } from './tokens.js'

/** Facts of `FACTS` that lines report; the others are what operations had in the end. */
const IN_LINES = FACTS.slice(0, FACTS.indexOf('path'))

/** So many lines show how the values at each place are written. */
const SAMPLED = 96
const MAX_FORMATS = 8
const MAX_EXAMPLES = 32
const MAX_STRAYS = 256

/** All lines of one template. */
export class Shape {
  readonly example: Example
  readonly id: string
  readonly streams: Record<Stream, number> = { stdout: 0, stderr: 0, tty: 0 }
  readonly levels: Map<string, number> = new Map()
  /** How the lines' time stamps are written; '' is none. */
  readonly times: Map<string, number> = new Map()
  /** How the values at each place are written, in order of the slots. */
  readonly formats: Map<string, number>[] = []
  /** In how many operations of a context (`create ok`) such a line stands. */
  readonly contexts: Map<string, number> = new Map()
  readonly opcodes: Map<string, number> = new Map()
  /** How many of the lines reported each fact. */
  readonly reported: Uint32Array = new Uint32Array(IN_LINES.length)
  /** A line that reported an error. */
  failing: Example | null = null
  /** A line of each opcode: what the template has in common does not show which. */
  readonly examples: Map<string, Example> = new Map()
  /** Lines that were not brought together with a request, and after how many requests the first of them came. */
  strays = 0
  readonly strayAfter: number[] = []
  count = 0
  understood = 0
  /** Lines that the dialect reported something of. */
  spoken = 0

  /** Templates of the lines that were gathered in it. */
  readonly ids: Set<string>
  #into: Shape | null = null

  constructor(tokens: Tokens, index: number, id: string) {
    this.example = exampleOf(tokens, index)
    this.id = id
    this.ids = new Set([this.id])
  }

  /** Itself, or the kind that it turned out to be part of. */
  get kept(): Shape {
    return this.#into === null ? this : this.#into.kept
  }

  /** Takes in another kind, which is a part of this one. */
  add(other: Shape): void {
    other.#into = this
    this.count += other.count
    this.strays += other.strays
    this.strayAfter.push(...other.strayAfter)
    this.understood += other.understood
    this.spoken += other.spoken
    this.failing ??= other.failing
    for (const id of other.ids) this.ids.add(id)
    for (const stream of ['stdout', 'stderr', 'tty'] as const) this.streams[stream] += other.streams[stream]
    for (const [key, times] of other.levels) count(this.levels, key, 8, times)
    for (const [key, times] of other.times) count(this.times, key, 8, times)
    for (const [key, times] of other.contexts) count(this.contexts, key, 64, times)
    for (const [key, times] of other.opcodes) count(this.opcodes, key, 64, times)
    for (let i = 0; i < this.reported.length; i++) this.reported[i] = (this.reported[i] ?? 0) + (other.reported[i] ?? 0)
  }

  /** Samples the values of one line; `tokens` must be of this shape. */
  sample(tokens: Tokens): void {
    if (this.count > SAMPLED) return
    let slot = 0
    for (let i = 0; i < tokens.count; i++) {
      const kind = tokens.kinds[i]
      if (kind !== KIND.slot && kind !== KIND.quoted) continue
      const format = formatOf(tokens.text(i))
      const formats = this.formats[slot] ?? new Map<string, number>()
      this.formats[slot++] = formats
      if (formats.has(format) || formats.size < MAX_FORMATS) formats.set(format, (formats.get(format) ?? 0) + 1)
    }
  }

  /** Counts what a line reported; the first that reported an error is kept to be shown. */
  report(facts: FactBits, tokens: Tokens, index: number, weight: number): void {
    if (facts & BIT.errno) this.failing ??= exampleOf(tokens, index)
    for (let i = 0; i < IN_LINES.length; i++) if (facts & (1 << i)) this.reported[i] = (this.reported[i] ?? 0) + weight
  }

  /** Counts a line that was not brought together with a request. */
  stray(after: number, weight: number): void {
    this.strays += weight
    if (this.strayAfter.length < MAX_STRAYS) this.strayAfter.push(after)
  }

  /** Strays that came when more than so many requests had been read. */
  straysAfter(requests: number): number {
    return this.strays - this.strayAfter.filter((after) => after <= requests).length
  }

  /** Keeps the first line of an opcode. */
  show(opcode: string, tokens: Tokens, index: number): void {
    if (this.examples.size < MAX_EXAMPLES && !this.examples.has(opcode))
      this.examples.set(opcode, exampleOf(tokens, index))
  }

  /** None of the lines reported anything of an operation. */
  get isSilent(): boolean {
    return this.reported.every((times) => times === 0)
  }

  /** How many of the lines reported a fact. */
  reports(fact: Fact): number {
    return this.reported[FACTS.indexOf(fact)] ?? 0
  }
}

/** Adds some, in a map that does not grow beyond `most` keys. */
export function count(map: Map<string, number>, key: string, most = 64, times = 1): void {
  const before = map.get(key)
  if (before !== undefined || map.size < most) map.set(key, (before ?? 0) + times)
}
