import { dialects } from '../../src/dialect/builtin.js'
import type { DialectEvent } from '../../src/dialect/core/dialect.js'
import { stripAnsi } from '../../src/line/colours.js'
import type { Line } from '../../src/line/line.js'
import { takeHead } from '../../src/template/head.js'
import { Miner } from '../../src/template/miner.js'
import { scan } from '../../src/template/scan.js'
import { Tokens } from '../../src/template/tokens.js'

/** Which kind each line is of, to one who knows no dialect. */
export function mined(raws: readonly string[]): unknown[] {
  const miner = new Miner()
  const tokens = new Tokens()
  const kinds = raws.map((coloured, index) => {
    const raw = stripAnsi(coloured)
    scan(raw, [], tokens)
    takeHead(tokens, { time: '', level: '' })
    return miner.shape(tokens, index, true)
  })
  return kinds.map((shape, i) => shape?.kept ?? i)
}

/**
 * Share of the lines whose group holds the same lines as their true group: the measure of He et al. and Zhu et al. (Tools and
 * Benchmarks for Automated Log Parsing, 2019).
 */
export function groupingAccuracy(found: readonly unknown[], truth: readonly unknown[]): number {
  const gathered = (keys: readonly unknown[]): Map<unknown, number[]> => {
    const groups = new Map<unknown, number[]>()
    for (const [i, key] of keys.entries()) groups.set(key, [...(groups.get(key) ?? []), i])
    return groups
  }
  const trueGroups = gathered(truth)
  let right = 0
  for (const lines of gathered(found).values()) {
    const key = truth[lines[0] ?? 0]
    if (trueGroups.get(key)?.length === lines.length && lines.every((i) => truth[i] === key)) right += lines.length
  }
  return right / found.length
}

/**
 * The true kind of each line that the dialect reads an event from, null for the others: the line without what the event
 * says of the operation, and without numbers, times and paths. Lines with a name of more than letters, digits, dots and dashes
 * are left out: where it ends only the dialect knows.
 */
export function trueKinds(lines: readonly Line[], dialectName: string): (string | null)[] {
  const parser = dialects.find(({ name }) => name === dialectName)?.parser({})
  const values = new Map<number, Set<string>>()
  const emit = (event: DialectEvent): void => {
    for (let i = event.lines[0]; i <= event.lines[1]; i++) {
      const of = values.get(i) ?? new Set()
      values.set(i, of)
      for (const value of said(event)) of.add(value)
    }
  }
  for (const line of lines) parser?.line(line, emit)
  parser?.end(emit)
  const all = [...new Set([...values.values()].flatMap((of) => [...of]))].sort((a, b) => b.length - a.length)
  const plain = all.filter((value) => PLAIN.test(value))
  // However it is escaped, its words are there. Of one that holds a line feed the first words end a line.
  const odd = all
    .filter((value) => !PLAIN.test(value))
    .map((value) => value.replace(/\x1b\[[\d;]*m/g, ' ').match(/[A-Za-z]\w+/g) ?? [value])
  const torn = all.filter((value) => value.indexOf('\n') > 0).map((value) => value.slice(0, value.indexOf('\n')))
  return lines.map(({ index, raw }) => {
    const text = stripAnsi(raw).replace(/[-dl](?:[-r][-w][-xsS]){2}[-r][-w][-xtT]|<invalid>/g, '\0')
    const own = values.get(index)
    if (own === undefined || [...own].some((value) => !PLAIN.test(value))) return null
    if (odd.some((pieces) => pieces.every((piece) => text.includes(piece)))) return null
    if (torn.some((begin) => text.endsWith(begin) && !/[\w.]/.test(text.at(-1 - begin.length) ?? ''))) return null
    return generic(plain.reduce((masked, value) => (text.includes(value) ? mask(masked, value) : masked), text))
  })
}

function said(event: DialectEvent): string[] {
  if (event.kind === 'reply') return []
  const { entry, otherEntry, path, newPath, target, xattr } = event
  const names = [entry, otherEntry, path, newPath, target, xattr].filter((one) => one !== undefined)
  return names.flatMap((name) => [name, name.slice(1)]).filter((name) => name.length > 0)
}

const PLAIN = /^[\w.\-/]*$/

/** Short names may be a piece of a word. */
const mask = (text: string, value: string): string =>
  value.length > 3
    ? text.replaceAll(value, '\0')
    : text.replace(new RegExp(`(?<![\\w.])${value.replace(/[^\w]/g, '\\$&')}(?![\\w.])`, 'g'), '\0')

/** What is a value to anybody, in this order. */
const VALUES: readonly RegExp[] = [
  /\bb'(?:[^'\\]|\\.)*'|\bb"(?:[^"\\]|\\.)*"/g,
  /"(?:[^"\\]|\\.)*"(?!:)/g,
  /\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g,
  /\d\d:\d\d:\d\d(?:\.\d+)?/g,
  /\b(?:TRACE|DEBUG|INFO|WARN|ERROR)\b/g,
  /-?\d*[ =]?\(?\b(?:Success|No such file or directory|File exists|Is a directory|Not a directory|Directory not empty|No data available|Operation not supported|Function not implemented|Permission denied|Invalid argument|Operation not permitted|Input\/output error)\b\)?/gi,
  /\bE[A-Z]{3,}\b/g,
  /\b[A-Za-z_]+(?:[,|+][A-Z_0-9][A-Za-z_0-9]+)+/g,
  /\bOpen(?:ReadOnly|WriteOnly|ReadWrite)\b|\bGetattrFh\b|\bFlush\b(?= owner)/g,
  /\bNone\b|<nil>|\btrue\b|\bfalse\b/g,
  /\[[^[\]]*\]/g,
  /(?<![\w/])\/[^\s,"]*|\b[a-z][\w-]*\/[\w./-]*\w/g,
  /0x[0-9a-fA-F]+|(?:0o)?[0-9a-fA-F]*\d[0-9a-fA-F]*(?:\.\d+)?(?:ns|us|ms|\xc2?µs|s|b|m)?\b/g,
]

const generic = (text: string): string => {
  let out = text.replace(/\( +/g, '(')
  for (const value of VALUES) out = out.replace(value, '\0')
  out = out.replace(/Some\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)/g, '\0')
  return out.replace(/[-+]?\0(?:[\s.\-/:]?\0)*/g, '\0').replace(/\s+/g, ' ')
}
