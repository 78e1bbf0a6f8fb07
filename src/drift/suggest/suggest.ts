import { checkDialect } from '../../dialect/core/check-dialect.js'
import type { Dialect } from '../../dialect/core/dialect.js'
import { type Rewriting, rewritten } from '../../dialect/text/rewritten.js'
import type { Line } from '../../line/line.js'
import { compareProfiles } from '../compare/compare.js'
import type { Contract } from '../profile/contract.js'
import type { Profile } from '../profile/profile.js'
import { Profiler, type ProfilerOptions } from '../profile/profiler.js'
import { derive, type Effort } from './derive.js'
import { Kinds } from './kinds.js'
import { moduleText } from './module-text.js'
import { samplesOf } from './samples.js'

/** Lines that a patch is derived from and tried on. */
const TRIED = 20_000

/**
 * A dialect file that rewrites the new lines to what they were and reads them with the dialect that knows those. Rewritings are
 * derived from the lines of both logs; the first is taken with which the new log, read anew, has lost nothing. Null when
 * there is none, or none is needed.
 *
 * @param old lines of the old log
 * @param now lines of the new one, of the same workload or of another
 */
export function suggest(old: readonly Line[], now: readonly Line[], dialect: Dialect): string | null {
  const tried = now.slice(0, TRIED)
  const kinds = new Kinds()
  const before = profileOf(dialect, old.slice(0, TRIED), (_, raw, names, { spoken }) => kinds.add(raw, names, spoken))
  const proves = (reading: Dialect): boolean => {
    const after = profileOf(reading, tried)
    return left(before, after) === 0 && !isMisread(before.contract, after.contract)
  }
  if (proves(dialect)) return null
  const all = kinds.end()
  const raws = tried.map(({ raw }) => raw)
  const proved = (rewriting: Rewriting): Rewriting | null => {
    const samples = samplesOf(rewritten(dialect, rewriting), raws)
    const whole = { ...rewriting, samples }
    const reading = rewritten(dialect, whole)
    return proves(reading) && checkDialect(reading).length === 0 ? whole : null
  }
  const known = new Set<string>()
  for (const effort of EFFORTS) {
    const derived = derive(all, tried, dialect, effort)
    const key = JSON.stringify([derived.around?.map(String), derived.rules?.map(String), derived.junk.map(String)])
    if (known.has(key)) continue
    known.add(key)
    for (const rewriting of variants(derived)) {
      const found = proved(rewriting)
      if (found === null) continue
      return moduleText(dialect, found, [`tried on ${tried.length} lines: nothing is lost`])
    }
  }
  return null
}

/** The least first. */
const EFFORTS: readonly Effort[] = [
  { lines: 'unread', unwraps: true },
  { lines: 'unread', unwraps: false },
  { lines: 'other', unwraps: true },
  { lines: 'other', unwraps: false },
]

/** First only without what stands around lines, then with all rules, with repeated lines and with what stands between left out. */
function* variants({ junk, ...rewriting }: Rewriting & { junk: readonly RegExp[] }): Generator<Rewriting> {
  if (rewriting.around) yield { around: rewriting.around, samples: [] }
  yield rewriting
  yield { ...rewriting, once: true }
  if (junk.length > 0) yield { ...rewriting, drop: junk }
}

/** Two logs with as many operations of each opcode are of one workload: then most calls must be of the same names. */
function isMisread(before: Contract, after: Contract): boolean {
  for (const [opcode, { count }] of before.opcodes) if (after.opcodes.get(opcode)?.count !== count) return false
  const [was, is] = [before, after].map(
    ({ run }) => new Set(run.entries.map(({ opcode, names }) => `${opcode} ${names}`)),
  )
  const shared = [...(was ?? [])].filter((call) => is?.has(call)).length
  return shared < (was?.size ?? 0) * 0.8
}

/** Findings that are more than cosmetic. */
const left = (before: Profile, after: Profile): number =>
  compareProfiles(before, { ...after, dialect: before.dialect }).findings.filter(
    ({ severity, code }) => severity !== 'cosmetic' && code !== 'recording-damaged',
  ).length

function profileOf(dialect: Dialect, lines: readonly Line[], onLine?: ProfilerOptions['onLine']): Profile {
  const profiler = new Profiler({ dialect, ...(onLine && { onLine }) })
  for (const line of lines) profiler.push(line)
  return profiler.end(lines.at(-1)?.atNs ?? 0)
}
