import { opcodeOf } from '../dialect/core/opcode.js'
import type { Raw } from '../line/line.js'
import { count } from '../template/shape.js'
import { escaped, isAny, isValue, opener, type Piece, piecesOf, writingOf } from './pieces.js'

export const MAX_EXAMPLES = 64
const MAX_KINDS = 600
const MAX_WORDS = 4

/** Lines of the old log that differ in their values only. */
export interface Kind {
  readonly pieces: readonly Piece[]
  /** The values at each piece, of the first lines; the text itself for what is no value. */
  readonly values: readonly Set<Raw>[]
  /** The values of each of the first lines, by piece. */
  readonly rows: Raw[][]
  /** The values at each piece in lines of the new log that are of this kind; empty when there are none. */
  still: Set<Raw>[]
  /** Lines of it in the old log, and in the new one. */
  times: [old: number, now: number]
  /** How each piece is written, as a part of a regular expression; '' for what is no value. */
  readonly writings: string[]
  /** What such a line looks like, and text that all of them hold: sooner looked for. */
  pattern: RegExp
  needles: Raw[]
  /** The dialect read something in lines of this kind. */
  spoken: boolean
  /** Words and signs, for a first comparison. */
  readonly bag: Map<string, number>
  /** Pieces that are the same text in all lines, and there are some lines. */
  isConstant(piece: number): boolean
  /** Few words stand there again and again: outcomes, say. */
  isWord(piece: number): boolean
}

/** Gathers the kinds of lines of a log. */
export class Kinds {
  readonly #byKey = new Map<string, Kind>()

  /** @param names where names stand in it */
  add(raw: Raw, names: readonly number[], spoken: boolean): void {
    const pieces = piecesOf(raw, names)
    const key = pieces.map((piece) => (isValue(piece) ? `\x01${piece.sort}` : piece.text)).join('\x02')
    let kind = this.#byKey.get(key)
    if (kind === undefined) {
      if (this.#byKey.size >= MAX_KINDS) return
      kind = newKind(pieces)
      this.#byKey.set(key, kind)
    }
    if (spoken) kind.spoken = true
    kind.times[0]++
    if (kind.rows.length >= MAX_EXAMPLES) return
    kind.rows.push(pieces.map(({ text }) => text))
    for (const [i, { text }] of pieces.entries()) kind.values[i]?.add(text)
  }

  /** All kinds, with what they look like. */
  end(): Kind[] {
    const kinds = [...this.#byKey.values()]
    for (const kind of kinds) {
      const upTo = opener(kind.pieces)
      const parts = kind.pieces.map((piece, i) => {
        if (!isValue(piece)) return ''
        const values = [...(kind.values[i] ?? [])]
        const words = values.map(escaped).join('|')
        const writing = kind.isWord(i) && values.length > 1 ? `(?:${words})` : writingOf(values, piece)
        kind.writings[i] = writing
        return `(?:${writing === '.*?' ? upTo(i + 1, values) : writing})`
      })
      kind.pattern = patternOf(kind, parts)
      const words = kind.pieces.filter(({ sort }) => sort === 'word').map(({ text }) => text)
      kind.needles = words.sort((a, b) => b.length - a.length).slice(0, 3)
    }
    return kinds.filter((kind) => !isLoose(kind))
  }
}

/** Anything could look like it: the rest of a name that holds a line feed, say. */
const isLoose = ({ pieces, writings }: Kind): boolean =>
  isAny(writings[0] ?? '') || !pieces.some(({ sort }) => sort === 'word' || sort === 'mark')

function newKind(pieces: readonly Piece[]): Kind {
  const kind: Kind = {
    pieces,
    values: pieces.map(() => new Set<Raw>()),
    rows: [],
    still: [],
    times: [0, 0],
    writings: pieces.map(() => ''),
    pattern: /^/,
    needles: [],
    spoken: false,
    bag: bagOf(pieces),
    isConstant: (piece) => kind.rows.length >= 3 && kind.values[piece]?.size === 1,
    isWord: (piece) => {
      const values = [...(kind.values[piece] ?? [])]
      const isNamed = kind.pieces[piece]?.isName === true || kind.pieces[piece]?.sort !== 'value'
      if (isNamed || values.length > MAX_WORDS || kind.rows.length < values.length * 5) return false
      return values.every((value) => /^\w+$/.test(value)) && values.some((value) => /[A-Za-z]/.test(value.slice(0, 1)))
    },
  }
  return kind
}

function patternOf({ pieces }: Kind, parts: readonly string[]): RegExp {
  const all = pieces.map((piece, i) => {
    if (parts[i] !== '') return parts[i]
    // `FUSE(  2)`: padded to a width.
    return piece.sort === 'space' && pieces[i - 1]?.text === '(' ? ' *' : escaped(piece.text)
  })
  return new RegExp(`^${all.join('')}$`, 's')
}

/** The first of the kinds that a line is of; null when it is of none. */
export const kindOf = (kinds: readonly Kind[], raw: Raw): Kind | null =>
  kinds.find(({ needles, pattern }) => needles.every((needle) => raw.includes(needle)) && pattern.test(raw)) ?? null

/** The only value at a place, names aside, that lines which are as they were do not show any more. */
export function onlyGone({ pieces, values, still }: Kind, piece: number): Raw | null {
  if (pieces[piece]?.isName || still.length === 0) return null
  const [text, ...others] = [...(values[piece] ?? [])].filter((value) => !still[piece]?.has(value))
  return text === undefined || others.length > 0 ? null : text
}

/** Names that the dialect has read in lines of these kinds. */
export const namesIn = (kinds: readonly Kind[]): Raw[] => [
  ...new Set(
    kinds.flatMap(({ pieces, values }) => pieces.flatMap(({ isName }, i) => (isName ? [...(values[i] ?? [])] : []))),
  ),
]

/** How often each word and sign stands in a line. */
export function bagOf(pieces: readonly Piece[]): Map<string, number> {
  const bag = new Map<string, number>()
  for (const { text, sort } of pieces) if (sort === 'word' || sort === 'mark') count(bag, text.toLowerCase(), 256)
  return bag
}

/** Each of the lines has the name of an opcode that the other does not have. */
export function namesOther(old: readonly Piece[], now: readonly Piece[]): boolean {
  const [was, is] = [opcodesIn(old), opcodesIn(now)]
  return [...was].some((opcode) => !is.has(opcode)) && [...is].some((opcode) => !was.has(opcode))
}

const opcodesIn = (pieces: readonly Piece[]): Set<string> =>
  new Set(pieces.flatMap(({ text, sort }) => (sort === 'word' ? (opcodeOf(text) ?? []) : [])))
