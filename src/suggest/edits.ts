import { CONVERSIONS, type Conversion } from '../dialect/text/conversions.js'
import type { Part, Rewrite } from '../dialect/text/rewritten.js'
import type { Raw } from '../line/line.js'
import { escaped, generalized, isAny, isValue, opener, type Piece } from './pieces.js'
import type { Script, Segment } from './script.js'
import type { Run } from './sources.js'

/** Words of what stands before and behind, from the least to the most. */
const CONTEXTS: readonly (readonly [left: number, right: number])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
  [2, 1],
  [2, 2],
]
const MAX_CONTEXT = 8
const CASES: readonly Conversion[] = ['upper', 'lower', 'capitalized']

/** Ways to undo one change of a line wherever it is found, from those that ask least of what stands around to the whole line. */
export function editsOf(script: Script, index: number): Rewrite[] {
  const { segments } = script
  const changed = segments[index] as Segment
  const edits: Rewrite[] = []
  const seen = new Set<string>()
  for (const [left, right] of CONTEXTS) {
    const around = { left: reach(script, index, -1, left), right: reach(script, index, 1, right) }
    const key = `${around.left} ${around.right}`
    const isNowhere = around.left === around.right && around.left > 0 && around.left < script.pieces.length
    if (isNowhere || seen.has(key)) continue
    seen.add(key)
    edits.push(...smaller(script, changed, around), edit(script, changed, around))
  }
  const [first, next, last] = [segments[0], segments[index + 2], segments.at(-1)]
  // Quotes around a word are two changes with one piece between.
  if (next) edits.push(edit(script, joinedTo(changed, next), { left: changed.now[0], right: next.now[1] }))
  if (first) edits.push(edit(script, joinedTo(first, changed), { left: 0, right: changed.now[1] }))
  if (first && last) edits.push(edit(script, joinedTo(first, last), { left: 0, right: last.now[1] }))
  return edits
}

/** What lies from one segment to another. */
const joinedTo = (from: Segment, to: Segment): Segment => ({
  now: [from.now[0], to.now[1]],
  old: [from.old[0], to.old[1]],
  same: false,
})

/** The pieces that stand around, up to `left` and `right`. */
interface Around {
  left: number
  right: number
}

/** How far from a change it is to the next words, over pieces that are the same. */
function reach({ kind, pieces, segments }: Script, index: number, step: 1 | -1, words: number): number {
  let at = (segments[index] as Segment).now[step < 0 ? 0 : 1]
  let left = words
  for (let k = index + step, steps = 0; left > 0 && steps < MAX_CONTEXT; k += step, steps++) {
    const { same, now, old } = segments[k] ?? { same: false, now: [0, 0], old: [0, 0] }
    const piece = pieces[now[0]] as Piece
    if (!same || (isValue(piece) && piece.quote === '' && isAny(kind.writings[old[0]] ?? ''))) break
    at = now[step < 0 ? 0 : 1]
    if (piece.sort === 'word') left--
  }
  return at
}

function edit(script: Script, { now, old }: Segment, { left, right }: Around): Rewrite {
  const { pieces, kind, sources } = script
  const groups = new Map<number, number>()
  const starts = new Map<number, number>()
  for (let i = old[0]; i < old[1]; i++) {
    const { run, text } = sources[i] as Script['sources'][0]
    if (text === null && run !== null && !starts.has(run[0])) starts.set(run[0], i)
  }
  const pattern = patternOf(script, [left, right], now, (j) => {
    const piece = starts.get(j)
    const run = piece === undefined ? null : sources[piece]?.run
    if (!run || piece === undefined) return null
    groups.set(j, groups.size + 1)
    return { to: run[1], isAnything: isAny(kind.writings[piece] ?? '') || run[1] - run[0] > 1 }
  })
  const parts: Part[] = []
  for (let i = old[0]; i < old[1]; i++) {
    const { run, text, how } = sources[i] as Script['sources'][0]
    const group = run === null ? 0 : (groups.get(run[0]) ?? 0)
    parts.push(text ?? (how === null ? group : [group, how]))
  }
  return [bounded(pattern, pieces, now, [left, right]), joined(parts)]
}

/** What is looked for: what stands around, and between, with a group for each value that is kept. */
function patternOf(
  { pieces, rows }: Script,
  [left, right]: Run,
  [from, to]: Run,
  kept: (piece: number) => { to: number; isAnything: boolean } | null,
): string {
  // A name may hold anything: as many of them as may be do.
  const upTo = opener(pieces)
  const text = (start: number, end: number, isCore: boolean): string => {
    let out = ''
    for (let j = start; j < end; ) {
      const own = isCore ? kept(j) : null
      const next = own?.to ?? j + 1
      const piece = pieces[j] as Piece
      if (own || (isValue(piece) && !isConstant(rows, j))) {
        const one = valuePattern(
          rows.map((row) => row.slice(j, next).join('')),
          piece,
          own?.isAnything ?? false,
          next === pieces.length,
        )
        const bounds = one === '.*?' ? upTo(next, [pieces[next]?.text ?? '']) : one
        out += own ? `(${bounds})` : bounds
      } else out += isValue(piece) && !isCore ? generalized(piece.text) : escaped(piece.text)
      j = next
    }
    return out
  }
  const before = left < from ? `(?<=${left === 0 ? '^' : ''}${text(left, from, false)})` : left === 0 ? '^' : ''
  const end = right === pieces.length ? '$' : ''
  const behind = text(to, isOpenEnded(pieces, [from, to], right) ? to + 1 : right, false) + end
  const core = text(from, to, true)
  return before + core + (behind === '$' ? '$' : behind === '' ? '' : `(?=${behind})`)
}

/** It ends with a value, of which only the next piece shows where that ends. */
const isOpenEnded = (pieces: readonly Piece[], [from, to]: Run, right: number): boolean =>
  to > from && to === right && to < pieces.length && isValue(pieces[to - 1] as Piece)

/** A value that is the same in all of some lines is taken for a part of the format. */
const isConstant = (rows: Script['rows'], j: number): boolean =>
  rows.length >= 3 && rows.every((row) => row[j] === rows[0]?.[j])

/** Whole words only. */
function bounded(pattern: string, pieces: readonly Piece[], now: Run, [left, right]: Run): RegExp {
  const ends = (j: number): boolean => /\w$/.test(pieces[j]?.text ?? '')
  const begins = (j: number): boolean => /^\w/.test(pieces[j]?.text ?? '')
  const before = left === now[0] && left > 0 && now[0] < now[1] && begins(left) && !ends(left - 1) ? '\\b' : ''
  const behind =
    right === now[1] &&
    !isOpenEnded(pieces, now, right) &&
    now[0] < now[1] &&
    ends(right - 1) &&
    right < pieces.length &&
    !begins(right)
  return new RegExp(`${before}${pattern}${behind ? '\\b' : ''}`, 'gs')
}

/** A word that is only written in another case, or has something before or behind it: the same of any word. */
function smaller(script: Script, changed: Segment, around: Around): Rewrite[] {
  const { now, old } = changed
  const [is, was] = [script.pieces[now[0]], script.kind.pieces[old[0]]]
  if (now[1] - now[0] !== 1 || old[1] - old[0] !== 1 || is?.sort !== 'word' || was?.sort !== 'word') return []
  const [one] = edit(script, changed, around)
  const with_ = (core: string): RegExp => new RegExp(one.source.replace(is.text, core), one.flags)
  const isBound = around.left < now[0] || around.right > now[1]
  const cases = CASES.filter((how) => isBound && CONVERSIONS[how](is.text) === was.text)
  const edits = cases.map((how): Rewrite => [with_('([A-Za-z_]+)'), [[1, how]]])
  if (is.text.endsWith(was.text)) edits.push([with_(`${is.text.slice(0, -was.text.length)}(?=[A-Za-z])`), []])
  if (is.text.startsWith(was.text)) edits.push([with_(`(?<=[A-Za-z])${is.text.slice(was.text.length)}`), []])
  return edits
}

/** What a value of the new log may be. */
function valuePattern(
  values: readonly Raw[],
  { quote, sort, text }: Piece,
  isAnything: boolean,
  isLast: boolean,
): string {
  const all = (pattern: RegExp): boolean => values.every((value) => pattern.test(value))
  if (quote !== '') return `(?:[^${quote}\\\\]|\\\\.)*`
  if (!isAnything) {
    if (all(/^\d+$/)) return '\\d+'
    if (all(/^[+-]?\d+$/)) return '[+-]?\\d+'
    if (all(/^0x[0-9a-f]+$/i)) return '0[xX][0-9a-fA-F]+'
    if (sort === 'time') return generalized(text)
    if (all(/^\S+$/)) return '\\S+?'
  }
  return isLast ? '.*' : '.*?'
}

/** Neighbouring texts as one. */
function joined(parts: readonly Part[]): Part[] {
  const out: Part[] = []
  for (const part of parts) {
    const last = out.at(-1)
    if (typeof part === 'string' && typeof last === 'string') out[out.length - 1] = last + part
    else if (part !== '') out.push(part)
  }
  return out
}
