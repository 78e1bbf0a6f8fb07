import type { Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'

/** An object as it stands: keys may come twice, and both values count. */
export interface JsonObject {
  readonly pairs: readonly (readonly [key: Raw, value: JsonValue])[]
  /** Its text, from brace to brace. */
  readonly from: number
  readonly to: number
}

/** Strings are raw bytes again; numbers, true, false and null are as they stand. */
export type JsonValue =
  | { readonly string: Raw }
  | { readonly word: Raw }
  | { readonly list: readonly JsonValue[] }
  | JsonObject

/** Deeper than any log goes. */
const MAX_DEPTH = 32

/**
 * Reads a JSON object that fills the whole line, each byte once, and keeps every key. Null when it is none.
 */
export function scanJson(raw: Raw): JsonObject | null {
  if (raw.charCodeAt(0) !== 123) return null
  const scan = { raw, at: 0 }
  const value = readValue(scan, 0)
  skip(scan)
  return value !== null && 'pairs' in value && scan.at === raw.length ? value : null
}

/** The last value of a key that is a string; null when there is none. */
export function stringOf(object: JsonObject, key: string): Raw | null {
  const value = member(object, key)
  return value && 'string' in value ? value.string : null
}

/** The last value of a key. */
export function member(object: JsonObject, key: string): JsonValue | null {
  return object.pairs.findLast(([name]) => name === key)?.[1] ?? null
}

/** A string or a number as the text that it stands for. */
export function textOf(value: JsonValue): Raw | null {
  return 'string' in value ? value.string : 'word' in value ? value.word : null
}

interface Scan {
  readonly raw: Raw
  at: number
}

function skip(scan: Scan): void {
  for (;;) {
    const code = scan.raw.charCodeAt(scan.at)
    if (code !== 32 && code !== 9 && code !== 13 && code !== 10) return
    scan.at++
  }
}

function readValue(scan: Scan, depth: number): JsonValue | null {
  if (depth > MAX_DEPTH) return null
  skip(scan)
  switch (scan.raw.charCodeAt(scan.at)) {
    case 123:
      return readObject(scan, depth)
    case 91:
      return readList(scan, depth)
    case 34: {
      const string = readString(scan)
      return string === null ? null : { string }
    }
    default: {
      const from = scan.at
      while (isWord(scan.raw.charCodeAt(scan.at))) scan.at++
      return scan.at === from ? null : { word: scan.raw.slice(from, scan.at) }
    }
  }
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 45 || code === 43 || code === 46 || code === 69

function readObject(scan: Scan, depth: number): JsonObject | null {
  const from = scan.at++
  const pairs: (readonly [Raw, JsonValue])[] = []
  skip(scan)
  if (scan.raw.charCodeAt(scan.at) === 125) return { pairs, from, to: ++scan.at }
  for (;;) {
    skip(scan)
    const key = readString(scan)
    skip(scan)
    if (key === null || scan.raw.charCodeAt(scan.at++) !== 58) return null
    const value = readValue(scan, depth + 1)
    if (value === null) return null
    pairs.push([key, value])
    skip(scan)
    const mark = scan.raw.charCodeAt(scan.at++)
    if (mark === 125) return { pairs, from, to: scan.at }
    if (mark !== 44) return null
  }
}

function readList(scan: Scan, depth: number): JsonValue | null {
  scan.at++
  const list: JsonValue[] = []
  skip(scan)
  if (scan.raw.charCodeAt(scan.at) === 93) {
    scan.at++
    return { list }
  }
  for (;;) {
    const value = readValue(scan, depth + 1)
    if (value === null) return null
    list.push(value)
    skip(scan)
    const mark = scan.raw.charCodeAt(scan.at++)
    if (mark === 93) return { list }
    if (mark !== 44) return null
  }
}

const LETTERS: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
}

function readString(scan: Scan): Raw | null {
  const { raw } = scan
  if (raw.charCodeAt(scan.at) !== 34) return null
  let from = scan.at + 1
  let value = ''
  for (let at = from; at < raw.length; at++) {
    const code = raw.charCodeAt(at)
    if (code === 34) {
      scan.at = at + 1
      return value === '' ? raw.slice(from, at) : value + raw.slice(from, at)
    }
    if (code !== 92) continue
    value += raw.slice(from, at)
    const letter = raw[at + 1] ?? ''
    if (letter === 'u') {
      const digits = /^(?:[0-9a-fA-F]{4}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?)/.exec(raw.slice(at + 2, at + 12))
      if (digits === null) return null
      const high = Number.parseInt(digits[0].slice(0, 4), 16)
      const pair = digits[0].length > 4 && high >= 0xd800 && high < 0xdc00
      const low = Number.parseInt(digits[0].slice(6), 16)
      value += encode(pair ? String.fromCharCode(high, low) : String.fromCharCode(high))
      at += pair ? 11 : 5
    } else {
      const plain = LETTERS[letter]
      if (plain === undefined) return null
      value += plain
      at++
    }
    from = at + 1
  }
  return null
}
