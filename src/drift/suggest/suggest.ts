import type { Dialect } from '../../dialect/core/dialect.js'
import type { Line, Raw } from '../../line/line.js'
import { encode } from '../../line/text.js'
import { compareProfiles } from '../compare/compare.js'
import type { Comparison, Finding, Side } from '../findings/finding.js'
import type { Profile } from '../profile/profile.js'
import { Profiler } from '../profile/profiler.js'

/** In a line that matches, the match is written as it was. */
export interface Rewrite {
  readonly pattern: string
  readonly replacement: string
  /** What it undoes, in words. */
  readonly why: string
}

/** So much of the line around a change is part of its pattern: enough not to hit anything else. */
const CONTEXT = 12

/**
 * A dialect file that rewrites the new lines to what they were and reads them with the dialect that knows those. It has
 * been tried on the new log: null when something would still be lost.
 */
export function suggest(
  before: Profile,
  dialect: Dialect,
  comparison: Comparison,
  lines: readonly Line[],
): string | null {
  const harmful = comparison.findings.filter(({ severity }) => severity !== 'cosmetic')
  if (harmful.length === 0) return null
  const candidates = comparison.findings.map(rewriteOf).filter((one) => one !== null)
  const still = (rewrites: readonly Rewrite[]): number => remaining(before, rewriting(dialect, rewrites), lines)
  const chosen: Rewrite[] = []
  let left = harmful.length
  for (const rewrite of candidates) {
    const now = still([...chosen, rewrite])
    if (now > left || (now === left && !harmful.some(({ title }) => rewrite.why === title))) continue
    chosen.push(rewrite)
    left = now
  }
  return chosen.length > 0 && left === 0 ? moduleText(dialect.name, chosen) : null
}

function remaining(before: Profile, dialect: Dialect, lines: readonly Line[]): number {
  const profiler = new Profiler({ dialect })
  for (const line of lines) profiler.push(line)
  const { findings } = compareProfiles(before, { ...profiler.end(lines.at(-1)?.atNs ?? 0), dialect: before.dialect })
  return findings.filter(({ severity }) => severity !== 'cosmetic').length
}

/** The dialect, reading rewritten lines. */
function rewriting(dialect: Dialect, rewrites: readonly Rewrite[]): Dialect {
  const rules = rewrites.map(({ pattern, replacement }) => [new RegExp(pattern), replacement] as const)
  const restore = (raw: Raw): Raw =>
    rules.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), raw)
  return {
    ...dialect,
    recognize: (raw) => dialect.recognize(restore(raw)),
    parser: (options) => {
      const parser = dialect.parser(options)
      return {
        line: (line, emit) => parser.line({ ...line, raw: restore(line.raw) }, emit),
        end: (emit) => parser.end(emit),
      }
    },
  }
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Digits vary; the rest of the context is the format's. */
const loose = (text: string): string => escapePattern(text).replace(/\d+/g, '\\d+')

/** The smallest change that makes the new line's text what it was, found at its place by the words around it. */
function rewriteOf({ old, new: now, title }: Finding): Rewrite | null {
  if (old === null || now === null) return null
  const [a, b] = [changed(old), changed(now)]
  if (a === null || b === null || a.head !== b.head || a.tail !== b.tail) return null
  const head = contextBefore(b.head)
  const tail = contextAfter(b.tail)
  if (a.middle === b.middle || /\d/.test(a.middle)) return null
  const anchored = b.head.trim() === ''
  const pattern = `${anchored ? '^(\\s*)' : `(${loose(head)})`}${escapePattern(b.middle)}(${loose(tail)})`
  return { pattern: encode(pattern), replacement: encode(`$1${a.middle.replaceAll('$', '$$$$')}$2`), why: title }
}

interface Changed {
  head: string
  middle: string
  tail: string
}

/** A line as what stands before its change, the change, and what stands after. Values before it do not matter. */
function changed({ text, ranges }: Side): Changed | null {
  const first = ranges[0]
  const last = ranges.at(-1)
  if (first === undefined || last === undefined) return { head: '', middle: '', tail: '' }
  return {
    head: last && wordsBefore(text.slice(0, first[0])),
    middle: text.slice(first[0], last[1]),
    tail: wordsAfter(text.slice(last[1])),
  }
}

const wordsBefore = (text: string): string => /[^\w"/]{0,4}$/.exec(text)?.[0] ?? ''
const wordsAfter = (text: string): string => /^[^\w"/]{0,3}/.exec(text)?.[0] ?? ''
const contextBefore = (head: string): string => head.slice(-CONTEXT)
const contextAfter = (tail: string): string => tail.slice(0, CONTEXT)

function moduleText(name: string, rewrites: readonly Rewrite[]): string {
  const rules = rewrites.map(
    ({ pattern, replacement, why }) =>
      `  // ${why}\n  [/${pattern.replaceAll('/', '\\/')}/, ${JSON.stringify(replacement)}],`,
  )
  return `// Save as my-dialect.js and use it with --dialect ./my-dialect.js
import { dialects } from 'fusetrace'

const base = dialects.find(({ name }) => name === '${name}')

/** What the new log says, and what it said before. */
const rules = [
${rules.join('\n')}
]
const restore = (raw) => rules.reduce((text, [now, before]) => text.replace(now, before), raw)

export default {
  ...base,
  recognize: (raw) => base.recognize(restore(raw)),
  parser(options) {
    const parser = base.parser(options)
    return { line: (line, emit) => parser.line({ ...line, raw: restore(line.raw) }, emit), end: (emit) => parser.end(emit) }
  },
}`
}
