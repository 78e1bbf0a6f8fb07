import { stripAnsi } from './colours.js'
import type { Raw } from './line.js'

/** A time that a log line carries itself. */
export interface OwnTime {
  /** `wall`: since 1970; `monotonic`: CLOCK_MONOTONIC; `uptime`: since the program began; `day`: since a midnight. */
  readonly of: 'wall' | 'monotonic' | 'uptime' | 'day'
  readonly ns: bigint
}

/** Time stamps stand within the first bytes of a line. */
const MAX_HEAD = 200
const DAY_NS = 86_400_000_000_000n
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const num = (text: string | undefined): number => Number(text ?? 0)
const fraction = (text: string | undefined): bigint => BigInt((text ?? '').slice(0, 9).padEnd(9, '0'))

/** A clock, of twelve hours where AM or PM stands behind it: hour, minute, second, fraction, A or P. */
const CLOCK =
  '(\\d\\d|\\d(?=[\\d:.,]{6,16} ?[AaPp][Mm])):(\\d\\d):(\\d\\d)(?:[.,](\\d{1,9}))?(?: ?([AaPp])[Mm](?![\\w]))?'

/** Since midnight, by the five groups of `CLOCK` from this one on. */
function clockNs(found: RegExpExecArray, at: number): bigint {
  const [hour, half] = [num(found[at]), found[at + 4]?.toUpperCase()]
  const hours = half === undefined || hour > 12 ? hour : (hour % 12) + (half === 'P' ? 12 : 0)
  return BigInt((hours * 60 + num(found[at + 1])) * 60 + num(found[at + 2])) * 1_000_000_000n + fraction(found[at + 3])
}

/** Days of a year without a year: enough to distinguish one day from the next. */
const dayOfYear = (month: number, day: number): bigint => BigInt(Math.max(0, month) * 31 + day)

const wall = (year: number, month: number, day: number, sinceMidnight: bigint): OwnTime => ({
  of: 'wall',
  ns: BigInt(Date.UTC(year < 100 ? year + 2000 : year, month - 1, day)) * 1_000_000n + sinceMidnight,
})

/** Nanoseconds that a zone like `+01:00` is behind UTC. */
function zoneNs(text: string | undefined): bigint {
  const zone = /^([+-])(\d\d):?(\d\d)$/.exec(text ?? '')
  const minutes = zone ? (num(zone[2]) * 60 + num(zone[3])) * (zone[1] === '-' ? 1 : -1) : 0
  return BigInt(minutes) * 60_000_000_000n
}

/** A month, a day and a clock. */
const ofYear = (m: RegExpExecArray): OwnTime => ({
  of: 'day',
  ns: dayOfYear(num(m[1]) - 1, num(m[2])) * DAY_NS + clockNs(m, 3),
})

/** A month by its name or its number. */
const monthOf = (text: string | undefined): number => MONTHS.indexOf(text ?? '') + 1 || num(text)
const MONTH = `(?:${MONTHS.join('|')})`
const WEEKDAY = '(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?'

/** Numbers of a day and a month; where only the other order makes a date, that one. */
function inOrder(day: number, month: number): [day: number, month: number] {
  return month > 12 && day <= 12 ? [month, day] : [day, month]
}

/** Forms of dated and undated times, the most exact first; a form without a zone counts as UTC. */
const FORMS: readonly (readonly [source: string, read: (m: RegExpExecArray) => OwnTime])[] = [
  // 2025-07-01T12:00:00.123456Z, 2026/11/22 20:00:41, 2022.08.30 16:20:58.489323
  [
    `(\\d{4})([-/.])(\\d\\d)\\2(\\d\\d)[T ]${CLOCK} ?(Z|[+-]\\d\\d:?\\d\\d)?`,
    (m) => wall(num(m[1]), num(m[3]), num(m[4]), clockNs(m, 5) + zoneNs(m[10])),
  ],
  // 11/22/2026, 8:00:41 PM and 11/22/26: where hours are counted so, months come first
  [
    `(\\d{1,2})/(\\d{1,2})/(\\d{4}|\\d\\d),? ${CLOCK}(?<=[Mm])`,
    (m) => {
      const [day, month] = inOrder(num(m[2]), num(m[1]))
      return wall(num(m[3]), month, day, clockNs(m, 4))
    },
  ],
  // dd/mm/yyyy hh:mm:ss.ffffff, as gcsfuse writes it; 22.11.2026, 22-Nov-2026, Sun, 22 Nov 2026, 22/Nov/2026:20:00:41 +0100
  [
    `${WEEKDAY}(\\d{1,2})([-/. ])(\\d\\d|${MONTH})\\2(\\d{4})[ :]${CLOCK}(?: ?([+-]\\d\\d:?\\d\\d))?`,
    (m) => {
      const [day, month] = inOrder(num(m[1]), monthOf(m[3]))
      return wall(num(m[4]), month, day, clockNs(m, 5) + zoneNs(m[10]))
    },
  ],
  // Sun Nov 22 20:00:41 2026, with a zone before the year; Nov 22, 2026 20:00:41
  [
    `${WEEKDAY}(${MONTH}) ([ \\d]?\\d) ${CLOCK}(?: [A-Z]{3,5})? (\\d{4})(?![\\d/.:-])`,
    (m) => wall(num(m[8]), monthOf(m[1]), num(m[2]), clockNs(m, 3)),
  ],
  [
    `${WEEKDAY}(${MONTH}) (\\d{1,2}), (\\d{4}),? ${CLOCK}`,
    (m) => wall(num(m[3]), monthOf(m[1]), num(m[2]), clockNs(m, 4)),
  ],
  // Nov 22 20:00:41, as syslog writes it
  [
    `([A-Z][a-z]{2}) ([ \\d]\\d) ${CLOCK}`,
    (m) => ({
      of: 'day',
      ns: dayOfYear(MONTHS.indexOf(m[1] ?? ''), num(m[2])) * DAY_NS + clockNs(m, 3),
    }),
  ],
  // D1122 20:59:57.387734, as glog writes it
  [`[DIWEF](\\d\\d)(\\d\\d) ${CLOCK}`, ofYear],
  // 04.22 11:30:00.472019, as MooseFS writes it
  [`(\\d\\d)\\.(\\d\\d) ${CLOCK}`, ofYear],
  // 20:00:35.640828
  [CLOCK, (m) => ({ of: 'day', ns: clockNs(m, 1) })],
]

/** A date and a clock in any of the forms that name their year, as the source of a pattern without groups. */
export const DATED: string = FORMS.slice(1, 5)
  .map(([source]) => source.replace(/\\2/g, '[-/. ]').replace(/\((?!\?)/g, '(?:'))
  .join('|')

/** Seconds alone are only believed where nothing stands before them: an uptime, or seconds since 1970. */
const SECONDS = /^(\d{1,10})\.(\d{1,9})(s?)(?=[\s\]:])/

const LEADING = FORMS.map(([source, read]) => [new RegExp(`^${source}(?![\\w/])`), read] as const)
const ANYWHERE = FORMS.map(([source, read]) => [new RegExp(`(?<![\\w./-])${source}(?![\\w/])`), read] as const)

/**
 * The time that a line begins with, behind blanks, colours, a bracket or syslog's priority; null when it begins with
 * none. What stands further on may be somebody's name. Costs the same however long the line is.
 */
export function leadingTime(raw: Raw): OwnTime | null {
  const head = stripAnsi(raw.slice(0, MAX_HEAD)).replace(/^\s{0,12}(?:<\d{1,3}>(?:1 )?)?\[?\s{0,8}/, '')
  const first = head.charCodeAt(0)
  if (!(first >= 48 && first <= 57) && !(first >= 65 && first <= 90)) return null
  for (const [form, read] of LEADING) {
    const found = form.exec(head)
    if (found) return read(found)
  }
  const seconds = SECONDS.exec(head)
  return seconds ? secondsOf(seconds[1] ?? '', seconds[2], seconds[3] === 's') : null
}

/** Seconds with a fraction: since 1970 where they are as many as that, else since some begin. */
function secondsOf(whole: string, part: string | undefined, uptime: boolean): OwnTime {
  const since1970 = whole.length === 10 && !uptime
  return { of: since1970 ? 'wall' : 'uptime', ns: BigInt(whole) * 1_000_000_000n + fraction(part) }
}

/** The first time in a text that a logger wrote and that holds nobody's names: what stands before a line's message. */
export function timeIn(prefix: Raw): OwnTime | null {
  if (prefix === '') return null
  const head = stripAnsi(prefix.slice(0, MAX_HEAD))
  for (const [form, read] of ANYWHERE) {
    const found = form.exec(head)
    if (found) return read(found)
  }
  return leadingTime(`${head} `)
}

/** The time that a field of a JSON line or of `key="value"` holds: text, seconds, milli-, micro- or nanoseconds since 1970. */
export function timeOfValue(value: unknown): OwnTime | null {
  if (typeof value === 'string') return numeric(value) ?? leadingTime(`${value} `)
  if (typeof value === 'number') return numeric(String(value))
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Record<string, unknown>
  const seconds = String(fields.seconds ?? fields.timestampSeconds)
  const nanos = String(fields.nanos ?? fields.timestampNanos ?? 0)
  if (!/^\d{1,12}$/.test(seconds) || !/^\d{1,19}$/.test(nanos)) return null
  // Some write all of the time as nanoseconds beside its seconds.
  if (nanos.length > 9) return nanos.startsWith(seconds) ? numeric(nanos) : null
  return { of: 'wall', ns: BigInt(seconds) * 1_000_000_000n + BigInt(nanos) }
}

/** By its length a whole number is of seconds (10 digits), or of thousandths, millionths or billionths. */
function numeric(text: string): OwnTime | null {
  const found = /^(\d{10,19})(?:\.(\d{1,9})\d*)?$/.exec(text)
  const digits = found?.[1] ?? ''
  if (digits.length < 10 || (digits.length - 10) % 3 !== 0) return null
  const perDigit = 10n ** BigInt(19 - digits.length)
  return { of: 'wall', ns: BigInt(digits) * perDigit + (digits.length === 10 ? fraction(found?.[2]) : 0n) }
}
