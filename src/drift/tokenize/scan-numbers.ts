import { digitsEnd, isDigit } from '../../dialect/text/text.js'
import type { Raw } from '../../line/line.js'

const at = (raw: Raw, i: number, text: string): boolean => raw.startsWith(text, i)
const isHex = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95

/** Longest first. `µ` as UTF-8 and as MICRO SIGN's other form. */
const UNITS = [
  '\xc2\xb5s',
  '\xce\xbcs',
  'ns',
  'us',
  'ms',
  'KiB',
  'MiB',
  'GiB',
  'kB',
  'MB',
  'GB',
  's',
  'm',
  'h',
  'b',
  'B',
  'k',
  'M',
  'G',
  '%',
]

/** Where a number that begins at `i` ends: sign, 0x, 0o, fractions, versions (`3.14.0`), units (`67.3µs`, `1m0s`). */
export function numberEnd(raw: Raw, i: number, end: number): number {
  let to = raw.charCodeAt(i) === 45 ? i + 1 : i
  if ((at(raw, to, '0x') || at(raw, to, '0X')) && isHex(raw.charCodeAt(to + 2))) {
    to += 2
    while (to < end && isHex(raw.charCodeAt(to))) to++
    return to
  }
  if (at(raw, to, '0o')) to += 2
  const bare = bareHexEnd(raw, to, end)
  if (bare > to) return bare
  for (;;) {
    to = digitsEnd(raw, to)
    while (raw.charCodeAt(to) === 46 && isDigit(raw.charCodeAt(to + 1))) to = digitsEnd(raw, to + 1)
    const unit = unitEnd(raw, to)
    if (unit === to) return Math.min(to, end)
    to = unit
    if (!isDigit(raw.charCodeAt(to))) return Math.min(to, end)
  }
}

function unitEnd(raw: Raw, i: number): number {
  const code = raw.charCodeAt(i)
  if (!isLetter(code) && code !== 37 && code < 0x80) return i
  for (const unit of UNITS) {
    if (!at(raw, i, unit)) continue
    const next = raw.charCodeAt(i + unit.length)
    if (!isLetter(next) && !(next >= 0x80)) return i + unit.length
  }
  return i
}

/** Six or more hex digits with a letter and a digit among them: an id. */
function bareHexEnd(raw: Raw, i: number, end: number): number {
  let to = i
  let letters = false
  while (to < end && isHex(raw.charCodeAt(to))) letters = !isDigit(raw.charCodeAt(to++)) || letters
  return letters && to - i >= 6 && !isLetter(raw.charCodeAt(to)) ? to : i
}

const isTwo = (raw: Raw, i: number): boolean => isDigit(raw.charCodeAt(i)) && isDigit(raw.charCodeAt(i + 1))

/** Where a point in time that begins at `i` ends, `i` when there is none: dates and clocks in the usual forms. */
export function timeEnd(raw: Raw, i: number, end: number): number {
  let to = dateEnd(raw, i)
  const date = to > i
  if (date) {
    const separator = raw.charCodeAt(to)
    if ((separator !== 84 && separator !== 32) || !isClock(raw, to + 1)) return to
    to++
  } else if (!isClock(raw, i)) return i
  to += 8
  if ((raw.charCodeAt(to) === 46 || raw.charCodeAt(to) === 44) && isDigit(raw.charCodeAt(to + 1)))
    to = digitsEnd(raw, to + 1)
  if (raw.charCodeAt(to) === 90) to++
  else if (date) {
    const sign = raw.charCodeAt(to) === 32 ? to + 1 : to
    if ((raw.charCodeAt(sign) === 43 || raw.charCodeAt(sign) === 45) && isTwo(raw, sign + 1)) {
      let zone = digitsEnd(raw, sign + 1)
      if (raw.charCodeAt(zone) === 58) zone = digitsEnd(raw, zone + 1)
      to = at(raw, zone, ' UTC') ? zone + 4 : zone
    }
  }
  return Math.min(to, end)
}

function dateEnd(raw: Raw, i: number): number {
  if (!isTwo(raw, i) || !isTwo(raw, i + 2)) return i
  const separator = raw.charCodeAt(i + 4)
  if (separator !== 45 && separator !== 47) return i
  if (!isTwo(raw, i + 5) || raw.charCodeAt(i + 7) !== separator || !isTwo(raw, i + 8)) return i
  return isDigit(raw.charCodeAt(i + 10)) ? i : i + 10
}

const isClock = (raw: Raw, i: number): boolean =>
  isTwo(raw, i) &&
  raw.charCodeAt(i + 2) === 58 &&
  isTwo(raw, i + 3) &&
  raw.charCodeAt(i + 5) === 58 &&
  isTwo(raw, i + 6) &&
  !isDigit(raw.charCodeAt(i + 8))
