import { CONVERSIONS } from '../dialect/text/conversions.js'
import { type Rewrite, unwrapped } from '../dialect/text/rewritten.js'
import type { Raw } from '../line/line.js'
import { count } from '../template/shape.js'
import { escaped, generalized, piecesOf } from './pieces.js'

const MAX_SAMPLES = 150
const MAX_PREFIX = 16
const MAX_TRIED = 8
const MAX_LAYERS = 3

/**
 * What stands around the lines of a new log, from the outside to the inside.
 *
 * @param isOld a line looks as in the old log
 */
export function aroundOf(lines: readonly Raw[], isOld: (raw: Raw) => boolean): Rewrite[] {
  const around: Rewrite[] = []
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const other = lines.map((raw) => unwrapped(raw, { around })).filter((raw) => !isOld(raw))
    const samples = spread(other)
    if (samples.length === 0) break
    const rate = (rule: Rewrite): number =>
      samples.filter((raw) => rule[0].test(raw) && isOld(unwrapped(raw, { around: [rule] }))).length
    const best = candidates(samples, isOld)
      .map((rule) => ({ rule, rate: rate(rule) }))
      .reduce((a, b) => (b.rate > a.rate ? b : a), { rule: null as Rewrite | null, rate: samples.length * 0.5 })
    if (best.rule === null) break
    around.push(best.rule)
  }
  return around
}

/** Some of them, from all over the log. */
function spread(lines: readonly Raw[]): Raw[] {
  const step = Math.max(1, Math.floor(lines.length / MAX_SAMPLES))
  return lines.filter((raw, i) => i % step === 0 && raw.length < 4096).slice(0, MAX_SAMPLES)
}

function candidates(samples: readonly Raw[], isOld: (raw: Raw) => boolean): Rewrite[] {
  const found: Rewrite[] = samples.some((raw) => raw.includes('\x1b[')) ? [COLOURED, COLOUR] : []
  found.push(...strings(samples, isOld))
  const tail = commonTail(samples)
  for (const end of tail === '' ? [''] : [tail, '']) found.push(...prefixes(samples, end, isOld))
  return found
}

/** Around the line only: names may hold colours. */
const COLOURED: Rewrite = [/^\x1b\[[\d;]*m(.*)\x1b\[[\d;]*m$/, [1]]
const COLOUR: Rewrite = [/^(.*\x1b\[.*)$/, [[1, 'uncoloured']]]

/** The line is a string in the line: a value of a JSON object, of logfmt. */
function strings(samples: readonly Raw[], isOld: (raw: Raw) => boolean): Rewrite[] {
  const keys = new Map<string, number>()
  for (const raw of samples) {
    for (const { 1: key = '', 2: text = '' } of raw.matchAll(/("[\w.@-]+": ?|[\w.@-]+=|^)"((?:[^"\\]|\\.)*)"/g))
      if (isOld(CONVERSIONS.unescaped(text))) count(keys, key, MAX_TRIED)
  }
  return frequent(keys).map((key) => {
    const before = key === '' ? '' : '.*?'
    return [new RegExp(`^${before}${escaped(key)}"((?:[^"\\\\]|\\\\.)*)".*$`, 's'), [[1, 'unescaped']]]
  })
}

/** What all lines begin and end with. */
function prefixes(samples: readonly Raw[], tail: string, isOld: (raw: Raw) => boolean): Rewrite[] {
  const heads = new Map<string, number>()
  for (const raw of samples) {
    const body = raw.slice(0, raw.length - tail.length)
    if (!raw.endsWith(tail)) continue
    let at = 0
    let pattern = ''
    for (const { text, sort } of [{ text: '', sort: 'mark' }, ...piecesOf(body).slice(0, MAX_PREFIX)]) {
      at += text.length
      pattern += sort === 'space' ? '\\s+' : generalized(text)
      // With the blanks behind it, or without.
      if (!isOld(body.slice(at))) continue
      count(heads, pattern, 64)
      break
    }
  }
  return frequent(heads).map((head) => [new RegExp(`^${head}(.*)${escaped(tail)}$`, 's'), [1]])
}

const frequent = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MAX_TRIED)
    .map(([key]) => key)

/** The longest end that most lines share, without letters and digits of the line itself. */
function commonTail(samples: readonly Raw[]): string {
  const tails = new Map<string, number>()
  for (const raw of samples)
    for (let length = 1; length <= 16 && length < raw.length; length++) count(tails, raw.slice(-length), 4096)
  const shared = [...tails].filter(([, times]) => times >= samples.length * 0.6).map(([tail]) => tail)
  return shared.sort((a, b) => b.length - a.length)[0] ?? ''
}
