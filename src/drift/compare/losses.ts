import { kindOf } from '../../operation/kind.js'
import { BIT, type Fact, type FactBits, factsIn, OUTCOME, RESULTS } from '../../template/facts.js'
import type { Shape } from '../../template/shape.js'
import type { FindingCode, Severity } from '../findings/finding.js'
import type { Contract, OpcodeContract } from '../profile/contract.js'
import { forgotten, type Known } from '../profile/run-trace.js'
import type { Pairing } from './pair.js'
import { type Settled, settle } from './settle.js'

/** Something that the log used to report of an opcode's operations and does not report any more. */
export interface Loss {
  code: FindingCode
  severity: Severity
  opcode: string
  /** What lines reported; null when it is the operation itself. */
  fact: Fact | null
  /** Of how many operations it was known, and of how many it could have been. */
  before: readonly [number, number]
  now: readonly [number, number]
  /** Only a loss when a changed line explains it. */
  unsure?: boolean
  /** Counted operation by operation in two logs of the same run: a loss whatever explains it. */
  sure?: boolean
}

const CODES: Readonly<Partial<Record<Fact, FindingCode>>> = {
  reply: 'reply-gone',
  name: 'path-lost',
  newName: 'path-lost',
  target: 'path-lost',
  node: 'path-lost',
  otherNode: 'path-lost',
  child: 'path-lost',
  xattr: 'name-lost',
  pid: 'pid-lost',
  unique: 'id-lost',
  status: 'status-lost',
  errno: 'errno-lost',
}

/** Fewer operations than this share are an accident: a torn line, a request that was never answered. */
const ACCIDENT = 0.05

/** Everything that is reported less of opcodes that both logs show. */
export function lossesOf(before: Contract, after: Contract): Loss[] {
  const silent = failuresAreSilent(before, after)
  const losses: Loss[] = []
  for (const [opcode, old] of before.opcodes) {
    const now = after.opcodes.get(opcode)
    if (old.count === 0 || now === undefined || now.count === 0) continue
    losses.push(...lossesOfOpcode(opcode, old, now, settle(before, after, opcode), silent, after.fromStart))
    if (isDoubled(old, now)) losses.push(make('operation-doubled', 'breaks', opcode, null, [old.count, old.count], now))
  }
  return keptPaths(losses, before, after)
}

const make = (
  code: FindingCode,
  severity: Severity,
  opcode: string,
  fact: Fact | null,
  was: readonly [number, number],
  now: OpcodeContract,
): Loss => ({ code, severity, opcode, fact, before: was, now: [now.count, now.count] })

function lossesOfOpcode(
  opcode: string,
  old: OpcodeContract,
  now: OpcodeContract,
  { before, after }: { before: Settled; after: Settled },
  silent: boolean,
  fromStart: boolean,
): Loss[] {
  const lost = missingFacts(before, after)
  const isInferred = now.endedBy['last-event'] + now.endedBy['next-request'] > now.endedBy.none
  const losses: Loss[] = []
  for (const [fact, count] of lost) {
    const code = CODES[fact]
    if (code === undefined) continue
    // Without the reply, what it reports is not a loss of its own; an end that is inferred is less than an outcome.
    if (lost.has('reply') && ((fact === 'status' && !isInferred) || fact === 'errno' || fact === 'child')) continue
    const [was, is] = [share(before, fact), share(after, fact)]
    // Where a node is reported, its path may have come from operations before the log's begin.
    if (fact === 'name' && !fromStart && kindOf(opcode) === 'node' && after.seen & BIT.node) continue
    // That it failed is still known, and one failure may be of an unusual kind.
    if (fact === 'errno' && is[1] < 2) continue
    if (is[1] === 0 || is[0] / is[1] >= was[0] / Math.max(1, was[1])) continue
    const failures = old.status.error > 0 && now.status.error === 0 && fact === 'reply' && silent
    const whole = is[0] === 0 || failures
    if (!whole && count < Math.max(2, is[1] * ACCIDENT)) continue
    const inferred = fact === 'reply' && isInferred
    losses.push({
      code: inferred ? (failures ? 'errno-lost' : 'end-inferred') : code,
      severity: inferred && !failures ? 'degrades' : 'breaks',
      opcode,
      fact: failures ? 'errno' : fact,
      before: was,
      now: is,
      unsure: !whole,
    })
  }
  return losses
}

/** The facts that operations of the new log lack beside the most similar ones of the old log, and how many lack them. */
function missingFacts(before: Settled, after: Settled): Map<Fact, number> {
  const lost = new Map<Fact, number>()
  const old = before.signatures.map(([facts]) => facts)
  const silent = isSilent(before, after)
  for (const [facts, count] of after.signatures) {
    const seen = before.seen | OUTCOME
    const alike = old.filter((other) => (other & OUTCOME) === (facts & OUTCOME) && !(silent && isUnknown(other)))
    // An outcome that the old log does not have says nothing of what replies report.
    const ignored = OUTCOME | (alike.length === 0 && !(silent && isUnknown(facts)) ? RESULTS : 0)
    let gap: FactBits | null = null
    for (const one of alike.length > 0 ? alike : old) {
      const lacking = one & seen & ~facts & ~ignored
      if (gap === null || bits(lacking) < bits(gap)) gap = lacking
    }
    for (const fact of factsIn(gap ?? 0)) lost.set(fact, (lost.get(fact) ?? 0) + count)
  }
  return lost
}

const isUnknown = (facts: FactBits): boolean => (facts & OUTCOME) === 0

/** Outcomes are not known any more that always were: with a reply, or successes as well as failures. */
function isSilent(before: Settled, after: Settled): boolean {
  const share = ({ signatures }: Settled, has: (facts: FactBits) => boolean): number => {
    const total = signatures.reduce((sum, [, count]) => sum + count, 0)
    return total === 0 ? 0 : signatures.reduce((sum, [facts, count]) => sum + (has(facts) ? count : 0), 0) / total
  }
  const known = before.signatures.reduce((sum, [facts, count]) => sum + (isUnknown(facts) ? 0 : count), 0)
  if (known < 3 || share(before, (facts) => (facts & BIT.succeeded) !== 0) === 0) {
    return share(before, (facts) => (facts & BIT.reply) !== 0 && !isUnknown(facts)) === 1
  }
  return share(before, isUnknown) === 0 || (share(before, isUnknown) < 0.1 && share(after, isUnknown) > 0.9)
}

function bits(value: number): number {
  let count = 0
  for (let rest = value; rest !== 0; rest &= rest - 1) count++
  return count
}

/** How many operations had a fact, of those that could have it. */
function share({ signatures }: Settled, fact: Fact): [number, number] {
  const replies = signatures.some(([facts]) => facts & BIT.reply)
  let had = 0
  let could = 0
  for (const [facts, count] of signatures) {
    if (fact === 'status' && replies && !(facts & BIT.reply)) continue
    if (fact === 'errno' && facts & BIT.succeeded) continue
    if (fact === 'child' && (!(facts & BIT.reply) || facts & BIT.failed)) continue
    could += count
    if (facts & BIT[fact]) had += count
  }
  return [had, could]
}

/** Failures were reported, are not any more, and requests without a reply came instead. */
function failuresAreSilent(before: Contract, after: Contract): boolean {
  const errors = ({ opcodes }: Contract): number => [...opcodes.values()].reduce((sum, of) => sum + of.status.error, 0)
  return errors(before) >= 3 && errors(after) === 0
}

const isDoubled = (old: OpcodeContract, now: OpcodeContract): boolean =>
  old.doubled < old.count * 0.2 && now.doubled > now.count * 0.4 && now.count >= 4

/** The old log's renames went from names that were there, the new log's to them. */
export const namesAreSwapped = ({ nameOrder: old }: Contract, { nameOrder: now }: Contract): boolean =>
  old.forward > 2 * old.backward && now.backward >= 2 && now.backward > 2 * now.forward

/** A node or name that is not reported is no loss where the paths are known all the same. */
function keptPaths(losses: readonly Loss[], before: Contract, after: Contract): Loss[] {
  const share = ({ opcodes }: Contract, opcode: string, name: 'path' | 'newPath'): number => {
    const of = opcodes.get(opcode)
    return of === undefined || of.count === 0 ? 0 : of[name] / of.count
  }
  const fell = (opcode: string): boolean =>
    (['path', 'newPath'] as const).some((name) => share(after, opcode, name) < share(before, opcode, name) - 0.01)
  const anyFell = [...before.opcodes.keys()].some(
    (opcode) => (after.opcodes.get(opcode)?.count ?? 0) > 0 && fell(opcode),
  )
  return losses.filter(({ fact, opcode }) => {
    if (fact === 'node' || fact === 'otherNode' || fact === 'name') return fell(opcode)
    return fact === 'child' ? anyFell : true
  })
}

/**
 * Failures that are read as successes: the lines that reported the errors of an opcode are there, and report none. Where they
 * were reworded, no operation at all may fail any more.
 */
export function unreadErrors(before: Contract, after: Contract, { changed, common }: Pairing): Loss[] {
  const unread = [
    ...common.filter(({ old, now }) => reportsErrors(old) && now.count > 1),
    ...(failuresAreSilent(before, after) ? changed.filter(({ likeness }) => likeness >= 0.7) : []),
  ].filter(({ old, now }) => old.reports('errno') > 0 && now.reports('errno') === 0)
  return [...before.opcodes]
    .filter(([opcode, { status }]) => status.error > 0 && (after.opcodes.get(opcode)?.count ?? 0) > 0)
    .filter(([opcode]) => unread.some(({ old }) => old.opcodes.has(opcode)))
    .map(([opcode, { status, errno }]) => ({
      code: 'errno-lost' as const,
      severity: 'breaks' as const,
      opcode,
      fact: 'errno' as const,
      before: [errno, status.error] as const,
      now: [0, after.opcodes.get(opcode)?.count ?? 0] as const,
    }))
}

/** Nearly all of its lines are replies with an error. */
const reportsErrors = (shape: Shape): boolean =>
  Math.min(shape.reports('errno'), shape.reports('reply')) > shape.count * 0.9

const OF_RUN: Readonly<Record<Known | 'operation', readonly [FindingCode, Fact | null]>> = {
  path: ['path-lost', 'path'],
  newPath: ['path-lost', 'newName'],
  name: ['name-lost', 'xattr'],
  pid: ['pid-lost', 'pid'],
  unique: ['id-lost', 'unique'],
  outcome: ['status-lost', 'status'],
  errno: ['errno-lost', 'errno'],
  end: ['reply-gone', 'reply'],
  operation: ['operation-renamed', 'request'],
}

/** Where both logs show the same run: what was known of single operations and is not, beside `losses`. */
export function lossesOfRun(before: Contract, after: Contract, losses: readonly Loss[]): Loss[] {
  const lost = [...forgotten(before.run, after.run)].filter(([opcode]) => !losses.some((one) => one.opcode === opcode))
  return lost.flatMap(([opcode, all]) =>
    [...all].map(([what, count]): Loss => {
      const total = Math.max(count, after.opcodes.get(opcode)?.count ?? 0)
      const [code, fact] = OF_RUN[what]
      return { code, severity: 'breaks', opcode, fact, before: [total, total], now: [total - count, total], sure: true }
    }),
  )
}
