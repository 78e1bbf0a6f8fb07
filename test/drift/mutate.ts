import { dialects } from '../../src/dialect/builtin.js'
import { none } from '../../src/dialect/core/choose.js'
import { compareProfiles } from '../../src/drift/compare/compare.js'
import type { Comparison } from '../../src/drift/findings/finding.js'
import type { Profile } from '../../src/drift/profile/profile.js'
import { LogProfiler } from '../../src/drift/profile/read-profile.js'
import type { Line } from '../../src/line/line.js'
import { captured, numbered } from './captures.js'
import type { Change, Grammar, Mutation } from './mutations.js'
import { knowledge, lost } from './oracle.js'

export const profile = (lines: readonly Line[], usual = null as Profile | null): Profile => {
  const dialect = usual ? (dialects.find(({ name }) => name === usual.dialect) ?? null) : null
  const profiler = new LogProfiler({ usual: dialect, candidates: dialects })
  for (const line of lines) profiler.push(line)
  return profiler.end(0)
}

export interface Outcome {
  capture: string
  mutation: string
  /** Lines that were changed. */
  changed: number
  /** What fusetrace no longer reads, by the oracle. */
  lost: string[]
  comparison: Comparison
  verdict: 'hit' | 'miss' | 'wrong code' | 'wrong line' | 'false alarm'
}

const originals = new Map<string, { lines: Line[]; profile: Profile }>()

export function original(capture: string): { lines: Line[]; profile: Profile } {
  let known = originals.get(capture)
  if (!known) {
    const lines = captured(capture)
    known = { lines, profile: profile(lines) }
    originals.set(capture, known)
  }
  return known
}

/** Applies a mutation to a capture and judges what the checker says. Null where it changes nothing. */
export function tryMutation(grammar: Grammar, mutation: Mutation): Outcome | null {
  const { lines, profile: before } = original(grammar.capture)
  const done = mutatedBy(grammar, mutation, lines)
  if (done === null || done.changed === 0) return null
  const { mutated, changed, texts } = done
  const dialect = dialects.find(({ name }) => name === before.dialect) ?? none
  const after = profile(mutated, before)
  const comparison = compareProfiles(before, after)
  const read = dialects.find(({ name }) => name === after.dialect) ?? dialect
  const gone = [...lost(knowledge(lines, dialect), knowledge(mutated, read)), ...(mutation.loses ?? [])]
  const { findings } = comparison
  const harmful = findings.filter(({ severity }) => severity !== 'cosmetic')
  let verdict: Outcome['verdict'] = 'hit'
  if (gone.length > 0) {
    const right = harmful.filter(({ code, effects }) =>
      [code, ...effects].some((one) => mutation.codes.includes(one) || saysWhatIsLost(one, gone)),
    )
    const shown = (text: string | undefined): boolean => text !== undefined && texts.has(text)
    if (harmful.length === 0) verdict = 'miss'
    else if (right.length === 0) verdict = 'wrong code'
    else if (!right.some((one) => shown(one.old?.text) || shown(one.new?.text))) verdict = 'wrong line'
  } else if (harmful.length > 0) verdict = 'false alarm'
  return { capture: grammar.capture, mutation: mutation.name, changed, lost: gone, comparison, verdict }
}

interface Mutated {
  mutated: Line[]
  changed: number
  texts: Set<string>
}

/** The log as it would be after the change; null where the dialect has nothing of the kind. */
export function mutatedBy(grammar: Grammar, mutation: Mutation, lines: readonly Line[]): Mutated | null {
  if (mutation.whole) {
    const raws = lines.map(({ raw }) => raw)
    const now = mutation.whole(grammar, raws)
    const same = now.length === raws.length && now.every((raw, i) => raw === raws[i])
    const mutated = now.map((raw, index) => ({
      index,
      atNs: index * 1000,
      stream: 'stderr' as const,
      raw,
      terminated: true,
    }))
    return { mutated, changed: same ? 0 : now.length, texts: new Set([...raws, ...now].map(plain)) }
  }
  const change = mutation.of(grammar)
  return change === null ? null : applied(lines, change, mutation.stream === true)
}

/** A code for each thing that the oracle counts. */
const LOST: Readonly<Record<string, readonly string[]>> = {
  paths: ['path-lost'],
  newPaths: ['path-lost'],
  names: ['name-lost'],
  ends: ['reply-gone', 'end-inferred'],
  outcomes: ['status-lost', 'reply-gone', 'errno-lost'],
  errnos: ['errno-lost', 'reply-gone'],
  pids: ['pid-lost'],
  ids: ['id-lost'],
  operations: ['operation-gone', 'operation-renamed'],
}

const saysWhatIsLost = (code: string, lost: readonly string[]): boolean =>
  lost.some((what) => LOST[what]?.includes(code) || (code === 'operation-gone' && !(what in LOST)))

/** Colour is taken out of what findings show. */
const plain = (raw: string): string => Buffer.from(raw.replace(/\x1b\[[\d;]*m/g, ''), 'latin1').toString('utf8')

function applied(lines: readonly Line[], change: Change, stream: boolean): Mutated {
  const texts = new Set<string>()
  const out: Line[] = []
  let changed = 0
  for (const line of lines) {
    const now = change(line.raw)
    const all = now === null ? [] : typeof now === 'string' ? [now] : now
    if (stream || all.length !== 1 || all[0] !== line.raw) {
      changed++
      texts.add(plain(line.raw))
      for (const raw of all) texts.add(plain(raw))
    }
    const to = stream ? (line.stream === 'stdout' ? 'stderr' : 'stdout') : line.stream
    for (const raw of all) out.push({ ...line, raw, stream: to })
  }
  return { mutated: numbered(out), changed, texts }
}
