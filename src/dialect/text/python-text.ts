import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'
import type { Quoted } from './quoted.js'

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' }
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/**
 * Reads a string as Python's repr() writes it: `'…'`, `"…"`, `b'…'`, `u'…'`. A lone `\udcNN` stands for a byte that is not
 * UTF-8. Null when there is no whole one. Linear.
 */
export function pythonQuoted(raw: Raw, at: number): Quoted | null {
  const bytes = raw[at] === 'b'
  let from = bytes || raw[at] === 'u' ? at + 1 : at
  const quote = raw[from]
  if (quote !== "'" && quote !== '"') return null
  let value = ''
  from++
  for (let i = from; i < raw.length; i++) {
    const char = raw[i]
    if (char === quote) return { value: value + raw.slice(from, i), end: i + 1 }
    if (char !== '\\') continue
    const letter = raw[i + 1] ?? ''
    value += raw.slice(from, i)
    const digits = DIGITS[letter]
    if (digits === undefined) {
      const plain = LETTERS[letter]
      if (plain === undefined) return null
      value += plain
      i++
    } else {
      const hex = raw.slice(i + 2, i + 2 + digits)
      if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return null
      const code = Number.parseInt(hex, 16)
      if (code > 0x10ffff) return null
      value += character(code, bytes)
      i += 1 + digits
    }
    from = i + 1
  }
  return null
}

function character(code: number, bytes: boolean): Raw {
  if (bytes && code < 256) return String.fromCharCode(code)
  if (code >= 0xdc80 && code <= 0xdcff) return String.fromCharCode(code - 0xdc00)
  return encode(String.fromCodePoint(code))
}
