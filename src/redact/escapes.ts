import type { Raw } from '../line/line.js'

/** A raw text with its escapes resolved; each of its bytes knows from where in the source it came. */
export interface Resolved {
  readonly text: Raw
  /** Where each byte begins in the source. */
  readonly from: Uint32Array
  /** Where each byte ends in the source. */
  readonly to: Uint32Array
}

/** Escapes within escapes (a JSON text in a JSON text, a percent sign that is escaped itself) are resolved so often. */
const MAX_DEPTH = 3

const MAY_ESCAPE = /[\\%\x1b]/
/** Percent, octal, hexadecimal, JSON's and Rust's escapes; colours, which stand for nothing. */
const ESCAPE =
  /%[0-9a-f]{2}|\\(?:[0-3][0-7]{2}|x[0-9a-f]{2}|u\{[0-9a-f]{1,6}\}|u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u[0-9a-f]{4}|[^\w]|[ntrfvea0])|\x1b\[[0-9;]{0,16}m/gi
const LETTERS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  e: '\x1b',
  a: '\x07',
  '0': '\0',
}

/** What a text says when its escapes are resolved, once and again; nothing when it has none. */
export function resolvedViews(source: Raw): Resolved[] {
  const views: Resolved[] = []
  for (let view = resolve(source); view !== null; ) {
    views.push(view)
    if (views.length === MAX_DEPTH) break
    const next = resolve(view.text)
    view = next && compose(view, next)
  }
  return views
}

function resolve(source: Raw): Resolved | null {
  if (!MAY_ESCAPE.test(source)) return null
  const parts: string[] = []
  const from = new Uint32Array(source.length)
  const to = new Uint32Array(source.length)
  let length = 0
  let at = 0
  const plain = (end: number): void => {
    parts.push(source.slice(at, end))
    for (; at < end; at++) {
      from[length] = at
      to[length++] = at + 1
    }
  }
  for (const found of source.matchAll(ESCAPE)) {
    plain(found.index)
    const bytes = meaning(found[0], found[1], found[2])
    at = found.index + found[0].length
    for (let i = 0; i < bytes.length; i++) {
      from[length] = found.index
      to[length++] = at
    }
    parts.push(bytes)
  }
  if (at === 0) return null
  plain(source.length)
  return { text: parts.join(''), from: from.subarray(0, length), to: to.subarray(0, length) }
}

/** The bytes that an escape stands for: never more than it is long. */
function meaning(text: string, high: string | undefined, low: string | undefined): Raw {
  if (text.startsWith('\x1b')) return ''
  if (text.startsWith('%')) return String.fromCharCode(Number.parseInt(text.slice(1), 16))
  const body = text.slice(1)
  if (high !== undefined && low !== undefined) {
    return utf8(0x10000 + ((Number.parseInt(high, 16) - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00))
  }
  if (/^[0-3][0-7]{2}$/.test(body)) return String.fromCharCode(Number.parseInt(body, 8))
  if (/^x/i.test(body) && body.length === 3) return String.fromCharCode(Number.parseInt(body.slice(1), 16))
  if (/^u/i.test(body) && body.length > 1) return utf8(Number.parseInt(body.replace(/[u{}]/gi, ''), 16))
  return LETTERS[body] ?? body
}

function utf8(point: number): Raw {
  return point > 0x10ffff ? '?' : Buffer.from(String.fromCodePoint(point), 'utf8').toString('latin1')
}

function compose(outer: Resolved, inner: Resolved): Resolved {
  return {
    text: inner.text,
    from: inner.from.map((at) => outer.from[at] as number),
    to: inner.to.map((at) => outer.to[at - 1] as number),
  }
}
