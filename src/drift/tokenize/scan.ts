import { isDigit } from '../../dialect/text/text.js'
import type { Raw } from '../../line/line.js'
import { numberEnd, timeEnd } from './scan-numbers.js'
import { escapedEnd, jsonKeyEnd, quoteEnd, singleEnd, TELLING } from './scan-quotes.js'
import { errorEnd, flagListEnd, levelEnd, listEnd, modeEnd, someEnd } from './scan-words.js'
import { KIND, MAX_BYTES, type Tokens } from './tokens.js'

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
const isNamePart = (code: number): boolean => isLetter(code) || isDigit(code) || code === 46 || code === 45

/**
 * Cuts a line into what its format says and what the run put in: one pass, no backtracking, whatever the bytes.
 *
 * @param raw without colour
 * @param ranges where names stand that the dialect knows of, as start, end, start, end … in rising order
 */
export function scan(raw: Raw, ranges: readonly number[], out: Tokens): void {
  out.reset(raw)
  const end = Math.min(raw.length, MAX_BYTES)
  const json = raw.charCodeAt(0) === 123 && raw.charCodeAt(raw.length - 1) === 125
  /** Strings cost one search each, also when there is no closing quote. */
  let unclosed = false
  /** The next string is the format's own words. */
  let telling = false
  let inString = false
  let range = 0
  let i = 0
  while (i < end && !out.full) {
    const code = raw.charCodeAt(i)
    while (range < ranges.length && (ranges[range + 1] ?? 0) <= i) range += 2
    if (range < ranges.length && i >= (ranges[range] ?? 0)) {
      const to = ranges[range + 1] ?? i + 1
      add(out, KIND.slot, i, to)
      i = to
      continue
    }
    if (code === 32 || code === 9) {
      let to = i + 1
      while (to < end && (raw.charCodeAt(to) === 32 || raw.charCodeAt(to) === 9)) to++
      // `FUSE(  2)`, `FUSE( 10)`: padded to a width.
      if (to < end && raw.charCodeAt(i - 1) !== 40) out.add(KIND.space, i, to)
      i = to
      continue
    }
    if (code === 34) {
      const to = inString ? escapedEnd(raw, i, end) : closing(raw, i, end, ranges, range, unclosed)
      if (inString) {
        if (to > i) out.add(KIND.quoted, i, to)
        else {
          out.add(KIND.mark, i, i + 1)
          inString = raw.charCodeAt(i - 1) === 92
        }
        i = Math.max(to, i + 1)
        continue
      }
      if (to < 0) unclosed = true
      else {
        const value = json ? jsonKeyEnd(raw, to) : 0
        if (value > 0) telling = TELLING.has(raw.slice(i + 1, to - 1)) || isSpanName(raw, i, value)
        if (value === 0 && telling) {
          telling = false
          inString = true
          out.add(KIND.mark, i, i + 1)
          i++
          continue
        }
        out.add(value > 0 ? KIND.word : KIND.quoted, i, to)
        i = to
        continue
      }
    }
    if (code === 39 && QUOTE_BEGINS.has(raw.charCodeAt(i - 1))) {
      const to = singleEnd(raw, i, end, ranges[range] === i + 1 ? (ranges[range + 1] ?? 0) : 0)
      if (to > i) {
        out.add(KIND.quoted, i, to)
        i = to
        continue
      }
    }
    const before = i === 0 ? 32 : raw.charCodeAt(i - 1)
    const fresh = !isLetter(before) && !isDigit(before)
    if (isDigit(code) || (code === 45 && isDigit(raw.charCodeAt(i + 1)) && !isDigit(before))) {
      const time = fresh ? timeEnd(raw, i, end) : i
      if (time > i) out.add(KIND.time, i, time)
      let to = time > i ? time : numberEnd(raw, i, end)
      // `140421472719536/a.txt`: an entry of a node.
      if (fresh && time === i && raw.charCodeAt(to) === 47) while (to < end && !PATH_ENDS.has(raw.charCodeAt(to))) to++
      if (time === i) add(out, KIND.slot, i, to)
      i = to
      continue
    }
    if (fresh) {
      const to = special(raw, i, end, code, out)
      if (to > i) {
        i = to
        continue
      }
    }
    if (isLetter(code) || code >= 0x80) {
      let to = i + 1
      while (to < end && (isLetter(raw.charCodeAt(to)) || raw.charCodeAt(to) >= 0x80) && to !== ranges[range]) to++
      out.add(KIND.word, i, to)
      i = to
      continue
    }
    out.add(KIND.mark, i, i + 1)
    i++
    if (code === 61 && i < end) i = bareValue(raw, i, end, ranges[range] ?? end, out)
  }
  if (i < raw.length && i > 0) add(out, KIND.slot, i, raw.length)
}

/** Where the string at `i` ends; a name that the dialect knows may hold quotes itself. */
function closing(
  raw: Raw,
  i: number,
  end: number,
  ranges: readonly number[],
  range: number,
  unclosed: boolean,
): number {
  const to = ranges[range + 1]
  if (ranges[range] === i + 1 && to !== undefined && raw.charCodeAt(to) === 34) return to + 1
  return unclosed ? -1 : quoteEnd(raw, i, end)
}

const isSpanName = (raw: Raw, key: number, value: number): boolean =>
  raw.startsWith('"name"', key) && raw.startsWith('"fuse::', value)

/** Two slots side by side are one: `1m0s`, a name beside a number. */
function add(out: Tokens, kind: number, start: number, end: number): void {
  const last = out.count - 1
  if (last >= 0 && out.kinds[last] === kind && out.ends[last] === start) out.ends[last] = end
  else out.add(kind, start, end)
}

/** Words and signs that stand for something that varies: paths, modes, lists, errors, levels. */
function special(raw: Raw, i: number, end: number, code: number, out: Tokens): number {
  if (code === 47) {
    let to = i + 1
    while (to < end && !PATH_ENDS.has(raw.charCodeAt(to))) to++
    if (to - 1 > i && raw.charCodeAt(to - 1) === 46) to--
    add(out, KIND.slot, i, to)
    return to
  }
  if (code === 91) {
    const to = listEnd(raw, i, end)
    if (to > i) out.add(KIND.slot, i, to)
    return to
  }
  if (code === 45 || code === 100 || code === 108) {
    const to = modeEnd(raw, i, end)
    if (to > i) add(out, KIND.slot, i, to)
    if (to > i) return to
  }
  if (!isLetter(code) && code !== 60) return i
  const level = levelEnd(raw, i, out)
  if (level > i) {
    out.add(KIND.level, i, level)
    return level
  }
  const error = errorEnd(raw, i, end)
  if (error > i) {
    out.add(KIND.error, i, error)
    return error
  }
  const value = Math.max(someEnd(raw, i, end), flagListEnd(raw, i, end))
  if (value > i) add(out, KIND.slot, i, value)
  return value
}

const QUOTE_BEGINS = new Set([...' =([:,'].map((c) => c.charCodeAt(0)))

const PATH_ENDS = new Set([...' \t"\',;:)]}\\\x1b'].map((c) => c.charCodeAt(0)))
const VALUE_ENDS = new Set([...' \t,;:)]}"=({[\x1b'].map((c) => c.charCodeAt(0)))

/** `key=value`: a bare value is a slot; what begins with a bracket or quote, or is a key again, is read on. */
function bareValue(raw: Raw, i: number, end: number, range: number, out: Tokens): number {
  if (i >= range) return i
  let to = i
  while (to < end && !VALUE_ENDS.has(raw.charCodeAt(to))) to++
  if (to === i || raw.charCodeAt(to) === 61) return i
  if (isDigit(raw.charCodeAt(i)) && raw.charCodeAt(to) === 58) {
    const time = timeEnd(raw, i, end)
    if (time > i) return i
  }
  if (raw.charCodeAt(to) === 58 && raw.charCodeAt(to + 1) === 58) return i
  const error = errorEnd(raw, i, end)
  if (error >= to) {
    out.add(KIND.error, i, error)
    return error
  }
  if (
    !isNamePart(raw.charCodeAt(i)) &&
    raw.charCodeAt(i) !== 47 &&
    raw.charCodeAt(i) !== 60 &&
    raw.charCodeAt(i) < 0x80
  )
    return i
  add(out, KIND.slot, i, to)
  return to
}
