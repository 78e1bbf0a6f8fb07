import { checkDialect } from '../../dialect/core/check-dialect.js'
import type { Dialect } from '../../dialect/core/dialect.js'
import type { Line } from '../../line/line.js'
import { compareProfiles, pairingOf } from '../compare/compare.js'
import type { Pair } from '../compare/pair.js'
import type { Profile } from '../profile/profile.js'
import { Profiler } from '../profile/profiler.js'
import { moduleText, type Patch, patched } from './patched.js'
import { type Rule, ruleOf } from './rule.js'
import { unwraps } from './unwrap.js'

/** Lines that a patch is tried on. */
const TRIED = 20_000
const MAX_RULES = 400

/**
 * A dialect file that rewrites the new lines to what they were and reads them with the dialect that knows those. Patches are
 * derived from the kinds of lines that changed and from what may stand around every line; the first is taken with which the
 * new log, read anew, has lost nothing. Null when there is none.
 */
export function suggest(before: Profile, dialect: Dialect, lines: readonly Line[]): string | null {
  const tried = lines.slice(0, TRIED)
  const samples = tried.slice(0, 500).map(({ raw }) => raw)
  if (left(before, profileWith(dialect, tried)) === 0) return null
  for (const unwrap of [null, ...unwraps(samples, dialect)]) {
    let patch: Patch = { unwrap, rules: [] }
    // What a patch restores lets more kinds of lines be recognized: once more with those.
    for (let round = 0; round < 3; round++) {
      const sound = patched(dialect, patch, samples)
      const profile = profileWith(sound, tried)
      if (left(before, profile) === 0 && checkDialect(sound).length === 0) {
        return moduleText(sound, patch, [`tried on ${tried.length} lines: nothing is lost`])
      }
      const rules = rulesOf(pairs(before, profile))
      if (rules.length === 0) break
      patch = { unwrap, rules: [...patch.rules, ...rules].slice(0, MAX_RULES) }
    }
  }
  return null
}

/** Findings that are more than cosmetic. */
const left = (before: Profile, after: Profile): number =>
  compareProfiles(before, { ...after, dialect: before.dialect }).findings.filter(
    ({ severity, code }) => severity !== 'cosmetic' && code !== 'recording-damaged',
  ).length

function profileWith(dialect: Dialect, lines: readonly Line[]): Profile {
  const profiler = new Profiler({ dialect })
  for (const line of lines) profiler.push(line)
  return profiler.end(lines.at(-1)?.atNs ?? 0)
}

function pairs(before: Profile, after: Profile): Pair[] {
  const { changed, common } = pairingOf(before, after)
  return [...changed, ...common.filter(({ old, now }) => old.reported.some((n, i) => n > 0 && now.reported[i] === 0))]
}

function rulesOf(all: readonly Pair[]): Rule[] {
  const rules = new Map<string, Rule>()
  const telling = all.filter(({ old }) => !old.isSilent)
  for (const pair of telling.sort((a, b) => b.likeness - a.likeness)) {
    const rule = ruleOf(pair)
    if (rule !== null && !rules.has(rule.pattern)) rules.set(rule.pattern, rule)
  }
  return [...rules.values()]
}
