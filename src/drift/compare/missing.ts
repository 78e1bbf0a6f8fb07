import type { Shape } from '../../template/shape.js'
import { KIND } from '../../template/tokens.js'
import type { Profile } from '../profile/profile.js'
import { editOf } from './edit.js'
import { isForeign } from './foreign.js'
import { type LeftOver, onlyOf } from './left-over.js'
import type { Loss } from './losses.js'
import { likeness, type Pair, type Pairing } from './pair.js'
import { isOnlySeenIn, type Source } from './sources.js'
import { unreadOfNewKinds } from './unanswered.js'

/** Opcodes that the old log shows and the new one does not. */
export const absent = (before: Profile, after: Profile): string[] =>
  [...before.contract.opcodes]
    .filter(([opcode, { count }]) => count > 0 && (after.contract.opcodes.get(opcode)?.count ?? 0) === 0)
    .map(([opcode]) => opcode)

/** Why an opcode that is not in the new log should be there. */
export interface Evidence {
  opcode: string
  renamed: boolean
}

/**
 * Decides, for every opcode that the new log does not show, whether it should: by the kernel's events or the wire beside
 * the log, by the calls of the workload, by replies whose request is missing, by request lines that are there and not
 * understood any more, by levels and modules that are switched off. Without any of that it was not exercised.
 */
export function missingOperations(
  before: Profile,
  after: Profile,
  pairing: Pairing,
  sources: readonly Source[],
  replies: LeftOver,
): { gone: Evidence[]; notExercised: string[] } {
  const gone: Evidence[] = []
  const rest: string[] = []
  const all = after.contract.operations === 0 && before.contract.operations > 0
  const less = isLessUnderstood(before, after)
  for (const opcode of absent(before, after)) {
    const unread = unreadRequest(opcode, before, pairing)
    const isMissing =
      after.witnessed.has(opcode) ||
      after.called.has(opcode) ||
      unread !== null ||
      replies.own.has(opcode) ||
      hasDetails(opcode, pairing, after) ||
      isOnlySeenIn(sources, opcode, before) ||
      all ||
      less
    if (isMissing) gone.push({ opcode, renamed: (unread?.now.reports('request') ?? 0) > 0 })
    else rest.push(opcode)
  }
  // Beside replies, that a request which is never answered looks otherwise is no evidence: it leaves none behind.
  if (isAnsweredLog(before) && !gone.some(({ opcode }) => isAnswered(opcode, before)))
    rest.push(...gone.splice(0).map(({ opcode }) => opcode))
  // Replies that may have answered anything are evidence where nothing better explains them.
  const answered = gone.length > 0 || replies.shared === 0 ? [] : rest.filter((opcode) => isAnswered(opcode, before))
  gone.push(...answered.map((opcode) => ({ opcode, renamed: false })))
  return { gone, notExercised: rest.filter((opcode) => !answered.includes(opcode)).sort() }
}

/**
 * Opcodes of which some requests are not understood any more: replies are left over, and kinds of request lines are gone; or,
 * where a log shows no replies, lines that nobody understands came in, which are like request lines.
 */
export function partlyMissing(before: Profile, after: Profile, pairing: Pairing, replies: LeftOver): Loss[] {
  const counts = new Map(replies.own)
  if (replies.shared > 0) {
    const changed = [
      ...pairing.changed.filter(({ now }) => now.isSilent),
      ...pairing.common.filter(
        ({ old, now }) => old.reports('request') > old.count * 0.98 && now.reports('request') < now.count * 0.95,
      ),
    ].map(({ old }) => old)
    const of = opcodesOf([...changed, ...pairing.gone])
    for (const opcode of of.length > 0 ? of : fewest(before, after)) counts.set(opcode, replies.shared)
  }
  for (const [opcode, count] of [...unreadAmong(pairing), ...alikeRequests(before, pairing)]) counts.set(opcode, count)
  const partly = (code: Loss['code'], opcode: string, count: number): Loss => {
    const [old = 0, now = 0] = [before, after].map(({ contract }) => contract.opcodes.get(opcode)?.count ?? 0)
    return { code, severity: 'breaks', opcode, fact: 'request', before: [old, old], now: [now, now + count] }
  }
  return [
    ...[...counts].map(([opcode, count]) => partly('operation-gone', opcode, count)),
    ...misspelled(before, after).map(([opcode, count]) => partly('operation-renamed', opcode, count)),
  ]
}

/** Opcodes of which some operations go by a name now that is no opcode of FUSE, and like theirs: `creat`. */
function misspelled(before: Profile, after: Profile): [string, number][] {
  const known = [...before.contract.opcodes.keys()]
  return [...after.contract.opcodes].flatMap(([name, { count }]): [string, number][] => {
    const meant = isForeign(name) && !known.includes(name) ? known.find((opcode) => isAlike(opcode, name)) : undefined
    return meant === undefined ? [] : [[meant, count]]
  })
}

/** All letters of the one are in the other, in their order, and both begin or end alike. */
function isAlike(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  let at = 0
  for (const letter of long) if (letter === short[at]) at++
  return at === short.length && short.length >= 4 && (long[0] === short[0] || long.endsWith(short))
}

/** Request lines of a kind that were all understood, and are not any more, but for some. */
function unreadAmong({ common }: Pairing): [string, number][] {
  return common.flatMap(({ old, now }) => {
    // A line that only repeats the one before is not understood either.
    const unread = Math.min(now.strays, now.count - now.understood)
    const isUnread = unread >= 3 && unread > now.count * 0.05 && old.understood > old.count * 0.99
    return isUnread ? opcodesOf([old]).map((opcode): [string, number] => [opcode, unread]) : []
  })
}

/** Lines that nobody understands and that are like request lines: some of a kind are written in another way. */
function alikeRequests(before: Profile, pairing: Pairing): Map<string, number> {
  // Beside replies a request that is never answered looks as it likes.
  const answered = isAnsweredLog(before)
  const requestLines = before.shapes
    .filter((shape) => shape.reports('request') > shape.count * 0.9)
    .filter(({ opcodes }) => !answered || [...opcodes.keys()].some((opcode) => isAnswered(opcode, before)))
  const silent = pairing.come.filter((shape) => shape.isSilent && shape.understood === 0)
  const alike = silent.flatMap((now) => {
    const old = requestLines.find((one) => likeness(one, now) > 0.7)
    return old ? [{ old, now }] : []
  })
  const unread = alike.reduce((sum, { now }) => sum + now.count, 0)
  return new Map(unread < 3 ? [] : opcodesOf(alike.map(({ old }) => old)).map((opcode) => [opcode, unread]))
}

/** Opcodes whose requests such lines show. */
const opcodesOf = (shapes: readonly Shape[]): string[] => [
  ...new Set(shapes.filter((shape) => shape.reports('request') > 0).flatMap((shape) => [...shape.opcodes.keys()])),
]

/** Nothing shows whose replies are left over: the opcode that became rarest. */
function fewest(before: Profile, after: Profile): string[] {
  const share = ({ contract }: Profile, opcode: string): number =>
    (contract.opcodes.get(opcode)?.count ?? 0) / Math.max(1, contract.operations)
  const fell = (opcode: string): number => share(before, opcode) - share(after, opcode)
  return [...before.contract.opcodes.keys()]
    .filter((opcode) => isAnswered(opcode, before))
    .sort((a, b) => fell(b) - fell(a))
    .slice(0, 1)
}

/** The loss of an opcode that should have been there. */
export function lossOf({ opcode, renamed }: Evidence, before: Profile): Loss {
  const count = before.contract.opcodes.get(opcode)?.count ?? 0
  return {
    code: renamed ? 'operation-renamed' : 'operation-gone',
    severity: 'breaks',
    opcode,
    fact: 'request',
    before: [count, count],
    now: [0, 0],
  }
}

/** A request line of its is there, or a line that it has become, and no operation is read from it. */
function unreadRequest(opcode: string, before: Profile, pairing: Pairing): Pair | null {
  const requests = requestShapes(opcode, before)
  // What is understood may belong to another request, where it did before: high-level logs show calls, not requests.
  const isUnread = ({ old, now }: Pair): boolean =>
    now.reports('request') === 0 &&
    (now.understood < now.count * 0.9 || (old.id === now.id && old.reports('request') > old.count * 0.98))
  const unreadNow = (pair: Pair): boolean => requests.includes(pair.old) && (isUnread(pair) || isOtherNow(pair))
  const split = pairing.split.map(({ old, first }) => ({ old, now: first, likeness: 0 }))
  // A request line of several opcodes lacks a word now, and is not read as this one any more.
  const narrowed = ({ old, now }: Pair): boolean =>
    requests.includes(old) &&
    !now.opcodes.has(opcode) &&
    (now.reports('request') < now.count * 0.98 || lacksWord(old, now))
  return [...pairing.common, ...pairing.changed, ...split].find(unreadNow) ?? pairing.changed.find(narrowed) ?? null
}

/** The line was not only moved or added to: a word of it, a field's name say, is not there any more. */
function lacksWord(old: Shape, now: Shape): boolean {
  const { code, oldTokens } = editOf(old, now)
  return code !== 'field-moved' && oldTokens.some((i) => old.example.kinds[i] === KIND.word)
}

/** Lines that only its operations have are there, and belong to no operation. */
const hasDetails = (opcode: string, { common }: Pairing, { contract }: Profile): boolean =>
  common.some(
    ({ old, now }) =>
      onlyOf(old) === opcode &&
      now.opcodes.size === 0 &&
      now.count > (contract.fromStart ? contract.lag : contract.lag + 1),
  )

/** A third of the log and more are lines of new kinds that are not understood. */
const isLessUnderstood = (before: Profile, after: Profile): boolean =>
  after.lines >= 20 && unreadOfNewKinds(before, after) > after.lines * 0.3

/** What names an opcode is read as one that is none of FUSE. */
const isOtherNow = ({ old, now }: Pair): boolean =>
  now.opcodes.size > 0 && [...now.opcodes.keys()].every((opcode) => isForeign(opcode) && !old.opcodes.has(opcode))

const requestShapes = (opcode: string, { shapes }: Profile): Shape[] =>
  shapes.filter((shape) => shape.reports('request') > 0 && shape.opcodes.has(opcode))

function isAnswered(opcode: string, { contract }: Profile): boolean {
  const of = contract.opcodes.get(opcode)
  return of !== undefined && of.endedBy.reply + of.endedBy.span > of.count / 2
}

/** Most of its operations end with a reply. */
const isAnsweredLog = ({ contract }: Profile): boolean =>
  [...contract.opcodes.values()].reduce((sum, { endedBy }) => sum + endedBy.reply, 0) > contract.operations / 2
