/** A moment as a log writes it: `2026-01-31T23:59:59.123456`, `2026/01/31 23:59:59`, `23:59:59,123`. */
export interface WrittenTime {
  readonly to: number
  /** Of the last digit: seconds without a fraction, microseconds with six. Since 1970, or since midnight. */
  readonly value: number
  /** How it is written: see `formOf`. */
  readonly form: number
}

const DATE_MARKS = '-/'
const MIDDLE_MARKS = 'T ,_'
const FRACTION_MARKS = '.,'
/** A number holds microseconds since 1970, not nanoseconds. */
const MAX_FRACTION = 6
const DAY = 86_400

/** Form: whether there is a date, its mark, what is between date and time, the fraction's mark and digits. */
const formOf = (date: number, middle: number, mark: number, digits: number): number =>
  ((date * 4 + middle) * 2 + mark) * 8 + digits

/** The moment that is written here; null when there is none that can be written again alike. */
export function readTime(raw: string, from: number): WrittenTime | null {
  if (raw.charCodeAt(from + 2) === 58) return clock(raw, from, 0, 0, 0)
  const date = DATE_MARKS.indexOf(raw[from + 4] ?? '?') + 1
  if (date === 0 || raw[from + 7] !== raw[from + 4]) return null
  const middle = MIDDLE_MARKS.indexOf(raw[from + 10] ?? '?')
  const [year, month, day] = [digits(raw, from, 4), digits(raw, from + 5, 2), digits(raw, from + 8, 2)]
  if (middle < 0 || year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return null
  const days = Date.UTC(year, month - 1, day) / (DAY * 1000)
  if (new Date(days * DAY * 1000).getUTCDate() !== day) return null
  return clock(raw, from + 11, days * DAY, date, middle)
}

function clock(raw: string, from: number, days: number, date: number, middle: number): WrittenTime | null {
  const [hour, minute, second] = [digits(raw, from, 2), digits(raw, from + 3, 2), digits(raw, from + 6, 2)]
  if (raw.charCodeAt(from + 2) !== 58 || raw.charCodeAt(from + 5) !== 58) return null
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return null
  const seconds = days + hour * 3600 + minute * 60 + second
  let to = from + 8
  const mark = FRACTION_MARKS.indexOf(raw[to] ?? '?')
  let length = 0
  if (mark >= 0) while (length < MAX_FRACTION && isDigit(raw.charCodeAt(to + 1 + length))) length++
  if (length === 0) return { to, value: seconds, form: formOf(date, middle, 0, 0) }
  const value = seconds * 10 ** length + digits(raw, to + 1, length)
  to += 1 + length
  return { to, value, form: formOf(date, middle, mark, length) }
}

/** Digits of the fraction. */
export const fractionOf = (form: number): number => form % 8

/** Writes what `readTime` has read. */
export class TimeWriter {
  #seconds = -1
  #form = -1
  #text = ''

  write(value: number, form: number): string {
    const length = fractionOf(form)
    const unit = 10 ** length
    const seconds = Math.floor(value / unit)
    const withoutFraction = length === 0 ? -2 - form : form >> 3
    if (seconds !== this.#seconds || withoutFraction !== this.#form) {
      this.#seconds = seconds
      this.#form = withoutFraction
      this.#text = wholeSeconds(seconds, form)
    }
    return length === 0 ? this.#text : this.#text + String(value % unit).padStart(length, '0')
  }
}

/** Up to the fraction's mark. */
function wholeSeconds(seconds: number, form: number): string {
  const mark = fractionOf(form) === 0 ? '' : FRACTION_MARKS[Math.floor(form / 8) % 2]
  const middle = MIDDLE_MARKS[Math.floor(form / 16) % 4]
  const date = Math.floor(form / 64)
  const inDay = seconds % DAY
  const two = (number: number): string => String(number).padStart(2, '0')
  const time = `${two(Math.floor(inDay / 3600))}:${two(Math.floor(inDay / 60) % 60)}:${two(inDay % 60)}${mark}`
  if (date === 0) return time
  const day = new Date((seconds - inDay) * 1000)
  // Nonsense in a file is not to end in an error of another kind.
  if (Number.isNaN(day.getTime())) return time
  return `${day
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', DATE_MARKS[date - 1] ?? '-')}${middle}${time}`
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** So many digits; -1 when they are not there. */
function digits(raw: string, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const code = raw.charCodeAt(i)
    if (!isDigit(code)) return -1
    value = value * 10 + code - 48
  }
  return value
}
