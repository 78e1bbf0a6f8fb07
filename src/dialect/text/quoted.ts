import type { Raw } from '../../line/line.js'

/** A quoted string that was read: what it stands for, as bytes, and where the line goes on after the closing quote. */
export interface Quoted {
  readonly value: Raw
  readonly end: number
}

/** How a language escapes in `"…"`. */
export interface QuoteStyle {
  /** Reads the escape after a backslash; `at` is that of the letter. Null when it is none of this language. */
  escape(raw: Raw, at: number): Quoted | null
}

const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
  '\\': '\\',
  '"': '"',
  "'": "'",
}

const utf8 = (code: number): Raw => Buffer.from(String.fromCodePoint(code), 'utf8').toString('latin1')

/** `count` hexadecimal digits (octal with base 8) at `at`, as one byte or as the UTF-8 of one character. */
function coded(raw: Raw, at: number, count: number, base: 8 | 16, byte: boolean): Quoted | null {
  const digits = raw.slice(at, at + count)
  const code = digits.length === count && WHOLE[base].test(digits) ? Number.parseInt(digits, base) : Number.NaN
  if (Number.isNaN(code) || code > (byte ? 255 : 0x10ffff)) return null
  return { value: byte ? String.fromCharCode(code) : utf8(code), end: at + count }
}

const WHOLE = { 8: /^[0-7]+$/, 16: /^[0-9a-fA-F]+$/ }

function letter(raw: Raw, at: number): Quoted | null {
  const value = LETTERS[raw[at] ?? '']
  return value === undefined ? null : { value, end: at + 1 }
}

/** Go's `%q`: `\xff` is a byte, `\u00e9` and `\U0001f600` are characters. */
export const GO: QuoteStyle = {
  escape(raw, at) {
    switch (raw[at]) {
      case 'x':
        return coded(raw, at + 1, 2, 16, true)
      case 'u':
        return coded(raw, at + 1, 4, 16, false)
      case 'U':
        return coded(raw, at + 1, 8, 16, false)
      case '0':
      case '1':
      case '2':
      case '3':
        return coded(raw, at, 3, 8, true)
      default:
        return letter(raw, at)
    }
  },
}

/** Of a logger in any language: Go's escapes, and those of JSON in pairs; what is no escape stands for itself. */
export const LENIENT: QuoteStyle = {
  escape(raw, at) {
    const pair = /^u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/.test(raw.slice(at, at + 11))
    // A byte that is no UTF-8, as Python writes it.
    if (/^ud[cC][89a-fA-F]/.test(raw.slice(at, at + 4))) return coded(raw, at + 3, 2, 16, true)
    if (!pair) return GO.escape(raw, at) ?? { value: raw[at] ?? '', end: at + 1 }
    const [high, low] = [raw.slice(at + 1, at + 5), raw.slice(at + 7, at + 11)].map((hex) => Number.parseInt(hex, 16))
    return { value: utf8(0x10000 + (((high ?? 0) & 0x3ff) << 10) + ((low ?? 0) & 0x3ff)), end: at + 11 }
  },
}

/** Rust's `{:?}`: `\u{1b}` is a character, `\xFF` (of an OsStr) a byte. */
export const RUST: QuoteStyle = {
  escape(raw, at) {
    if (raw[at] === 'x') return coded(raw, at + 1, 2, 16, true)
    if (raw[at] !== 'u' || raw[at + 1] !== '{') return letter(raw, at)
    const close = raw.slice(at + 2, at + 9).indexOf('}')
    if (close < 1) return null
    const read = coded(raw, at + 2, close, 16, false)
    return read && { value: read.value, end: read.end + 1 }
  },
}

/**
 * Reads the string whose opening quote is at `at`. Null when there is no quote, an escape is none, or the closing quote
 * does not come in this line.
 */
export function unquote(raw: Raw, at: number, style: QuoteStyle, mark: '"' | "'" = '"'): Quoted | null {
  if (raw[at] !== mark) return null
  const close = raw.indexOf(mark, at + 1)
  if (close < 0) return null
  const plain = raw.slice(at + 1, close)
  return plain.includes('\\') ? withEscapes(raw, at + 1, style, mark) : { value: plain, end: close + 1 }
}

/** Reads on from `from` to the closing quote, escapes and all. */
function withEscapes(raw: Raw, from: number, style: QuoteStyle, mark: '"' | "'"): Quoted | null {
  const closing = mark.charCodeAt(0)
  let value = ''
  for (let i = from; i < raw.length; i++) {
    const code = raw.charCodeAt(i)
    if (code === closing) return { value: value + raw.slice(from, i), end: i + 1 }
    if (code !== 92) continue
    const read = style.escape(raw, i + 1)
    if (read === null) return null
    value += raw.slice(from, i) + read.value
    i = read.end - 1
    from = read.end
  }
  return null
}
