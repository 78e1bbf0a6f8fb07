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

/** The bytes of a name as `decode` shows it: `\\xNN` is the byte that was no part of valid UTF-8. */
export function encodeName(text: string): Raw {
  return encode(text).replace(/\\x([89A-F][0-9A-F])/g, (_, byte: string) =>
    String.fromCharCode(Number.parseInt(byte, 16)),
  )
}

/** A copy that does not keep the whole chunk of the log in memory, as a slice of a line does. */
export function detachSlice(raw: Raw): Raw {
  // A slice of a string of its own: V8 copies short strings, and makes one piece of two before it slices them.
  return raw.length < 13 ? raw : ` ${raw}`.slice(1)
}

/**
 * What must not reach a terminal, a page or a log as it is: control characters (C0, C1, DEL), characters that cannot be seen or
 * that turn the direction of writing (soft hyphen, zero width, bidi, tags, fillers), line and paragraph separators, half surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u{115f}\u{1160}\u{180e}\u{3164}\u{ffa0}\u{e0000}-\u{e0fff}]|\u{34f}/gu

/** Most of what is printed. */
const PLAIN = /^(?!\s*::)(?!.*##\[)[\x20-\x7e]*$/

/** Begins of workflow commands, which CI services act on: `::error …` at a line's begin, `##[…]` anywhere. */
const COMMAND = /^(\s*)::|##\[/g

/**
 * One piece of text as it may be printed anywhere, in one line: unsafe characters are shown as `\n`, `\e`, `\u{202e}`, and
 * it cannot be a command to whoever reads the output. The one escape for everything that comes from outside.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .replace(UNSAFE, (c) => ESCAPES[c] ?? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
    .replace(COMMAND, (_, blank: string | undefined) => (blank === undefined ? '#\\u{23}[' : `${blank}\\u{3a}:`))
}

/**
 * Text of several lines as it may be printed: its line feeds stay, and the colours that `styleText` makes. What is put together of
 * printable pieces passes unchanged.
 */
export function printableLines(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .split('\n')
    .map((line) => {
      if (PLAIN.test(line)) return line
      return line
        .split(COLOUR)
        .map((part, i) => (i % 2 === 1 ? part : printable(part)))
        .join('')
    })
    .join('\n')
}

const COLOUR = /(\x1b\[\d{1,3}(?:;\d{1,3}){0,2}m)/

/** JSON text that is as safe to print, and means the same. */
export function printableJson(text: string): string {
  if (PLAIN.test(text)) return text
  return text
    .replace(UNSAFE, (c) =>
      // Between the tokens JSON may be written on several lines.
      c === '\n'
        ? c
        : Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
    )
    .replaceAll('##[', '#\\u0023[')
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' }

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
