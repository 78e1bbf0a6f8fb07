import type { Raw } from '../../line/line.js'
import { isDigit } from '../text/text.js'

/** One record, or the tail of one, by its keys; quoted values without their quotes. */
export type Fields = ReadonlyMap<string, Raw>

/** A line's records, and whether it ends within quotes (a name with a newline goes on in the next line). */
export interface Records {
  readonly parts: readonly Raw[]
  readonly open: boolean
  /** The key whose quotes are open. */
  readonly openKey: string
  /** Bytes since the quote that is open. */
  readonly openBytes: number
}

/** Cuts a line before every `ts=N dir=` that stands outside quotes: several threads write without waiting for each other. */
export function splitRecords(text: Raw): Records {
  const parts: Raw[] = []
  let start = 0
  let at = 0
  let quote = text.indexOf('"')
  let head = nextHead(text, 1)
  for (;;) {
    if (head >= 0 && (quote < 0 || head < quote)) {
      parts.push(text.slice(start, head))
      start = head
      head = nextHead(text, head + 1)
    } else if (quote >= 0) {
      const end = closingQuote(text, quote + 1)
      if (end < 0) {
        const key = /(\w{1,24})=$/.exec(text.slice(Math.max(0, quote - 32), quote))?.[1] ?? ''
        return { parts: [...parts, text.slice(start)], open: true, openKey: key, openBytes: text.length - quote }
      }
      at = end + 1
      quote = text.indexOf('"', at)
      if (head >= 0 && head < at) head = nextHead(text, at)
    } else return { parts: [...parts, text.slice(start)], open: false, openKey: '', openBytes: 0 }
  }
}

/** Where the next record begins. */
function nextHead(text: Raw, from: number): number {
  for (let at = text.indexOf('ts=', from); at >= 0; at = text.indexOf('ts=', at + 1)) {
    let end = at + 3
    while (isDigit(text.charCodeAt(end))) end++
    if (end > at + 3 && text.startsWith(' dir=', end)) return at
  }
  return -1
}

function closingQuote(text: Raw, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 92) at++
    else if (code === 34) return at
  }
  return -1
}

/** Reads `key=value key="a \"name\"" …`; null when it is something else. */
export function readFields(part: Raw): Fields | null {
  const fields = new Map<string, Raw>()
  let at = 0
  while (at < part.length) {
    if (part.charCodeAt(at) === 32) {
      at++
      continue
    }
    const equals = part.indexOf('=', at)
    const key = equals < 0 || equals - at > 40 ? '' : part.slice(at, equals)
    if (!/^[a-z][\w.]*$/.test(key)) return null
    let end: number
    if (part[equals + 1] === '"') {
      end = closingQuote(part, equals + 2)
      if (end < 0) return null
      const quoted = part.slice(equals + 2, end)
      fields.set(key, quoted.includes('\\') ? quoted.replace(/\\([\s\S])/g, '$1') : quoted)
      end++
    } else {
      end = part.indexOf(' ', equals)
      if (end < 0) end = part.length
      fields.set(key, part.slice(equals + 1, end))
    }
    at = end
  }
  return fields
}
