import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'

/**
 * The object of a JSON line, its strings raw as everything else here. Whole numbers that a double cannot hold are strings.
 * Null when the line is no JSON object.
 */
export function readJsonLine(raw: Raw): Record<string, unknown> | null {
  if (!raw.startsWith('{')) return null
  const safe = /\d{16}/.test(raw) ? raw.replace(LARGE_NUMBERS, quoteNumber) : raw
  try {
    const value: unknown = JSON.parse(safe.includes('\\u') ? withoutCharacters(safe) : safe)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** A number of 16 digits and more, or a string, in which it stays what it is. */
const LARGE_NUMBERS = /"(?:[^"\\]|\\.)*"|(?<=[:[,]\s{0,4})\d{16,20}(?=\s{0,4}[,}\]])/g
const quoteNumber = (token: string): string => (token.startsWith('"') ? token : `"${token}"`)

/** The line was read as bytes: `\u00e9` becomes the bytes of its character, so that it is not taken for the byte e9. */
function withoutCharacters(json: Raw): Raw {
  return json.replace(/(?:\\u[0-9a-fA-F]{4})+|\\[^u]/g, (run) => (run.startsWith('\\u') ? bytesOf(run) : run))
}

/** Python writes a byte that is no UTF-8 as half of a surrogate pair, `\udcff`. */
const PYTHON_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/g

function bytesOf(escapes: string): Raw {
  const text = escapes.replace(/\\u(.{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  let from = 0
  let raw = ''
  const add = (to: number): void => {
    raw += text
      .slice(from, to)
      .replace(/[\x00-\x7f]|[^\x00-\x7f]+/g, (part) => (part < '\x80' ? escaped(part) : encode(part)))
  }
  for (const { index } of text.matchAll(PYTHON_BYTE)) {
    add(index)
    raw += String.fromCharCode(text.charCodeAt(index) - 0xdc00)
    from = index + 1
  }
  add(text.length)
  return raw
}

const escaped = (ascii: string): string => `\\u${ascii.charCodeAt(0).toString(16).padStart(4, '0')}`
