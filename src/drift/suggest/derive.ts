import type { Dialect } from '../../dialect/core/dialect.js'
import { opcodeOf } from '../../dialect/core/opcode.js'
import { type Rewrite, type Rewriting, rewritten, unwrapped } from '../../dialect/text/rewritten.js'
import type { Line, Raw } from '../../line/line.js'
import { Profiler } from '../profile/profiler.js'
import { type Alignment, align } from './align.js'
import { aroundOf } from './around.js'
import { bagOf, type Kind, kindOf } from './kinds.js'
import { generalized, opener, type Piece, piecesOf } from './pieces.js'
import { ruleOf } from './rule.js'

/** How much is rewritten. */
export interface Effort {
  /** Only lines of which nothing is read, or all that look otherwise. */
  lines: 'unread' | 'other'
  /** What stands around lines is taken off first. */
  unwraps: boolean
}

const MAX_RULES = 400
/** Lines that are held against the kinds of the old log piece by piece, and against how many of those. */
const MAX_ALIGNED = 600
const MAX_CANDIDATES = 12
const MAX_JUNK = 40
/** A line that is less like any old one is another. */
const LEAST_COST = 0.42
const LONGEST = 4096
/** Where so many lines become of one form, one more that becomes of it in another way is a name that looks like a line. */
const RARE = 10

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
    (raw, i) => raw.length < LONGEST && (unread === null || unread.has(i)) && !isKnown(kinds, raw),
  )
  const { rules, junk } = rulesOf(kinds, other)
  return { ...(around.length > 0 && { around }), rules, junk, samples }
}

const isKnown = (kinds: readonly Kind[], raw: Raw): boolean => kindOf(kinds, raw) !== null

function rulesOf(kinds: readonly Kind[], other: readonly Raw[]): { rules: Rewrite[]; junk: RegExp[] } {
  const rules: Rewrite[] = []
  const junk: RegExp[] = []
  /** How many lines each form of old lines was made from. */
  const made = new Map<string, number>()
  let aligned = 0
  for (const raw of other) {
    if (rules.some(([pattern]) => pattern.test(raw)) || junk.some((pattern) => pattern.test(raw))) continue
    if (rules.length >= MAX_RULES || aligned++ >= MAX_ALIGNED) break
    const line = piecesOf(raw)
    const rule = ruleFor(kinds, line, other)
    const times = rule === null ? 0 : other.filter((one) => rule[0].test(one)).length
    const form = JSON.stringify(rule?.[1])
    const most = made.get(form) ?? 0
    if (rule !== null && times * RARE >= most) {
      rules.push(rule)
      made.set(form, Math.max(most, times))
    } else if (junk.length < MAX_JUNK) junk.push(likeIt(line))
  }
  return { rules, junk }
}

/** The rule to the kind that costs least of those to which there is one; null where the line is most like one that says nothing. */
function ruleFor(kinds: readonly Kind[], line: readonly Piece[], other: readonly Raw[]): Rewrite | null {
  const bag = bagOf(line)
  const near = kinds
    .map((kind) => ({ kind, shared: overlap(kind.bag, bag) }))
    .sort((a, b) => b.shared - a.shared)
    .slice(0, MAX_CANDIDATES)
    .filter(({ kind }) => !namesOther(kind.pieces, line))
    .map(({ kind }): { kind: Kind; alignment: Alignment } => ({ kind, alignment: align(kind, line) }))
    .filter(({ alignment }) => alignment.cost < LEAST_COST)
    .sort((a, b) => a.alignment.cost - b.alignment.cost)
  for (const { kind, alignment } of near) {
    if (!kind.spoken) return null
    const rule = ruleOf(kind, alignment, line, other)
    if (rule !== null && !kinds.some((one) => one !== kind && spoils(rule, one))) return rule
  }
  return null
}

/** Lines as they were are changed by it. */
const spoils = (rule: Rewrite, { rows }: Kind): boolean =>
  rows.slice(0, 3).some((row) => {
    const raw = row.join('')
    return unwrapped(raw, { around: [rule] }) !== raw
  })

/** Each of the lines has the name of an opcode that the other does not have. */
function namesOther(old: readonly Piece[], now: readonly Piece[]): boolean {
  const [was, is] = [opcodesIn(old), opcodesIn(now)]
  return [...was].some((opcode) => !is.has(opcode)) && [...is].some((opcode) => !was.has(opcode))
}

const opcodesIn = (pieces: readonly Piece[]): Set<string> =>
  new Set(pieces.flatMap(({ text, sort }) => (sort === 'word' ? (opcodeOf(text) ?? []) : [])))

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0
  let all = 0
  for (const [key, times] of a) {
    shared += Math.min(times, b.get(key) ?? 0) * key.length
    all += times * key.length
  }
  for (const [key, times] of b) all += times * key.length
  return all === 0 ? 0 : (2 * shared) / all
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
