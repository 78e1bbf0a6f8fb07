import type { Raw } from '../../line/line.js'
import { isDigit } from '../text/text.js'
import { LEVELS } from './event.js'

/** What stands at the begin of an event in the full and compact formats. */
export interface Header {
  /** Where time and level end and thread, spans or target begin. */
  at: number
  level: number
  timed: boolean
  /** A time with a date. */
  dated: boolean
}

export const noHeader = (): Header => ({ at: 0, level: 0, timed: false, dated: false })

/** `-`, the fifth of a date. */
const DASH = 45

const RFC3339 = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d| [+-]\d\d:?\d\d)?/y
const UPTIME = /\d{1,12}\.\d{1,9}s?/y
const CLOCK = /\d\d:\d\d:\d\d(?:\.\d{1,9})?/y

/** Where the timer's text that begins at `at` ends, 0 when there is none. RFC 3339, a time of day, seconds of uptime. */
function timeEnd(raw: Raw, at: number): number {
  if (!isDigit(raw.charCodeAt(at))) return 0
  for (const pattern of [RFC3339, CLOCK, UPTIME]) {
    pattern.lastIndex = at
    if (pattern.test(raw)) return pattern.lastIndex
  }
  return 0
}

/** A line that a program prints beside its events, with a level and without a time. */
export const isOwnPrint = (raw: Raw): boolean => levelAt(raw, 0) > 0

/** Levels by the codes of their first letters. */
const BY_LETTER = new Uint8Array(256)
for (const [level, word] of LEVELS.entries()) if (word !== '') BY_LETTER[word.charCodeAt(0)] = level

/** The level whose word stands at `at`, 0 when none does. */
function levelAt(raw: Raw, at: number): number {
  const level = BY_LETTER[raw.charCodeAt(at)] ?? 0
  const word = LEVELS[level] ?? ''
  const end = at + word.length
  if (level === 0 || raw.slice(at, end) !== word) return 0
  const after = end < raw.length ? raw.charCodeAt(end) : 32
  return after === 32 || after === 58 || after === 93 ? level : 0
}

/** An RFC 3339 time in UTC to the microsecond, the usual one: 27 bytes. */
const isUsualTime = (raw: Raw): boolean =>
  raw.length > 27 &&
  raw.charCodeAt(27) === 32 &&
  raw.charCodeAt(26) === 90 &&
  raw.charCodeAt(10) === 84 &&
  raw.charCodeAt(4) === DASH &&
  isDigit(raw.charCodeAt(0))

/** What follows it, by level: 7 bytes, of which the fifth shows which it is. */
const USUAL = LEVELS.map((word) => ` ${word.padStart(5)} `)
const USUAL_BY_LETTER = new Uint8Array(256)
for (const [level, text] of USUAL.entries()) if (level > 0) USUAL_BY_LETTER[text.charCodeAt(4)] = level

/** The level after a usual time, 0 when it does not stand there as usual. */
function usualLevel(raw: Raw): number {
  if (raw.length < 35 || raw.charCodeAt(34) === 32) return 0
  const level = USUAL_BY_LETTER[raw.charCodeAt(31)] ?? 0
  return level > 0 && raw.slice(27, 34) === USUAL[level] ? level : 0
}

/** Reads time and level into `header`; false when the line begins with neither. */
export function readHeader(raw: Raw, header: Header): boolean {
  let at = 27
  if (isUsualTime(raw)) {
    header.level = usualLevel(raw)
    header.at = 34
    header.timed = header.dated = true
    if (header.level > 0) return true
  } else {
    at = 0
    while (raw.charCodeAt(at) === 32 && at < 16) at++
    at = timeEnd(raw, at)
    if (at > 0 && raw[at] !== ' ') return false
  }
  // Into syslog programs write it so.
  if (at === 0 && raw.charCodeAt(0) === 91) {
    header.timed = false
    header.dated = false
    header.level = levelAt(raw, 1)
    header.at = (LEVELS[header.level] ?? '').length + 3
    return header.level > 0 && raw.startsWith('] ', header.at - 2)
  }
  header.timed = at > 0
  header.dated = header.timed && raw.charCodeAt(4) === DASH
  while (raw.charCodeAt(at) === 32) at++
  header.level = levelAt(raw, at)
  if (header.level > 0) {
    at += LEVELS[header.level]?.length ?? 0
    while (raw.charCodeAt(at) === 32) at++
  }
  header.at = at
  return header.timed || header.level > 0
}
