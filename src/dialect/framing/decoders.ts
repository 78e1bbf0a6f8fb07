import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'
import type { Layer } from './layer.js'
import { literal } from './messages.js'
import { enclosed } from './pasted.js'

/** What a page on the web writes for characters of a line. */
const NAMED: Readonly<Record<string, Raw>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }
const NO_BREAK = '\xc2\xa0'
const ENTITY = /&(?:(lt|gt|amp|quot|apos|nbsp)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));/g

function character(decimal: string | undefined, hex: string | undefined): Raw | null {
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  if (!(code > 0 && code <= 0x10ffff) || (code >= 0xd800 && code < 0xe000)) return null
  return code === 0xa0 ? ' ' : encode(String.fromCodePoint(code))
}

const replacing =
  (pattern: RegExp, by: (...found: string[]) => Raw): Layer =>
  (raw) => ({ raw: raw.replace(pattern, by) })

const decodeEntities = (raw: Raw): Raw =>
  raw.replace(
    ENTITY,
    (all: string, name?: string, decimal?: string, hex?: string) => NAMED[name ?? ''] ?? character(decimal, hex) ?? all,
  )

interface Decoder {
  /** What shows in a line that it may be written so. */
  readonly sign: RegExp
  readonly decode: Layer
  /** Where no daemon's line can look like it. @default a line must say more without */
  readonly certain?: (raw: Raw) => boolean
}

/** A string's begin, in a line without any other quotation mark: no name has written it so. */
const QUOTED = /[=[(,: ]&(?:quot|#34|#x22);/i
/** A line that may be a string from its begin to its end. */
const LITERAL = /^\s{0,20}[bu]?(["']).*\1,?$/
/** Where the string ends within the line, marks were put around a text that holds such marks: it has no escapes. */
const wholeLiteral: Layer = (raw) => {
  const read = LITERAL.test(raw) ? literal(raw, 0) : null
  return read !== null && /^,?$/.test(raw.slice(read.end)) ? read : null
}

/**
 * Ways to write a line's characters in another way, each undone. A name may look like any of them: they are tried where a line says
 * more without, or where that is certain.
 */
const DECODERS: readonly Decoder[] = [
  // HTML: &lt;- Lookup &quot;a&quot;
  {
    sign: /&(?:lt|gt|amp|quot|apos|nbsp|#\w{1,8});/,
    decode: (raw) => ({ raw: decodeEntities(raw) }),
    certain: (raw) => QUOTED.test(raw) && !raw.includes('"'),
  },
  // The same of a page that was put into a page: &amp;lt;- Lookup &amp;quot;a&amp;quot;
  {
    sign: /&amp;(?:lt|gt|amp|quot|apos|nbsp|#\w{1,8});/,
    decode: (raw) => ({ raw: decodeEntities(decodeEntities(raw)) }),
    certain: (raw) => QUOTED.test(decodeEntities(raw)) && !decodeEntities(raw).includes('"'),
  },
  // Markdown's marks of emphasis and links, escaped: \[ID=0x6\] lo\_lookup
  { sign: /\\[[\]_*<>]/, decode: replacing(/\\([[\]_*<>])/g, (_, mark = '') => mark) },
  // A page's blanks that do not break, for an indentation or for every blank.
  {
    sign: /^(?:\xc2\xa0| )*\xc2\xa0/,
    decode: replacing(/^(?:\xc2\xa0| )+/, (blanks = '') => blanks.replaceAll(NO_BREAK, ' ')),
  },
  { sign: /\xc2\xa0/, decode: replacing(/\xc2\xa0/g, () => ' ') },
  // Escapes as `cat -v`, rsyslog, Python, Go or a font shows them.
  {
    sign: /(?:\^\[|#033|\\x1b|\\u001b|\\033|\\e|\xe2\x90\x9b)\[/i,
    decode: replacing(/(?:\^\[|#033|\\x1b|\\u001b|\\033|\\e|\xe2\x90\x9b)(?=\[[0-9;]{0,16}[mK])/gi, () => '\x1b'),
  },
  // Colours whose escape was lost on the way: [2m2026-11-22T20:00:41Z[0m
  {
    sign: /(?<!\x1b)\[\d{0,3}(?:;\d{1,3}){0,4}m/,
    decode: replacing(/(?<!\x1b)\[(?=\d{0,3}(?:;\d{1,3}){0,4}m)/g, () => '\x1b['),
  },
  // A string of a language, or of JSON; of what stands in quotes within a line, nothing is believed.
  { sign: LITERAL, decode: wholeLiteral, certain: (raw) => wholeLiteral(raw) !== null },
  { sign: /^`.*`$/, decode: enclosed('`') },
  // Quotation marks of a word processor or a chat.
  {
    sign: /\xe2\x80[\x9c\x9d]/,
    decode: replacing(/\xe2\x80[\x9c\x9d]/g, () => '"'),
    certain: (raw) => /[=[(,: ]\xe2\x80[\x9c\x9d].*\xe2\x80[\x9c\x9d]/.test(raw) && !raw.includes('"'),
  },
  // Mails as they are sent.
  {
    sign: /=3D/,
    decode: replacing(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex ?? '', 16))),
  },
]

/** The ways in which this line may be written, made for a line that shows them. */
export function decodersFor(raw: Raw): { decode: Layer; certain: boolean }[] {
  return DECODERS.filter(({ sign }) => sign.test(raw)).map(({ decode, certain }) => ({
    decode,
    certain: certain?.(raw) ?? false,
  }))
}
