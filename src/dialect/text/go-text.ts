import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'
import type { NodeId } from '../core/dialect.js'
import { GO, type Quoted, unquote } from './quoted.js'

/** A string in Go's quotes (`%q`) whose opening quote is at `at`; null when there is no whole one. */
export const goQuoted = (raw: Raw, at: number): Quoted | null => unquote(raw, at, GO)

/** A number as Go prints it, `0x1f` or `31`, as a canonical decimal node id. Null when it is none. */
export function nodeIdOf(text: string): NodeId | null {
  if (!/^(?:0x[0-9a-f]{1,16}|\d{1,20})$/.test(text)) return null
  return text.length <= 15 ? String(Number(text)) : BigInt(text).toString()
}

/**
 * The object of a JSON line, its strings raw again (JSON holds characters, everything else here bytes). Whole numbers that
 * a double cannot hold are strings. Null when the line is no JSON object.
 */
export function readJsonLine(raw: Raw): Record<string, unknown> | null {
  if (!raw.startsWith('{')) return null
  const safe = /\d{16}/.test(raw) ? raw.replace(/([:[,]\s*)(\d{16,20})(?=\s*[,}\]])/g, '$1"$2"') : raw
  try {
    const value: unknown = JSON.parse(safe, (_key, inner) => (typeof inner === 'string' ? rawAgain(inner) : inner))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** The line was read as bytes, so its own characters are bytes already; only `\uNNNN` escapes give others. */
function rawAgain(text: string): Raw {
  if (!/[^\u0000-\u00ff]/.test(text)) return text
  return text.replace(/[^\u0000-\u00ff]+/g, (run) => encode(run))
}
