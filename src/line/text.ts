import type { Raw } from './line.js'

/** Raw bytes as text to be shown or put into JSON. */
export interface Text {
  /** UTF-8 decoded; bytes that are no part of valid UTF-8 as `\xNN`, upper case. */
  text: string
  /** The exact bytes in base64, only when `text` had to escape some. */
  bytes: string | null
}

/** Decodes raw bytes. Control characters stay as they are: escape with `printable` before showing them in a terminal. */
export function decode(raw: Raw): Text {
  let i = 0
  while (i < raw.length && raw.charCodeAt(i) < 0x80) i++
  if (i === raw.length) return { text: raw, bytes: null }
  const buffer = Buffer.from(raw, 'latin1')
  const text = buffer.toString('utf8')
  if (!text.includes('\uFFFD') || Buffer.from(text, 'utf8').equals(buffer)) return { text, bytes: null }
  return { text: escapeInvalid(buffer), bytes: buffer.toString('base64') }
}

/** The bytes of a text that needs no escapes, as a raw string. */
export function encode(text: string): Raw {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** A copy that does not keep the whole chunk of the log in memory, as a slice of a line does. */
export function detachSlice(raw: Raw): Raw {
  // A slice of a string of its own: V8 copies short strings, and makes one piece of two before it slices them.
  return raw.length < 13 ? raw : ` ${raw}`.slice(1)
}

/** Shows control characters (newlines, ESC, C1) visibly, so that a name cannot act on a terminal or forge a line. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => CONTROL[c] ?? `\\u{${c.charCodeAt(0).toString(16)}}`,
  )
}

const CONTROL: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }

/** Length of the valid UTF-8 sequence at `i`, 0 when there is none (overlong forms and surrogates are not valid). */
function sequence(bytes: Uint8Array, i: number): number {
  const first = bytes[i] ?? 0
  if (first < 0x80) return 1
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  const second = bytes[i + 1] ?? 0
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (length === 0 || second < least || second > most) return 0
  for (let k = 2; k < length; k++) if (((bytes[i + k] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

function escapeInvalid(buffer: Buffer): string {
  const out: string[] = []
  let from = 0
  for (let i = 0; i < buffer.length; ) {
    const length = sequence(buffer, i)
    if (length > 0) {
      i += length
      continue
    }
    out.push(buffer.toString('utf8', from, i), `\\x${(buffer[i] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`)
    from = ++i
  }
  out.push(buffer.toString('utf8', from))
  return out.join('')
}

/** Resolves the `\\040` by which mountinfo and getfattr write spaces, line feeds, backslashes and the like. */
export function unescapeOctal(text: Raw): Raw {
  return text.includes('\\')
    ? text.replace(/\\([0-3][0-7]{2})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    : text
}
