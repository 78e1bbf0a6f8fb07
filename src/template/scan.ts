import type { Raw } from '../line/line.js'
import { BARE, BLANK, COLON, ENTRY, ESCAPED, endOf, NUMBER, pieceAt, QUOTED, SINGLE, TIME, WORD } from './patterns.js'
import { KIND, MAX_BYTES, type Tokens } from './tokens.js'

/** Keys of JSON lines whose text is the format's own words, and not the run's. */
const TELLING = /^"(?:message|msg|level|target|timestamp|time|ts|[Oo]p|opcode|Operation|Status|filename)"$/

/**
 * Cuts a line into what its format says and what the run put in: one pass over the table of `patterns.ts`, whatever the bytes.
 *
 * @param raw without colour
 * @param ranges where names stand that the dialect knows of, as start, end, start, end … in rising order
 */
export function scan(raw: Raw, ranges: readonly number[], out: Tokens): void {
  new Scanner(raw, ranges, out).all()
}

class Scanner {
  readonly #raw: Raw
  readonly #ranges: readonly number[]
  readonly #out: Tokens
  readonly #isJson: boolean
  /** The next range. */
  #range = 0
  /** A quote was not closed: strings cost one search each, also then. */
  #unclosed = false
  /** The next string of JSON is the format's own words. */
  #telling = false
  /** Within such a string. */
  #inString = false

  constructor(raw: Raw, ranges: readonly number[], out: Tokens) {
    this.#raw = raw.slice(0, MAX_BYTES)
    this.#ranges = ranges
    this.#out = out
    this.#isJson = raw.startsWith('{') && raw.endsWith('}')
    out.reset(raw)
  }

  all(): void {
    const { length } = this.#raw
    let i = 0
    while (i < length && !this.#out.full) i = this.#known(i) ?? this.#string(i) ?? this.#piece(i) ?? this.#mark(i)
    const rest = this.#out.raw.length
    if (i < rest && i > 0) this.#slot(i, rest)
  }

  /** A name that the dialect knows of; returns where it ends. */
  #known(i: number): number | null {
    while (this.#range < this.#ranges.length && (this.#ranges[this.#range + 1] ?? 0) <= i) this.#range += 2
    if (i < this.#begin) return null
    return this.#slot(i, this.#ranges[this.#range + 1] ?? i + 1)
  }

  /** Where the next known name begins. */
  get #begin(): number {
    return this.#ranges[this.#range] ?? Number.POSITIVE_INFINITY
  }

  /** Text in quotes. A known name may hold quotes itself. */
  #string(i: number): number | null {
    const quote = this.#raw[i]
    if (quote !== '"' && quote !== "'") return null
    const name = this.#begin === i + 1 ? (this.#ranges[this.#range + 1] ?? 0) : 0
    const closed = name > 0 && this.#raw[name] === quote ? name + 1 : i
    if (quote === "'") {
      const end = /[ =([:,]/.test(this.#raw[i - 1] ?? '') && closed > i ? closed : endOf(SINGLE, this.#raw, i)
      return end > i ? this.#add(KIND.quoted, i, end) : null
    }
    if (this.#inString) return this.#withinString(i)
    const end = closed > i ? closed : this.#unclosed ? i : endOf(QUOTED, this.#raw, i)
    if (end === i) {
      this.#unclosed = true
      return null
    }
    const colon = this.#isJson ? endOf(COLON, this.#raw, end) : end
    if (colon > end) {
      const key = this.#raw.slice(i, end)
      this.#telling = TELLING.test(key) || (key === '"name"' && this.#raw.startsWith('"fuse::', colon))
      return this.#add(KIND.word, i, end)
    }
    if (!this.#telling) return this.#add(KIND.quoted, i, end)
    this.#telling = false
    this.#inString = true
    return this.#add(KIND.mark, i, i + 1)
  }

  #withinString(i: number): number {
    const end = endOf(ESCAPED, this.#raw, i)
    if (end > i) return this.#add(KIND.quoted, i, end)
    this.#inString = this.#raw[i - 1] === '\\'
    return this.#add(KIND.mark, i, i + 1)
  }

  /** Blanks, numbers, words, and what the table of pieces has. */
  #piece(i: number): number | null {
    const raw = this.#raw
    const blank = endOf(BLANK, raw, i)
    // `FUSE(  2)`, `FUSE( 10)`: padded to a width.
    if (blank > i) return blank < raw.length && raw[i - 1] !== '(' ? this.#add(KIND.space, i, blank) : blank
    const before = raw[i - 1] ?? ' '
    const fresh = !/\w/.test(before)
    if (/^-?\d/.test(raw.slice(i, i + 2)) && !(raw[i] === '-' && /\d/.test(before))) {
      const time = fresh ? endOf(TIME, raw, i) : i
      if (time > i) return this.#add(KIND.time, i, time)
      const end = endOf(NUMBER, raw, i)
      return this.#slot(i, fresh ? endOf(ENTRY, raw, end) : end)
    }
    const found = fresh ? pieceAt(raw, i, this.#out) : null
    if (found?.piece.kind === KIND.slot && !found.piece.apart) return this.#slot(i, found.end)
    if (found) return this.#add(found.piece.kind, i, found.end)
    const word = endOf(WORD, raw, i)
    return word > i ? this.#add(KIND.word, i, Math.min(word, Math.max(i + 1, this.#begin))) : null
  }

  /** Any other character; behind `=` stands a value. */
  #mark(i: number): number {
    this.#add(KIND.mark, i, i + 1)
    const at = i + 1
    if (this.#raw[i] !== '=' || at >= this.#begin) return at
    const end = endOf(BARE, this.#raw, at)
    if (end === at || (this.#raw[end] === ':' && endOf(TIME, this.#raw, at) > at)) return at
    const found = pieceAt(this.#raw, at, this.#out)
    if (found?.piece.kind === KIND.error && found.end >= end) return this.#add(KIND.error, at, found.end)
    return this.#slot(at, end)
  }

  #add(kind: number, start: number, end: number): number {
    this.#out.add(kind, start, end)
    return end
  }

  /** Two values side by side are one: `1m0s`, a name beside a number. */
  #slot(start: number, end: number): number {
    const last = this.#out.count - 1
    if (last < 0 || this.#out.kinds[last] !== KIND.slot || this.#out.ends[last] !== start)
      return this.#add(KIND.slot, start, end)
    this.#out.ends[last] = end
    return end
  }
}
