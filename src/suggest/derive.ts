import type { Dialect } from '../dialect/core/dialect.js'
import { type Rewriting, replaced, rewritten, unwrapped } from '../dialect/text/rewritten.js'
import { Names } from '../drift/profile/names.js'
import { Profiler } from '../drift/profile/profiler.js'
import type { Line, Raw } from '../line/line.js'
import { aroundOf } from './around.js'
import { type Kind, Kinds, kindOf, MAX_EXAMPLES, namesIn } from './kinds.js'
import { generalized, opener, type Piece, piecesOf } from './pieces.js'
import { findRules } from './search.js'

/** How much is rewritten. */
export interface Effort {
  /** Only lines of which nothing is read, or all that look otherwise. */
  lines: 'unread' | 'other'
  /** What stands around lines is taken off first. */
  unwraps: boolean
}

const MAX_SAMPLES = 3
const MAX_JUNK = 40
/** Bytes of a line that is learnt from. */
const MAX_LINE = 4096

/** Rewritings of the new log's lines, not proved; `junk` are those that look like no old line. */
export function derive(
  kinds: readonly Kind[],
  lines: readonly Line[],
  dialect: Dialect,
  effort: Effort,
): Rewriting & { junk: RegExp[] } {
  // A rare kind may be the rest of an odd name.
  const usual = kinds.filter(({ rows }) => rows.length >= 3)
  const isOld = (raw: Raw): boolean => kindOf(usual, raw) !== null
  const raws = lines.map(({ raw }) => raw)
  const around = effort.unwraps ? aroundOf(raws, isOld) : []
  const bare = raws.map((raw) => unwrapped(raw, { around }))
  const samples: never[] = []
  const unread = effort.lines === 'unread' ? unreadLines(rewritten(dialect, { around, samples }), lines) : null
  const other = bare.filter(
    (raw, i) => raw.length < MAX_LINE && (unread === null || unread.has(i)) && !isKnown(kinds, raw),
  )
  const nameRanges = namesFinder(kinds)
  const groups = new Kinds()
  for (const raw of other) groups.add(raw, nameRanges(raw), true)
  const known = sampled(kinds, bare)
  const rules = findRules(kinds, groups.end(), known, (raw) => piecesOf(raw, nameRanges(raw)))
  const junk: RegExp[] = []
  for (const raw of other) {
    const now = replaced(raw, rules)
    if (isKnown(kinds, now) || junk.some((pattern) => pattern.test(now))) continue
    if (junk.length < MAX_JUNK) junk.push(likeIt(piecesOf(now)))
  }
  return { ...(around.length > 0 && { around }), rules, junk, samples }
}

/** Where names of the old log stand in a line, so that lines of both logs are cut alike. */
function namesFinder(kinds: readonly Kind[]): (raw: Raw) => number[] {
  const known = namesIn(kinds)
  const names = new Names()
  names.remember(known)
  return (raw) => names.find(raw, known)
}

const isKnown = (kinds: readonly Kind[], raw: Raw): boolean => kindOf(kinds, raw) !== null

/** Some of the lines of each kind; the kinds learn which of their values are still there. */
function sampled(kinds: readonly Kind[], lines: readonly Raw[]): Raw[] {
  for (const kind of kinds) {
    kind.still = []
    kind.times[1] = 0
  }
  return lines.filter((raw) => {
    const kind = raw.length < MAX_LINE ? kindOf(kinds, raw) : null
    if (kind === null) return false
    const times = ++kind.times[1]
    if (times > MAX_EXAMPLES) return false
    const pieces = piecesOf(raw)
    if (pieces.length === kind.pieces.length) {
      if (kind.still.length === 0) kind.still = pieces.map(() => new Set())
      for (const [i, { text }] of pieces.entries()) kind.still[i]?.add(text)
    }
    return times <= MAX_SAMPLES
  })
}

/** Lines like this one, whatever their values. */
function likeIt(line: readonly Piece[]): RegExp {
  const upTo = opener(line)
  const parts = line.map((piece, i) => {
    if (piece.sort === 'level') return '[A-Z]{3,8}'
    const isAnything = piece.sort === 'value' && !/^\d+$/.test(piece.text)
    return isAnything ? upTo(i + 1, [piece.text]) : generalized(piece.text)
  })
  return new RegExp(`^${parts.join('')}$`, 's')
}

/** Lines of which the dialect reads nothing. */
function unreadLines(dialect: Dialect, lines: readonly Line[]): Set<number> {
  const unread = new Set<number>()
  const profiler = new Profiler({
    dialect,
    onLine: (_, __, ___, { line, spoken }) => void (spoken || unread.add(line.index)),
  })
  for (const [index, line] of lines.entries()) profiler.push({ ...line, index })
  profiler.end(0)
  return unread
}
