import { type Kind, onlyGone } from './kinds.js'
import { isAny, isValue, PHRASES, type Piece } from './pieces.js'

/** Which pieces of a new line an old kind's pieces have become. */
export interface Alignment {
  /** For each old piece the first new piece and the one behind the last; null when it is not there. */
  links: ([from: number, to: number] | null)[]
  /** 0: the same line; 1: nothing in common. */
  cost: number
}

const OP = { none: 0, match: 1, gone: 2, come: 3, more: 4 } as const

/** Cost of a piece that is only in one of the lines. */
function weight({ text, sort }: Piece): number {
  if (sort === 'space') return 0.1
  if (sort === 'mark') return 0.3
  return sort === 'word' ? (text.length > 1 ? 0.8 : 0.4) : 0.5
}

/** The cheapest way from a kind of the old log to a line of the new one, piece by piece, in the same order. */
export function align(kind: Kind, line: readonly Piece[]): Alignment {
  const { pieces } = kind
  const [n, m] = [pieces.length, line.length]
  const width = m + 1
  const costs = new Float64Array((n + 1) * width)
  const ops = new Uint8Array((n + 1) * width)
  const costOf = substitution(kind, line)
  let total = 0
  for (let i = 0; i <= n; i++) {
    const old = pieces[i - 1]
    const goneCost = old ? (isValue(old) ? lossOf(kind, i - 1) : weight(old)) : 0
    if (old) total += weight(old)
    const takesMore = old !== undefined && isValue(old) && takesSome(kind, i - 1)
    for (let j = 0; j <= m; j++) {
      const now = line[j - 1]
      const at = i * width + j
      let [best, op] = [i === 0 && j === 0 ? 0 : Number.POSITIVE_INFINITY, OP.none as number]
      const offer = (cost: number, how: number): void => {
        if (cost < best) [best, op] = [cost, how]
      }
      if (old && now) offer((costs[at - width - 1] ?? 0) + costOf(i - 1, j - 1), OP.match)
      if (old) offer((costs[at - width] ?? 0) + goneCost, OP.gone)
      if (now) offer((costs[at - 1] ?? 0) + weight(now), OP.come)
      const before = ops[at - 1]
      if (now && takesMore && (before === OP.match || before === OP.more))
        offer((costs[at - 1] ?? 0) + (isValue(now) ? 0.15 : 0.2), OP.more)
      costs[at] = best
      ops[at] = op
    }
  }
  for (const piece of line) total += weight(piece)
  return { links: traced(ops, n, m), cost: (costs[n * width + m] ?? 0) / Math.max(1, total) }
}

function traced(ops: Uint8Array, n: number, m: number): Alignment['links'] {
  const links: Alignment['links'] = new Array(n).fill(null)
  let [i, j, end] = [n, m, m]
  while (i > 0 || j > 0) {
    const op = ops[i * (m + 1) + j]
    if (op === OP.match) {
      links[i - 1] = [j - 1, end]
      i--
      j--
      end = j
    } else if (op === OP.gone) i--
    else {
      j--
      if (op !== OP.more) end = j
    }
  }
  return links
}

/** A value may be cut into several pieces where nobody says that it is one. */
const takesSome = (kind: Kind, i: number): boolean =>
  kind.writings[i] === PHRASES || (isAny(kind.writings[i] ?? '') && !kind.isConstant(i))

/** What it costs that a value is not in the new line: little where it was always the same, or a time. */
const lossOf = (kind: Kind, piece: number): number =>
  kind.pieces[piece]?.sort !== 'value' ? 0.4 : kind.isConstant(piece) || onlyGone(kind, piece) !== null ? 0.5 : 2

function substitution(kind: Kind, line: readonly Piece[]): (i: number, j: number) => number {
  const lower = (pieces: readonly Piece[]): string[] => pieces.map(({ text }) => text.toLowerCase())
  const [oldText, newText] = [lower(kind.pieces), lower(line)]
  const [oldWords, newWords] = [new Set(oldText), new Set(newText)]
  const [oldFields, newFields] = [fieldsOf(kind.pieces), fieldsOf(line)]
  const newNames = new Set(newFields)
  const fits = kind.writings.map((writing) => (writing === '' ? null : new RegExp(`^(?:${writing})$`, 's')))
  return (i, j) => {
    const [old, now] = [kind.pieces[i] as Piece, line[j] as Piece]
    if (isValue(old)) {
      const field = oldFields[i] ?? ''
      const hasMoved = field !== '' && newFields[j] !== field && newNames.has(field)
      return valueCost(kind, i, now, fits[i] as RegExp) + (hasMoved ? 2.5 : 0)
    }
    if (old.text === now.text) return 0
    if (oldText[i] === newText[j]) return 0.1
    if (old.sort === 'space' || now.sort === 'space') return old.sort === now.sort ? 0.05 : Number.POSITIVE_INFINITY
    if (old.sort === 'mark' && now.sort === 'mark') return 0.35
    if (old.sort !== 'word' || !/[A-Za-z]/.test(now.text)) return Number.POSITIVE_INFINITY
    // A field that stands at another place is no other field.
    if (oldWords.has(newText[j] ?? '') || newWords.has(oldText[i] ?? '')) return 4
    return 0.2 + 1.1 * (1 - similarity(oldText[i] ?? '', newText[j] ?? ''))
  }
}

function valueCost(kind: Kind, i: number, now: Piece, fits: RegExp): number {
  const old = kind.pieces[i] as Piece
  if (now.sort === 'space') return Number.POSITIVE_INFINITY
  if (now.sort === 'mark') return isAny(kind.writings[i] ?? '') ? 0.8 : Number.POSITIVE_INFINITY
  if (old.sort === 'level' && kind.values[i]?.has(now.text.toUpperCase())) return now.sort === 'level' ? 0 : 0.1
  if (old.sort !== 'value' || now.sort === 'time' || now.sort === 'level') return old.sort === now.sort ? 0 : 1
  if (kind.values[i]?.has(now.text)) return 0
  const unlike = kind.isConstant(i) ? 0.5 : 0.02
  if (now.sort === 'word') return unlike + (isAny(kind.writings[i] ?? '') ? 0.3 : 0.9)
  return unlike + (fits.test(now.text) ? 0 : 0.15)
}

/** The word before each value, in lower case: what it is called. */
export function fieldsOf(pieces: readonly Piece[]): string[] {
  let field = ''
  return pieces.map(({ text, sort }) => {
    const own = field
    if (sort === 'word') field = text.toLowerCase()
    else if (sort !== 'mark' && sort !== 'space') field = ''
    return sort === 'word' || sort === 'mark' || sort === 'space' ? '' : own
  })
}

/** 0 to 1: letters in common at the beginning and the end. */
function similarity(a: string, b: string): number {
  const short = Math.min(a.length, b.length)
  let head = 0
  while (head < short && a[head] === b[head]) head++
  let tail = 0
  while (tail < short - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++
  return (2 * (head + tail)) / (a.length + b.length)
}
