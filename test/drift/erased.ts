import { dialects } from '../../src/dialect/builtin.js'
import { readWith } from '../../src/dialect/core/check-dialect.js'
import { none } from '../../src/dialect/core/choose.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import type { Line } from '../../src/line/line.js'
import { original } from './mutate.js'
import type { Grammar, Mutation } from './mutations.js'

/** A line with one word or number in it changed, of which the dialect reads something else then. */
interface Probe {
  index: number
  raw: string
  /** What it was, when nothing but the error number is read otherwise: that may be known from what else is in the line. */
  errno: string | null
}

const LINES = 60
const BEFORE = 8
const BEHIND = 3

const probes = new Map<string, Probe[]>()

/**
 * Is something of what the dialect read gone from the log after a change of its format? Found by the change itself: a word or a
 * number of a line is replaced, with which the dialect reads something else; when the changed log is the same with
 * the other one, it is in it no more, and nothing can bring it back. An error number that what is left always
 * stood with is not gone.
 */
export function erases(grammar: Grammar, mutation: Mutation): boolean {
  const { lines, profile } = original(grammar.capture)
  const known =
    probes.get(grammar.capture) ?? probesOf(lines, dialects.find(({ name }) => name === profile.dialect) ?? none)
  probes.set(grammar.capture, known)
  const raws = lines.map(({ raw }) => raw)
  const { whole } = mutation
  if (whole) {
    const after = whole(grammar, raws).join('\n')
    const few = known.filter((_, i) => i % Math.ceil(known.length / 20) === 0)
    return few.some(({ index, raw }) => whole(grammar, raws.with(index, raw)).join('\n') === after)
  }
  const change = mutation.of(grammar)
  if (change === null) return false
  const after = (raw: string): string => JSON.stringify(change(raw))
  const gone = known.filter(({ index, raw }) => after(raws[index] ?? '') === after(raw))
  return (
    gone.some(({ errno }) => errno === null) ||
    !isFunction(gone.map(({ index, errno }) => [after(raws[index] ?? ''), errno]))
  )
}

/** Each line that is left stood with one error number, and some more than once. */
function isFunction(pairs: readonly (readonly [string, string | null])[]): boolean {
  const seen = new Map<string, Set<string | null>>()
  for (const [text, errno] of pairs) {
    const key = text.replace(/0x[0-9a-fA-F]+|\d+/g, '#')
    seen.set(key, (seen.get(key) ?? new Set()).add(errno))
  }
  return [...seen.values()].every(({ size }) => size === 1)
}

function probesOf(lines: readonly Line[], dialect: Dialect): Probe[] {
  const found: Probe[] = []
  const step = Math.max(1, Math.floor(lines.length / LINES))
  for (let index = 0; index < lines.length; index += step) {
    const raw = lines[index]?.raw ?? ''
    const before = read(dialect, lines, index, raw)
    const without = read(dialect, lines, index, '')
    if (before === without) continue
    for (const { 0: token, index: at } of raw.matchAll(/[A-Za-z]+|\d+/g)) {
      const other = /\d/.test(token) ? `${token.slice(0, -1)}${(Number(token.at(-1)) + 1) % 10}` : `${token}x`
      const now = raw.slice(0, at) + other + raw.slice(at + token.length)
      const events = read(dialect, lines, index, now)
      if (events === before) continue
      const isErrno = /\d/.test(token) && withoutErrno(events) === withoutErrno(before)
      found.push({ index, raw: now, errno: isErrno ? token : null })
    }
  }
  return found
}

/** What is read of a line and those beside it, with another text in its place. */
function read(dialect: Dialect, lines: readonly Line[], index: number, raw: string): string {
  const all = lines.slice(Math.max(0, index - BEFORE), index + 1 + BEHIND)
  const text = all.map((line) => (line.index === index ? raw : line.raw)).join('\n')
  return JSON.stringify(readWith(dialect, text).events, (key, value) => (key === 'values' ? undefined : value))
}

const withoutErrno = (events: string): string => events.replace(/"(?:errno|status)":[^,}]*/g, '')
