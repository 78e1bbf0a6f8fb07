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

const [DASH, SLASH, COLON, ZERO, DOT, COMMA] = [45, 47, 58, 48, 46, 44]

/** Of the longest moment up to its seconds. */
const MAX_SECONDS = 19

/** Reads moments in bytes that end with a zero; most have the second of the one before. */
export class TimeReader {
  /** Of the moment that was read last: see above. */
  value = 0
  form = 0
  /** The last one up to its seconds, what that is in seconds, and its form without a fraction. */
  readonly #text = new Uint8Array(MAX_SECONDS)
  #length = 0
  #seconds = 0
  #day = 0

  /** Where the moment ends that is written here; -1 when there is none that can be written again alike. */
  read(bytes: Uint8Array, from: number): number {
    const isClock = bytes[from + 2] === COLON
    if (!isClock && bytes[from + 4] !== DASH && bytes[from + 4] !== SLASH) return -1
    if (this.#again(bytes, from)) return this.#fraction(bytes, from + this.#length)
    const at = isClock ? this.#clock(bytes, from, 0) : this.#date(bytes, from)
    if (at < 0) return -1
    this.#length = at - from
    for (let i = 0; i < this.#length; i++) this.#text[i] = bytes[from + i]!
    return this.#fraction(bytes, at)
  }

  #again(bytes: Uint8Array, from: number): boolean {
    // The last digits differ most.
    for (let i = this.#length - 1; i >= 0; i--) if (this.#text[i] !== bytes[from + i]) return false
    return this.#length > 0
  }

  #date(bytes: Uint8Array, from: number): number {
    const mark = bytes[from + 4]!
    const middle = MIDDLE_MARKS.indexOf(String.fromCharCode(bytes[from + 10] || 63))
    const [year, month, day] = [digits(bytes, from, 4), digits(bytes, from + 5, 2), digits(bytes, from + 8, 2)]
    if (bytes[from + 7] !== mark || middle < 0) return -1
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1
    const days = Date.UTC(year, month - 1, day) / (DAY * 1000)
    if (new Date(days * DAY * 1000).getUTCDate() !== day) return -1
    const at = this.#clock(bytes, from + 11, days * DAY)
    if (at >= 0) this.#day = (mark === DASH ? 1 : 2) * 4 + middle
    return at
  }

  #clock(bytes: Uint8Array, from: number, days: number): number {
    const [hour, minute, second] = [digits(bytes, from, 2), digits(bytes, from + 3, 2), digits(bytes, from + 6, 2)]
    if (bytes[from + 2] !== COLON || bytes[from + 5] !== COLON) return -1
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1
    this.#seconds = days + hour * 3600 + minute * 60 + second
    this.#day = 0
    return from + 8
  }

  #fraction(bytes: Uint8Array, from: number): number {
    const first = bytes[from]
    const mark = first === DOT ? 0 : first === COMMA ? 1 : -1
    let length = 0
    let value = this.#seconds
    for (; mark >= 0 && length < MAX_FRACTION; length++) {
      const digit = bytes[from + 1 + length]! - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
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

/** So many digits; -1 when they are not there. */
function digits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i]! - ZERO
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}
