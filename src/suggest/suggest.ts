import { checkDialect } from '../dialect/core/check-dialect.js'
import type { Dialect } from '../dialect/core/dialect.js'
import { type Rewriting, rewritten } from '../dialect/text/rewritten.js'
import { compareProfiles } from '../drift/compare/compare.js'
import type { Profile } from '../drift/profile/profile.js'
import { Profiler, type ProfilerOptions } from '../drift/profile/profiler.js'
import type { RunTrace } from '../drift/profile/run-trace.js'
import type { Line } from '../line/line.js'
import { derive, type Effort } from './derive.js'
import { Kinds } from './kinds.js'
import { moduleText } from './module-text.js'
import { samplesOf } from './samples.js'

/** Two logs that share so many calls are of one workload. */
const SAME_WORKLOAD = 0.8
/** Of that workload so many may be other calls. */
const MISREAD = 0.1

/** Lines that a patch is derived from and tried on. */
const TRIED = 20_000

/**
 * A dialect file that rewrites the new lines to what they were and reads them with the dialect that knows those. Rewritings are
 * derived from the lines of both logs; the first is taken with which the new log, read anew, has lost nothing and, where it is of
 * the same workload, shows the same operations, or else the one with the fewest others. Null when there is none, or none is needed.
 *
 * @param old lines of the old log
 * @param now lines of the new one, of the same workload or of another
 */
export function suggest(old: readonly Line[], now: readonly Line[], dialect: Dialect): string | null {
  const tried = now.slice(0, TRIED)
  const kinds = new Kinds()
  const before = profileOf(dialect, old.slice(0, TRIED), (_, raw, names, { spoken }) => kinds.add(raw, names, spoken))
  const read = (reading: Dialect): number => differences(before, profileOf(reading, tried))
  let least = read(dialect)
  if (least === 0) return null
  let best: Rewriting | null = null
  const all = kinds.end()
  const raws = tried.map(({ raw }) => raw)
  const known = new Set<string>()
  for (const effort of EFFORTS) {
    const derived = derive(all, tried, dialect, effort)
    const key = JSON.stringify([derived.around?.map(String), derived.rules?.map(String), derived.junk.map(String)])
    if (known.has(key)) continue
    known.add(key)
    for (const rewriting of variants(derived)) {
      const whole = { ...rewriting, samples: samplesOf(rewritten(dialect, rewriting), raws) }
      const different = read(rewritten(dialect, whole))
      if (different >= least || checkDialect(rewritten(dialect, whole)).length > 0) continue
      ;[best, least] = [whole, different]
      if (least === 0) return moduleText(dialect, best, [`tried on ${tried.length} lines: nothing is lost`])
    }
  }
  const others = `${least} ${least === 1 ? 'operation is' : 'operations are'} not read as in the old log`
  return best && moduleText(dialect, best, [`tried on ${tried.length} lines: nothing is lost, but ${others}`])
}

/** The least first. */
const EFFORTS: readonly Effort[] = [
  { lines: 'unread', unwraps: true },
  { lines: 'unread', unwraps: false },
  { lines: 'other', unwraps: true },
  { lines: 'other', unwraps: false },
]

/** The least first: what stands around lines, more and more of the rules, and then also what is left out. */
function* variants({ junk, rules = [], ...rewriting }: Rewriting & { junk: readonly RegExp[] }): Generator<Rewriting> {
  if (rewriting.around) yield rewriting
  for (let few = 1; few < rules.length; few *= 2) yield { ...rewriting, rules: rules.slice(0, few) }
  if (rules.length > 0) yield { ...rewriting, rules }
  yield { ...rewriting, rules, once: true }
  if (junk.length > 0) yield { ...rewriting, rules, drop: junk }
}

/**
 * How many operations are read otherwise than in the old log, as far as both are of the same workload; infinite where something
 * is lost, or too many are others.
 */
function differences(before: Profile, after: Profile): number {
  const { findings } = compareProfiles(before, { ...after, dialect: before.dialect })
  const harm = findings.filter(({ severity, code }) => severity !== 'cosmetic' && code !== 'recording-damaged')
  if (harm.length > 0) return Number.POSITIVE_INFINITY
  const [was, is] = [before.contract, after.contract]
  const shared = sharedCalls(was.run, is.run)
  const most = Math.max(was.run.entries.length, is.run.entries.length)
  const isSameRun = [...was.opcodes].every(([opcode, { count }]) => is.opcodes.get(opcode)?.count === count)
  if (!isSameRun && shared < most * SAME_WORKLOAD) return 0
  return most - shared > most * MISREAD ? Number.POSITIVE_INFINITY : most - shared
}

/** Calls that both logs show, each as often as the one that has fewer of them, of which as much is known. */
function sharedCalls(was: RunTrace, is: RunTrace): number {
  const left = new Map<string, number>()
  const keyOf = ({ opcode, names, known }: RunTrace['entries'][0]): string => `${opcode} ${names} ${known}`
  for (const entry of was.entries) left.set(keyOf(entry), (left.get(keyOf(entry)) ?? 0) + 1)
  return is.entries.filter((entry) => {
    const times = left.get(keyOf(entry)) ?? 0
    if (times > 0) left.set(keyOf(entry), times - 1)
    return times > 0
  }).length
}

function profileOf(dialect: Dialect, lines: readonly Line[], onLine?: ProfilerOptions['onLine']): Profile {
  const profiler = new Profiler({ dialect, ...(onLine && { onLine }) })
  for (const line of lines) profiler.push(line)
  return profiler.end(lines.at(-1)?.atNs ?? 0)
}
