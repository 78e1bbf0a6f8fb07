import { errnoOfWords } from '../dialect/core/errno.js'
import { type Writing, writtenAs } from '../dialect/text/rewritten.js'
import type { Raw } from '../line/line.js'
import { type Alignment, fieldsOf } from './align.js'
import { howToWrite } from './convert.js'
import { type Kind, onlyGone } from './kinds.js'
import { isValue, PHRASES, type Piece } from './pieces.js'

/** Pieces of a line, the last one not among them. */
export type Run = readonly [from: number, to: number]

/** Where a piece of an old line is found in the new one. */
export interface Source {
  /** Null where it is not in the new line. */
  run: Run | null
  /** What it always was; null where it is read from the new line. */
  text: Raw | null
  /** How that is written back; null as it is. */
  how: Writing | null
}

/** Lines of the new log that differ in their values only, cut into pieces. */
export interface Group {
  readonly pieces: readonly Piece[]
  readonly rows: readonly (readonly Raw[])[]
}

/** What the old piece was, in one of the new lines. */
export function was({ run, text, how }: Source, row: readonly Raw[]): Raw {
  if (text !== null) return text
  const value = run === null ? '' : row.slice(...run).join('')
  return how === null ? value : writtenAs(value, how)
}

/**
 * Where each piece of the old lines comes from. Null when a value is neither in the new lines nor can be known from what is
 * there.
 */
export function sourcesOf(kind: Kind, { links }: Alignment, { pieces: line, rows }: Group): Source[] | null {
  const sources = new Map<number, Source>()
  const free = new Set(line.keys())
  for (const [from, to] of links.filter((link) => link !== null)) for (let j = from; j < to; j++) free.delete(j)
  const found = (i: number, run: Run): boolean => {
    const values = new Set(rows.map((row) => row.slice(...run).join('')))
    const how = howToWrite(kind, i, values)
    const isWorded = how === undefined || kind.isWord(i) || kind.writings[i] === PHRASES
    const text = isWorded ? reworded(kind, i, values) : null
    if (how === undefined && text === null) return false
    sources.set(i, { run, text, how: text === null ? (how ?? null) : null })
    return true
  }
  for (const [i, piece] of kind.pieces.entries()) {
    const link = links[i] ?? null
    if (!isValue(piece)) sources.set(i, { run: link, text: piece.text, how: null })
    else if (link !== null && !found(i, link)) return null
  }
  // What stands elsewhere now: by the word before it, then by how it is written.
  for (const by of [sameField, sameWriting]) {
    for (const i of kind.pieces.keys()) {
      if (sources.has(i)) continue
      const at = [...free].find((j) => by(kind, i, line, j))
      if (at !== undefined && found(i, [at, at + 1])) free.delete(at)
    }
  }
  for (const [i, { sort, text }] of kind.pieces.entries()) {
    if (sources.has(i)) continue
    const isKnown = sort !== 'value' || kind.isConstant(i)
    const table = isKnown ? null : tableOf(kind, i, sources)
    const known = isKnown ? text : onlyGone(kind, i)
    if (table === null && known === null) return null
    sources.set(i, table ?? { run: null, text: known, how: null })
  }
  return kind.pieces.map((_, i) => sources.get(i) as Source)
}

function sameField(kind: Kind, i: number, line: readonly Piece[], j: number): boolean {
  const field = fieldsOf(kind.pieces)[i] ?? ''
  const now = line[j] as Piece
  return field !== '' && now.sort !== 'mark' && now.sort !== 'space' && field === fieldBefore(line, j)
}

function fieldBefore(line: readonly Piece[], at: number): string {
  for (let j = at - 1; j >= 0 && j >= at - 4; j--) {
    const { sort, text } = line[j] as Piece
    if (sort === 'word') return text.toLowerCase()
    if (sort !== 'mark' && sort !== 'space') break
  }
  return ''
}

function sameWriting(kind: Kind, i: number, line: readonly Piece[], j: number): boolean {
  const now = line[j] as Piece
  if (kind.values[i]?.has(now.text) && now.sort !== 'mark' && now.sort !== 'space') return true
  return (
    isValue(now) && now.sort === kind.pieces[i]?.sort && new RegExp(`^(?:${kind.writings[i]})$`, 's').test(now.text)
  )
}

/** One value is there no more, and one stands here that was never there. */
function reworded(kind: Kind, piece: number, values: ReadonlySet<Raw>): Raw | null {
  const [value, ...others] = values
  if (value === undefined || others.length > 0 || kind.values[piece]?.has(value) || errnoOfWords(value) !== null)
    return null
  return (
    onlyGone(kind, piece) ??
    (kind.still.length === 0 && kind.isConstant(piece) ? ([...(kind.values[piece] ?? [])][0] ?? null) : null)
  )
}

/** Another value, which is in the new line, always stood with the same of this one: `ENOENT` with `-2`. */
function tableOf(kind: Kind, missing: number, sources: ReadonlyMap<number, Source>): Source | null {
  if (kind.rows.length < 2) return null
  for (const [from, { run, text, how }] of sources) {
    if (run === null || text !== null || how !== null) continue
    const table = new Map<string, string>()
    const isOne = kind.rows.every((row) => {
      const [key, value] = [row[from] ?? '', row[missing] ?? '']
      if (!table.has(key)) table.set(key, value)
      return table.get(key) === value
    })
    if (isOne && table.size < kind.rows.length) return { run, text: null, how: Object.fromEntries(table) }
  }
  return null
}
