/*
 * A moment as a log writes it: `2026-01-31T23:59:59.123456`, `2026/01/31 23:59:59`, `23:59:59,123`. Its value counts units of the
 * last digit (seconds without a fraction, microseconds with six) since 1970, or since midnight. Its form says how it is written:
 * ((date's mark, 0 without a date) * 4 + what is between date and time) * 2 + the fraction's mark) * 8 + the fraction's digits.
 */
const DATE_MARKS = '-/'
const MIDDLE_MARKS = 'T ,_'
const FRACTION_MARKS = '.,'
/** A number holds microseconds since 1970, not nanoseconds. */
const MAX_FRACTION = 6
const DAY = 86_400

const [DASH, SLASH, COLON, ZERO] = [45, 47, 58, 48]

/** Reads moments; most have the second of the one before. */
export class TimeReader {
  /** Of the moment that was read last: see above. */
  value = 0
  form = 0
  /** The last one up to its seconds, what that is in seconds, and its form without a fraction. */
  #text = ''
  #seconds = 0
  #day = 0

  /** Where the moment ends that is written here; -1 when there is none that can be written again alike. */
  read(raw: string, from: number): number {
    const isClock = raw.charCodeAt(from + 2) === COLON
    if (!isClock && raw.charCodeAt(from + 4) !== DASH && raw.charCodeAt(from + 4) !== SLASH) return -1
    if (this.#text !== '' && raw.startsWith(this.#text, from)) return this.#fraction(raw, from + this.#text.length)
    const at = isClock ? this.#clock(raw, from, 0) : this.#date(raw, from)
    if (at < 0) return -1
    this.#text = raw.slice(from, at)
    return this.#fraction(raw, at)
  }

  #date(raw: string, from: number): number {
    const mark = raw.charCodeAt(from + 4)
    const middle = MIDDLE_MARKS.indexOf(raw.charAt(from + 10) || '?')
    const [year, month, day] = [digits(raw, from, 4), digits(raw, from + 5, 2), digits(raw, from + 8, 2)]
    if (raw.charCodeAt(from + 7) !== mark || middle < 0) return -1
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1
    const days = Date.UTC(year, month - 1, day) / (DAY * 1000)
    if (new Date(days * DAY * 1000).getUTCDate() !== day) return -1
    const at = this.#clock(raw, from + 11, days * DAY)
    if (at >= 0) this.#day = (mark === DASH ? 1 : 2) * 4 + middle
    return at
  }

  #clock(raw: string, from: number, days: number): number {
    const [hour, minute, second] = [digits(raw, from, 2), digits(raw, from + 3, 2), digits(raw, from + 6, 2)]
    if (raw.charCodeAt(from + 2) !== COLON || raw.charCodeAt(from + 5) !== COLON) return -1
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1
    this.#seconds = days + hour * 3600 + minute * 60 + second
    this.#day = 0
    return from + 8
  }

  #fraction(raw: string, from: number): number {
    const mark = from < raw.length ? FRACTION_MARKS.indexOf(raw.charAt(from)) : -1
    let length = 0
    let value = this.#seconds
    for (; mark >= 0 && length < MAX_FRACTION; length++) {
      const code = raw.charCodeAt(from + 1 + length)
      if (!isDigit(code)) break
      value = value * 10 + code - ZERO
    }
    this.value = value
    this.form = (this.#day * 2 + (length === 0 ? 0 : mark)) * 8 + length
    return length === 0 ? from : from + 1 + length
  }
}

/** Digits of the fraction. */
export const fractionOf = (form: number): number => form % 8

/** Writes what a `TimeReader` has read. */
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
