import { TimeReader } from './time-of-day.js'

/** What stands in a line where others of its kind have something else. */
export const PART = { number: 0, hex: 1, text: 2, wide: 3, time: 4, end: 5 } as const

/** Variable parts of one line at most; what follows is taken as it is. */
export const MAX_PARTS = 100
/** Digits that a number holds exactly. */
export const MAX_DIGITS = 15
/** A longer line is one piece of text. */
export const MAX_SCANNED = 16_384
const MAX_QUOTED = 64

const OTHER = 0
const DIGIT = 1
const LETTER = 2
const CLASS = new Uint8Array(256)
/** By byte: 1 for what a path goes on with. */
export const IN_PATH: Uint8Array = new Uint8Array(256)
for (let c = 0; c < 256; c++) {
  const char = String.fromCharCode(c)
  CLASS[c] = /\d/.test(char) ? DIGIT : c >= 0x80 || /[A-Za-z_]/.test(char) ? LETTER : OTHER
  IN_PATH[c] = c > 0x20 && !/["'`,;()[\]{}<>|=:]/.test(char) && c !== 0x7f ? 1 : 0
}
const [SLASH, QUOTE, BACKSLASH, COLON, DOT, DASH, ZERO, X, COMMA] = [47, 34, 92, 58, 46, 45, 48, 120, 44]
const NONE = new Uint8Array(1)

/** The variable parts of a line: kinds, where they stand, and a number that stands for all the rest. */
export class Scan {
  count = 0
  readonly kinds: Uint8Array = new Uint8Array(MAX_PARTS)
  /** Digits of a number of fixed width; the form of a time. */
  readonly forms: Uint16Array = new Uint16Array(MAX_PARTS)
  readonly from: Uint32Array = new Uint32Array(MAX_PARTS)
  readonly to: Uint32Array = new Uint32Array(MAX_PARTS)
  /** Of numbers and times. */
  readonly values: Float64Array = new Float64Array(MAX_PARTS)
  hash = 0
  readonly #time = new TimeReader()
  #one = 0
  #two = 0
  #raw: Uint8Array = NONE

  /** False when the line, so many bytes and a zero behind them, is one piece of text. */
  line(raw: Uint8Array, length: number): boolean {
    this.count = 0
    this.#raw = raw
    this.#one = 0x811c9dc5 | 0
    this.#two = length > 0 ? 1 : 2
    for (let i = 0; i < length; ) {
      const c = raw[i]!
      if (c <= PART.end) return false
      const kind = CLASS[c]!
      if (this.count === MAX_PARTS) i = this.#literal(i, length)
      else if (kind === DIGIT) i = this.#digits(i, length)
      else if (kind === LETTER) i = this.#word(i, i, length, false)
      else if (c === SLASH) i = this.#path(i, length)
      else if (c === QUOTE) i = this.#quoted(i, length)
      else i = this.#literal(i, i + 1)
    }
    this.hash = (this.#one >>> 0) * 2 ** 21 + (this.#two >>> 11)
    return true
  }

  /** Of the last `part`. */
  value = 0

  /** Where a hexadecimal number, or a time of a form, ends that begins here; -1 when there is none. */
  part(raw: Uint8Array, from: number, { kind, form }: { kind: number; form: number }): number {
    if (kind === PART.time) {
      const to = this.#time.read(raw, from)
      this.value = this.#time.value
      return to >= 0 && this.#time.form === form ? to : -1
    }
    if (raw[from] !== ZERO || raw[from + 1] !== X) return -1
    this.#raw = raw
    this.count = 0
    const to = this.#hex(from, from + 2, raw.length)
    if (this.count !== 1 || this.kinds[0] !== PART.hex) return -1
    this.value = this.values[0]!
    return to
  }

  /** The line is one piece of text. */
  whole(length: number): void {
    this.count = 1
    this.kinds[0] = PART.text
    this.forms[0] = 0
    this.from[0] = 0
    this.to[0] = length
  }

  #literal(from: number, to: number): number {
    let one = this.#one
    let two = this.#two
    for (let i = from; i < to; i++) {
      const c = this.#raw[i]!
      one = Math.imul(one ^ c, 0x01000193)
      two = Math.imul(two ^ (two >>> 15) ^ c, 0x2c1b3c6d)
    }
    this.#one = one
    this.#two = two
    return to
  }

  #part(kind: number, from: number, to: number, value: number, form: number): number {
    const at = this.count++
    this.kinds[at] = kind
    this.from[at] = from
    this.to[at] = to
    this.values[at] = value
    this.forms[at] = form
    this.#one = Math.imul(this.#one ^ (kind + 1000 + form * 8), 0x01000193)
    this.#two = Math.imul(this.#two ^ (this.#two >>> 15) ^ (kind + 1000 + form * 8), 0x2c1b3c6d)
    return to
  }

  #digits(from: number, length: number): number {
    const raw = this.#raw
    let to = this.#time.read(raw, from)
    if (to >= 0) return this.#part(PART.time, from, to, this.#time.value, this.#time.form)
    to = from
    let value = 0
    while (to < length && CLASS[raw[to]!] === DIGIT) value = value * 10 + raw[to++]! - ZERO
    const next = to < length ? raw[to]! : 0
    if (to < length && CLASS[next] === LETTER) {
      if (next === X && value === 0 && to === from + 1) return this.#hex(from, to + 1, length)
      let end = to
      while (end < length && CLASS[raw[end]!] === LETTER) end++
      if (end - to > 3 || (end < length && CLASS[raw[end]!] === DIGIT)) return this.#word(from, end, length, true)
    } else if ((next === DOT || next === DASH) && to + 1 < length && CLASS[raw[to + 1]!] === LETTER) {
      return this.#word(from, to, length, true)
    }
    const digits = to - from
    if (digits > MAX_DIGITS) return this.#part(PART.text, from, to, 0, 0)
    const before = from > 1 ? raw[from - 1]! : 0
    const fraction =
      CLASS[before] === DIGIT || ((before === DOT || before === COLON) && CLASS[raw[from - 2]!] === DIGIT)
    if (fraction || (digits > 1 && raw[from]! === ZERO)) return this.#part(PART.wide, from, to, value, digits)
    return this.#part(PART.number, from, to, value, 0)
  }

  #hex(from: number, first: number, length: number): number {
    const raw = this.#raw
    let to = first
    let value = 0
    for (; to < length; to++) {
      const c = raw[to]!
      if (c >= 97 && c <= 102) value = value * 16 + c - 87
      else if (CLASS[c] === DIGIT) value = value * 16 + c - ZERO
      else break
    }
    const exact = to > first && to - first <= 13 && (raw[first]! !== ZERO || to === first + 1)
    if (!exact || value > Number.MAX_SAFE_INTEGER || (to < length && CLASS[raw[to]!] === LETTER)) {
      return this.#word(from, to, length, true)
    }
    return this.#part(PART.hex, from, to, value, 0)
  }

  /** A word, with what is joined to it by dots, dashes and slashes; of letters alone it is no variable. */
  #word(from: number, at: number, length: number, variable: boolean): number {
    const raw = this.#raw
    let to = at
    let differs = variable
    for (; to < length; to++) {
      const c = raw[to]!
      if (CLASS[c] === LETTER) continue
      if (CLASS[c] === DIGIT) differs = true
      else if ((c === DOT || c === DASH || c === SLASH) && to + 1 < length && CLASS[raw[to + 1]!] !== OTHER) {
        if (c !== DASH) differs = true
      } else break
    }
    return differs ? this.#part(PART.text, from, to, 0, 0) : this.#literal(from, to)
  }

  #path(from: number, length: number): number {
    let to = from + 1
    while (to < length && IN_PATH[this.#raw[to]!] === 1) to++
    return this.#part(PART.text, from, to, 0, 0)
  }

  #quoted(from: number, length: number): number {
    const raw = this.#raw
    const most = Math.min(length, from + MAX_QUOTED)
    let to = from + 1
    let digits = true
    for (; to < most; to++) {
      const c = raw[to]!
      if (c === QUOTE) break
      if (c <= 0x20 || c === BACKSLASH || c === COMMA) return this.#literal(from, from + 1)
      if (CLASS[c] !== DIGIT && c !== COLON && c !== DOT && c !== DASH && c !== 84 && c !== 90) digits = false
    }
    if (to === most || to === from + 1 || digits || (to + 1 < length && raw[to + 1]! === COLON)) {
      return this.#literal(from, from + 1)
    }
    this.#literal(from, from + 1)
    this.#part(PART.text, from + 1, to, 0, 0)
    return this.#literal(to, to + 1)
  }
}
