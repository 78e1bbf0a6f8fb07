import type { Part, Rewrite } from '../../dialect/text/rewritten.js'
import type { Raw } from '../../line/line.js'
import { type Alignment, fieldsOf } from './align.js'
import { howToWrite } from './convert.js'
import type { Kind } from './kinds.js'
import { escaped, generalized, isAny, isValue, opener, type Piece } from './pieces.js'

/** New lines that a rule is made from. */
const MAX_LINES = 48

type Run = readonly [from: number, to: number]
/** Where an old value comes from: pieces of the new line, or another old value that determines it. */
type Source = { run: Run } | { text: Raw } | { from: number; table: Record<string, string> }

/**
 * The rule that makes lines of a kind of such new lines: what the format says is put back, values are kept, and written as they
 * were. Null when an old value is neither in the new line nor can be known from what is there.
 *
 * @param like other new lines, of which some may be of the same kind
 */
export function ruleOf(kind: Kind, { links }: Alignment, line: readonly Piece[], like: readonly Raw[]): Rewrite | null {
  const sources = sourcesOf(kind, links, line)
  if (sources === null) return null
  const runs = [...sources].flatMap(([piece, source]) => ('run' in source ? [{ piece, run: source.run }] : []))
  runs.sort((a, b) => a.run[0] - b.run[0])
  const pattern = patternOf(kind, line, runs)
  const groups = new Map(runs.map(({ piece }, i) => [piece, i + 1]))
  const seen = like.flatMap((raw) => pattern.exec(raw) ?? []).length
  if (seen === 0) return null
  const found: RegExpExecArray[] = []
  for (const raw of like) {
    const one = found.length < MAX_LINES ? pattern.exec(raw) : null
    if (one !== null) found.push(one)
  }
  const parts: Part[] = []
  for (const [i, piece] of kind.pieces.entries()) {
    const source = sources.get(i)
    if (source === undefined) parts.push(piece.text)
    else if ('text' in source) parts.push(source.text)
    else if ('run' in source) {
      const group = groups.get(i) ?? 0
      const how = howToWrite(
        kind,
        i,
        found.map((one) => one[group] ?? ''),
      )
      if (how === undefined) return null
      parts.push(how === null ? group : [group, how])
    } else parts.push([groups.get(source.from) ?? 0, source.table])
  }
  return [pattern, joined(parts)]
}

/** Where each old value comes from. */
function sourcesOf(kind: Kind, links: Alignment['links'], line: readonly Piece[]): Map<number, Source> | null {
  const sources = new Map<number, Source>()
  const free = new Set(line.keys())
  for (const [from, to] of links.filter((link) => link !== null)) for (let j = from; j < to; j++) free.delete(j)
  const missing: number[] = []
  for (const [i, piece] of kind.pieces.entries()) {
    if (!isValue(piece)) continue
    const link = links[i] ?? null
    if (link === null) missing.push(i)
    else sources.set(i, { run: link })
  }
  // What stands elsewhere now: by the word before it, then by how it is written.
  for (const by of [sameField, sameWriting]) {
    for (const i of missing) {
      if (sources.has(i)) continue
      const at = [...free].find((j) => by(kind, i, line, j))
      if (at === undefined) continue
      free.delete(at)
      sources.set(i, { run: [at, at + 1] })
    }
  }
  for (const i of missing) {
    if (sources.has(i)) continue
    const known = kind.pieces[i]?.sort !== 'value' || kind.isConstant(i) ? { text: kind.pieces[i]?.text ?? '' } : null
    const source = known ?? tableOf(kind, i, sources)
    if (source === null) return null
    sources.set(i, source)
  }
  return sources
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

/** Another value, which is in the new line, always stood with the same of this one: `ENOENT` with `-2`. */
function tableOf(kind: Kind, missing: number, sources: ReadonlyMap<number, Source>): Source | null {
  if (kind.rows.length < 2) return null
  for (const [from, source] of sources) {
    if (!('run' in source)) continue
    const table = new Map<string, string>()
    const isOne = kind.rows.every((row) => {
      const [key, value] = [row[from] ?? '', row[missing] ?? '']
      if (!table.has(key)) table.set(key, value)
      return table.get(key) === value
    })
    if (isOne && table.size < kind.rows.length) return { from, table: Object.fromEntries(table) }
  }
  return null
}

function patternOf(kind: Kind, line: readonly Piece[], runs: readonly { piece: number; run: Run }[]): RegExp {
  let text = '^'
  // A name may hold anything: as many of them as may be do.
  const upTo = opener(line)
  const capture = (whole: Raw, from: number, next: number, isAnything: boolean): string => {
    const one = captured(whole, line[from] as Piece, isAnything, next === line.length)
    return one === '.*?' ? upTo(next, [line[next]?.text ?? '']) : one
  }
  for (let j = 0; j < line.length; ) {
    const own = runs.find(({ run }) => run[0] === j)
    const piece = line[j] as Piece
    const next = own ? own.run[1] : j + 1
    if (own) {
      const whole = line
        .slice(j, next)
        .map((one) => one.text)
        .join('')
      text += `(${capture(whole, j, next, isAny(kind.writings[own.piece] ?? ''))})`
    } else if (isValue(piece)) text += capture(piece.text, j, next, false)
    else text += piece.sort === 'space' ? '[ \\t]+' : escaped(piece.text)
    j = next
  }
  return new RegExp(`${text}$`, 's')
}

/** What a value of the new log may be. */
function captured(text: Raw, { quote, sort }: Piece, isAnything: boolean, isLast: boolean): string {
  if (quote !== '') return `(?:[^${quote}\\\\]|\\\\.)*`
  if (!isAnything) {
    if (/^[+-]?\d+$/.test(text)) return '[+-]?\\d+'
    if (/^0x[0-9a-f]+$/i.test(text)) return '0[xX][0-9a-fA-F]+'
    if (sort === 'time') return generalized(text)
    if (!/\s/.test(text)) return '\\S+?'
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
