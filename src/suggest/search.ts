import { type Rewrite, replaced } from '../dialect/text/rewritten.js'
import type { Raw } from '../line/line.js'
import { align } from './align.js'
import { editsOf } from './edits.js'
import { bagOf, type Kind, kindOf, namesOther } from './kinds.js'
import type { Piece } from './pieces.js'
import { type Script, type ScriptLine, scriptOf } from './script.js'
import { type Group, sourcesOf } from './sources.js'

const MAX_RULES = 60
/** Changes whose edits are tried, of those that most lines have. */
const MAX_TRIED = 12
const MAX_CANDIDATES = 16
/** A line that an edit spoils weighs as much as so many that it puts right: a name may hold anything. */
const SPOILT = 10
/** A line that is less like any old one is another. */
const LEAST_COST = 0.42

type Cut = (raw: Raw) => Piece[]

/**
 * Edits that make old lines of new ones: in each round the one that puts most right, and nothing wrong, in lines whose way to an
 * old kind is known, until there is none.
 *
 * @param groups kinds of new lines that look like no old one
 * @param known lines that are as they were, which no edit may change
 * @param cut cuts a line into pieces, as those of the groups were
 */
export function findRules(
  kinds: readonly Kind[],
  groups: readonly Group[],
  known: readonly Raw[],
  cut: Cut,
): Rewrite[] {
  const rules: Rewrite[] = []
  let scripts = groups.flatMap((group) => nearest(kinds, group) ?? [])
  while (rules.length < MAX_RULES) {
    const best = bestOf(scripts, known)
    if (best === null) break
    rules.push(best)
    scripts = scripts.flatMap((script) => edited(kinds, script, best, cut) ?? [])
  }
  return rules
}

/** The way from the old kind that costs least of those whose values are all there. */
function nearest(kinds: readonly Kind[], group: Group): Script | null {
  const bag = bagOf(group.pieces)
  const near = kinds
    .map((kind) => ({ kind, shared: overlap(kind.bag, bag) / likely(kind) ** 0.25 }))
    .sort((a, b) => b.shared - a.shared)
    .slice(0, MAX_CANDIDATES)
    .filter(({ kind }) => !namesOther(kind.pieces, group.pieces))
    .map(({ kind }) => ({ kind, alignment: align(kind, group.pieces) }))
    .filter(({ alignment }) => alignment.cost < LEAST_COST)
    .sort((a, b) => a.alignment.cost * likely(a.kind) - b.alignment.cost * likely(b.kind))
  for (const { kind, alignment } of near) {
    if (!kind.spoken) return null
    const sources = sourcesOf(kind, alignment, group)
    if (sources !== null) return scriptOf(kind, sources, group)
  }
  return null
}

/** Lines that are all as they were have hardly changed. */
const likely = ({ times: [old, now] }: Kind): number => (now < old ? 1 : 2)

/** The same lines after an edit. */
function edited(kinds: readonly Kind[], script: Script, rule: Rewrite, cut: Cut): Script | null {
  const raws = script.rows.map((row) => row.join(''))
  const now = raws.map((raw) => replaced(raw, [rule]))
  if (now.every((raw, i) => raw === raws[i])) return script
  const group = groupOf(now, cut)
  const known = kindOf(kinds, now[0] ?? '')
  if (known !== null && now.every((raw) => known.pattern.test(raw)))
    return {
      ...script,
      kind: known,
      rows: group.rows,
      segments: [],
      lines: now.slice(0, script.lines.length).map((raw) => ({ raw, changes: [] })),
    }
  const sources = sourcesOf(known ?? script.kind, align(known ?? script.kind, group.pieces), group)
  return sources === null ? nearest(kinds, group) : scriptOf(known ?? script.kind, sources, group)
}

/** Of lines only those that are cut like the first one. */
function groupOf(raws: readonly Raw[], cut: Cut): Group {
  const pieces = cut(raws[0] ?? '')
  const rows = raws.map((raw) => cut(raw).map(({ text }) => text)).filter((row) => row.length === pieces.length)
  return { pieces, rows }
}

interface Change {
  script: Script
  index: number
  /** Lines that have it. */
  times: number
}

function bestOf(scripts: readonly Script[], known: readonly Raw[]): Rewrite | null {
  const changes = new Map<string, Change>()
  for (const script of scripts) {
    for (const [index, { same, now, old }] of script.segments.entries()) {
      if (same) continue
      const texts = [script.pieces.slice(...now), script.kind.pieces.slice(...old)]
      const key = texts
        .map((pieces) => pieces.map(({ text, sort }) => (sort === 'value' ? '\x01' : text)).join(''))
        .join('\x02')
      const change = changes.get(key) ?? { script, index, times: 0 }
      change.times += script.lines.length
      changes.set(key, change)
    }
  }
  const often = [...changes.values()].sort((a, b) => b.times - a.times)
  for (let from = 0; from < often.length; from += MAX_TRIED) {
    let [best, most] = [null as Rewrite | null, 0]
    for (const { script, index } of often.slice(from, from + MAX_TRIED)) {
      for (const rule of editsOf(script, index)) {
        const good = gain(rule, scripts, known, most)
        if (good > most) [best, most] = [rule, good]
      }
    }
    if (best !== null) return best
  }
  return null
}

/** Changes that an edit undoes, less what it spoils; 0 when that is not more than `least`. */
function gain(rule: Rewrite, scripts: readonly Script[], known: readonly Raw[], least: number): number {
  let good = -SPOILT * known.filter((raw) => replaced(raw, [rule]) !== raw).length
  for (const script of scripts) for (const line of script.lines) good += putRight(rule, line)
  return good > least ? good : 0
}

/** How many changes of a line the edit undoes; less than 0 when it makes something else of them, or of what has not changed. */
function putRight(rule: Rewrite, { raw, changes }: ScriptLine): number {
  const now = replaced(raw, [rule])
  if (now === raw) return 0
  const places = [...raw.matchAll(rule[0])].map(({ 0: { length }, index }) => [index, index + length] as const)
  const undone = changes.filter(({ start, end }) =>
    places.some(([from, to]) => (from === to || start === end ? from <= end && to >= start : from < end && to > start)),
  )
  let [expected, at] = ['', 0]
  for (const { start, end, was } of undone) {
    expected += raw.slice(at, start) + was
    at = end
  }
  if (now === expected + raw.slice(at)) return undone.length
  const isWithin = places.every(([from, to]) => undone.some(({ start, end }) => from >= start && to <= end))
  return isWithin ? -1 : -SPOILT
}

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let shared = 0
  let all = 0
  for (const [key, times] of a) {
    shared += Math.min(times, b.get(key) ?? 0) * key.length
    all += times * key.length
  }
  for (const [key, times] of b) all += times * key.length
  return all === 0 ? 0 : (2 * shared) / all
}
