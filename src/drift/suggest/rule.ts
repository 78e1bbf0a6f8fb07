import type { Pair } from '../compare/pair.js'
import type { Example } from '../tokenize/tokens.js'
import { KIND } from '../tokenize/tokens.js'
import { type Conversion, conversionOf } from './conversion.js'

/** A line of the new form, as a pattern, and what it was before: pieces of text and numbers of groups. */
export interface Rule {
  /** Source of a regular expression over the bytes of a line. */
  pattern: string
  /** Text as it was, or a group of the pattern, perhaps converted. */
  parts: readonly (string | { group: number; convert?: Conversion })[]
}

/** Pieces of a line in order; values (and what the kinds of lines leave out: time and level) are variable. */
interface Piece {
  text: string
  isVariable: boolean
  /** The word before it. */
  field: string
  /** Which value of the kind of line it is; -1 for what is between the pieces. */
  slot: number
  quote: string
}

function piecesOf(example: Example): Piece[] {
  const pieces: Piece[] = []
  const { raw, kinds, starts, ends } = example
  let at = 0
  let slot = 0
  let field = ''
  for (let i = 0; i < kinds.length; i++) {
    const [start, end] = [starts[i] ?? 0, ends[i] ?? 0]
    if (start > at) pieces.push({ text: raw.slice(at, start), isVariable: true, field: '', slot: -1, quote: '' })
    const kind = kinds[i] ?? 0
    const text = raw.slice(start, end)
    const isValue = kind === KIND.slot || kind === KIND.quoted
    const quote = kind === KIND.quoted ? (text[0] ?? '') : ''
    if (kind === KIND.word) field = text.toLowerCase()
    pieces.push({ text, isVariable: kind > KIND.space, field, slot: isValue ? slot++ : -1, quote })
    at = end
  }
  if (at < raw.length) pieces.push({ text: raw.slice(at), isVariable: true, field: '', slot: -1, quote: '' })
  return pieces
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/**
 * The rule that makes a line of one kind what it was: its words are put back, its values are kept and stand where they stood.
 * Null when the old line had values that the new one does not have.
 */
export function ruleOf({ old, now }: Pick<Pair, 'old' | 'now'>): Rule | null {
  const [before, after] = [piecesOf(old.example), piecesOf(now.example)]
  const groups = after.filter(({ isVariable }) => isVariable)
  let pattern = '^'
  for (const [i, piece] of after.entries()) {
    if (!piece.isVariable) pattern += /^[ \t]{2,}$/.test(piece.text) ? '[ \\t]+' : escaped(piece.text)
    else if (piece.quote !== '') pattern += `${piece.quote}((?:[^${piece.quote}\\\\]|\\\\.)*)${piece.quote}`
    else pattern += i === after.length - 1 ? '(.*)' : i === 0 ? '(.*?)' : '(.+?)'
  }
  const partner = match(before, groups)
  if (partner === null) return null
  const parts = before.map((piece): Rule['parts'][number] => {
    if (!piece.isVariable) return piece.text
    const group = partner.get(piece) ?? 0
    const convert = conversionOf(old.formats[piece.slot], now.formats[groups[group]?.slot ?? -1])
    return { group: group + 1, ...(convert && { convert }) }
  })
  // What stands in quotes was captured without them.
  const quoted = parts.flatMap((part, i) => {
    const quote = before[i]?.quote ?? ''
    return typeof part === 'string' || quote === '' ? [part] : [quote, part, quote]
  })
  // The same line: nothing to put back.
  if (old.id === now.id && parts.every((part) => typeof part === 'string' || part.convert === undefined)) return null
  return { pattern: `${pattern}$`, parts: joined(quoted) }
}

/** Neighbouring texts as one. */
function joined(parts: Rule['parts']): Rule['parts'] {
  const out: Rule['parts'][number][] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part
    else out.push(part)
  }
  return out
}

/** Which of the new line's groups each old value is: the next of the same field, else the next of the same sort. */
function match(before: readonly Piece[], groups: readonly Piece[]): Map<Piece, number> | null {
  const taken = new Set<number>()
  const partner = new Map<Piece, number>()
  const take = (piece: Piece, fits: (group: Piece) => boolean): void => {
    const found = groups.findIndex((group, i) => !taken.has(i) && fits(group))
    if (found < 0) return
    taken.add(found)
    partner.set(piece, found)
  }
  const values = before.filter(({ isVariable }) => isVariable)
  for (const piece of values)
    take(piece, ({ field, slot }) => field !== '' && field === piece.field && slot >= 0 === piece.slot >= 0)
  for (const piece of values) if (!partner.has(piece)) take(piece, ({ slot }) => slot >= 0 === piece.slot >= 0)
  for (const piece of values) if (!partner.has(piece)) return null
  return partner
}
