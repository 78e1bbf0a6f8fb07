import { opcodeOf } from '../dialect/core/opcode.js'
import type { Raw } from '../line/line.js'

/** What a piece of a line is. Up to `space` the bytes themselves count; the others stand for whatever the run put there. */
export const KIND = {
  word: 0,
  mark: 1,
  space: 2,
  /** A number, a path, a name, a bare value: what varies. */
  slot: 3,
  /** The same within double quotes. */
  quoted: 4,
  time: 5,
  level: 6,
  /** How an error is called, `ENOENT` or `No such file or directory`. */
  error: 7,
} as const

/** Longer lines are compared by their beginning; the rest is one slot. */
export const MAX_BYTES = 4096
const MAX_TOKENS = 768

const SWITCH = /^(?:true|false)$/
const OPCODE = /^[A-Z][A-Z_]{3,15}$/
const VERB = /^"[A-Z]{3,}(?= )/

/** A line cut into pieces: parallel arrays, used again for every line. */
export class Tokens {
  readonly kinds: Uint8Array = new Uint8Array(MAX_TOKENS)
  readonly starts: Int32Array = new Int32Array(MAX_TOKENS)
  readonly ends: Int32Array = new Int32Array(MAX_TOKENS)
  count = 0
  raw: Raw = ''

  reset(raw: Raw): void {
    this.raw = raw
    this.count = 0
  }

  get full(): boolean {
    return this.count >= MAX_TOKENS - 1
  }

  add(kind: number, start: number, end: number): void {
    if (this.count >= MAX_TOKENS) return
    this.kinds[this.count] = kind
    this.starts[this.count] = start
    this.ends[this.count++] = end
  }

  text(i: number): Raw {
    return this.raw.slice(this.starts[i], this.ends[i])
  }

  /** What two lines of one shape have in common at this piece. */
  key(i: number): string {
    switch (this.kinds[i]) {
      case KIND.slot:
        return '\u0001'
      case KIND.quoted:
        return this.raw.charCodeAt(this.starts[i] ?? 0) === 39 ? "'\u0001'" : '"\u0001"'
      case KIND.time:
        return '\u0002'
      case KIND.level:
        return '\u0003'
      case KIND.error:
        return '\u0004'
      case KIND.space:
        return ' '
      default:
        return this.text(i)
    }
  }

  /** All keys: the template of the line. */
  keys(): string[] {
    const keys: string[] = []
    for (let i = 0; i < this.count; i++) keys.push(this.key(i))
    return keys
  }

  /** A value that says which message it is, in lines that nobody knows: `true`, `LOOKUP`, `"GET /index.html"`; '' for others. */
  word(i: number): string {
    const text = this.kinds[i] === KIND.slot || this.kinds[i] === KIND.quoted ? this.text(i) : ''
    if (
      (SWITCH.test(text) && this.raw[(this.starts[i] ?? 0) - 1] !== '=') ||
      (OPCODE.test(text) && opcodeOf(text) !== null)
    )
      return text
    return VERB.exec(text)?.[0] ?? ''
  }

  /** A number of 53 bits that lines of the same template share; of unknown lines those that also have the same `word`s. */
  hash(unknown = false): number {
    let a = 0x811c9dc5
    let b = 0x1b873593
    const { kinds, starts, ends, raw } = this
    for (let i = 0; i < this.count; i++) {
      const kind = kinds[i] ?? 0
      a = Math.imul(a ^ (kind + 1), 0x01000193)
      b = Math.imul(b ^ (kind + 257), 0x85ebca6b)
      if (kind === KIND.quoted && raw.charCodeAt(starts[i] ?? 0) === 39) a = Math.imul(a ^ 39, 0x01000193)
      if (unknown && kind > KIND.space) for (const c of this.word(i)) a = Math.imul(a ^ c.charCodeAt(0), 0x01000193)
      if (kind > KIND.mark) continue
      const end = ends[i] ?? 0
      for (let k = starts[i] ?? 0; k < end; k++) {
        const code = raw.charCodeAt(k)
        a = Math.imul(a ^ code, 0x01000193)
        b = Math.imul(b ^ code, 0xc2b2ae35) + (a >>> 15)
      }
    }
    return (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)
  }
}

/** A finished cut of one line, kept as an example. Memory: one line a shape. */
export interface Example {
  readonly raw: Raw
  /** Index of the line in its log. */
  readonly index: number
  readonly keys: readonly string[]
  readonly kinds: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Keeps what `tokens` holds now. */
export function exampleOf(tokens: Tokens, index: number): Example {
  const { count } = tokens
  return {
    raw: tokens.raw.slice(0, MAX_BYTES),
    index,
    keys: tokens.keys(),
    kinds: [...tokens.kinds.subarray(0, count)],
    starts: [...tokens.starts.subarray(0, count)],
    ends: [...tokens.ends.subarray(0, count)],
  }
}
