import type { Raw } from '../line/line.js'
import { scan } from '../template/scan.js'
import { KIND, Tokens } from '../template/tokens.js'

/** A piece of a line. Values are what the run put there; the others are the format's. */
export interface Piece {
  text: Raw
  sort: 'word' | 'mark' | 'space' | 'value' | 'time' | 'level'
  /** Stands in quotes, which are pieces of their own. */
  quote: string
  /** The dialect has read a name there. */
  isName?: boolean
}

const SORTS: Readonly<Record<number, Piece['sort']>> = {
  [KIND.word]: 'word',
  [KIND.mark]: 'mark',
  [KIND.space]: 'space',
  [KIND.time]: 'time',
  [KIND.level]: 'level',
}

/** What stands around values is the format's. */
const CLOSED_BY: Readonly<Record<string, string>> = { '"': '"', "'": "'", '[': ']', '<': '>' }

export const isValue = ({ sort }: Piece): boolean => sort === 'value' || sort === 'time' || sort === 'level'

/**
 * Cuts a line into pieces, none of the line left out.
 *
 * @param names where names stand, as start, end, start, end …
 */
export function piecesOf(raw: Raw, names: readonly number[] = []): Piece[] {
  const tokens = new Tokens()
  scan(raw, names, tokens)
  const pieces: Piece[] = []
  const add = (text: Raw, sort: Piece['sort'], quote = '', isName = false): void => {
    const close = CLOSED_BY[text[0] ?? '']
    if (sort !== 'mark' && text.length > 1 && close !== undefined && text.endsWith(close)) {
      add(text[0] ?? '', 'mark')
      // `[uid:0,gid:0]`: fields of their own.
      if (/^\[[\w.]+[:=]/.test(text)) pieces.push(...piecesOf(text.slice(1, -1)))
      else add(text.slice(1, -1), sort, text[0] === close ? close : '', isName)
      add(close, 'mark')
    } else if (text !== '' || quote !== '') pieces.push({ text, sort, quote, ...(isName && { isName }) })
  }
  let at = 0
  for (let i = 0; i < tokens.count; i++) {
    const [start, end] = [tokens.starts[i] ?? 0, tokens.ends[i] ?? 0]
    // `FUSE(  2)`: what pads a number.
    add(raw.slice(at, start), 'space')
    const text = raw.slice(start, end)
    const sort = SORTS[tokens.kinds[i] ?? 0] ?? 'value'
    add(text, sort, '', isNameAt(names, start, end))
    at = end
  }
  const rest = raw.slice(at)
  add(rest, rest.trim() === '' ? 'space' : 'value')
  return pieces
}

function isNameAt(names: readonly number[], start: number, end: number): boolean {
  for (let k = 0; k < names.length; k += 2) if ((names[k] ?? 0) < end && (names[k + 1] ?? 0) > start) return true
  return false
}

/** As a part of a regular expression. */
export const escaped = (text: Raw): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** A regular expression, without its brackets, for values that are written as these are. */
export function writingOf(values: readonly Raw[], { sort, quote, isName }: Omit<Piece, 'text'>): string {
  const all = (pattern: RegExp): boolean => values.every((value) => pattern.test(value))
  if (sort === 'level') return '[A-Z]{3,8}'
  if (sort === 'time') return TIME
  if (all(/^-?\d+$/)) {
    const digits = all(/^-?(?:0|[1-9]\d*)$/) ? '(?:0|[1-9]\\d*)' : '\\d+'
    return `${all(/^-/) ? '-' : '-?'}${digits}`
  }
  if (all(/^0x[0-9a-fA-F]+$/)) {
    const digits = all(/^0x[0-9a-f]+$/) ? '0-9a-f' : all(/^0x[0-9A-F]+$/) ? '0-9A-F' : '0-9a-fA-F'
    const length = values[0]?.length ?? 0
    const isPadded = length > 10 && values.every((value) => value.length === length)
    return `0x[${digits}]${isPadded ? `{${length - 2}}` : '+'}`
  }
  const first = generalized(values[0] ?? '')
  if (/\d/.test(values[0] ?? '') && values.every((value) => generalized(value) === first)) return first
  if (isName !== true && all(PHRASE)) return PHRASES
  return quote === '' ? '.*?' : `(?:[^${quote}\\\\]|\\\\.)*?`
}

/** `no such file or directory`, and not `<nil>`. */
const PHRASE = /^[A-Za-z][\w,'()-]*(?: [\w,'()-]+)+$/

/** How values are written that are such phrases. */
export const PHRASES = "[A-Za-z][\\w ,'()-]*?"

/** A writing that may be anything. */
export const isAny = (writing: string): boolean => writing.endsWith('*?')

/** Anything up to the next piece: of its first sign there is none in it, so that patterns need not try every end. */
function anyUpTo(next: Piece | undefined, values: readonly Raw[] = []): string {
  const sign = next === undefined || isValue(next) ? '' : (next.text[0] ?? '')
  return sign === '' || values.some((value) => value.includes(sign)) ? '.*?' : `[^${escaped(sign)}]*?`
}

const TIME = '\\d[\\dTZ:.,\\/+-]{5,40}(?: \\d[\\d:.,]{5,20})?'

/** With `\d+` for its numbers. */
export const generalized = (value: Raw): string => escaped(value).replace(/\d+/g, '\\d+')

/** Values of a pattern that may hold whatever comes behind them: each multiplies what a line may cost. */
const MAX_OPEN = 2

/** Writes patterns with few values that may hold whatever comes behind them. */
export function opener(line: readonly Piece[]): (next: number, values?: readonly Raw[]) => string {
  let open = 0
  return (next, values) => {
    const one = anyUpTo(line[next], values)
    return one === '.*?' && ++open > MAX_OPEN ? anyUpTo(line[next]) : one
  }
}
