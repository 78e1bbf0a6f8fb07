import { opcodeOf } from '../../dialect/core/opcode.js'
import type { Profile } from '../profile/profile.js'
import type { Shape } from '../tokenize/shape.js'
import { KIND } from '../tokenize/tokens.js'
import { editOf } from './edit.js'
import { isForeign } from './foreign.js'
import type { Loss } from './losses.js'
import { likeness, type Pair, type Pairing } from './pair.js'
import { isOnlySeenIn, isReply, type Source } from './sources.js'

/** Opcodes that the old log shows and the new one does not. */
export const absent = (before: Profile, after: Profile): string[] =>
  [...before.contract.opcodes]
    .filter(([opcode, { count }]) => count > 0 && (after.contract.opcodes.get(opcode)?.count ?? 0) === 0)
    .map(([opcode]) => opcode)

/** Why an opcode that is not in the new log should be there. */
export interface Evidence {
  opcode: string
  renamed: boolean
  /** In words, for the finding. */
  why: string
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
): { gone: Evidence[]; notExercised: string[] } {
  const gone: Evidence[] = []
  const notExercised: string[] = []
  const replies = orphanReplies(before, after)
  const all = after.contract.operations === 0 && before.contract.operations > 0
  const less = isLessUnderstood(before, after)
  for (const opcode of absent(before, after)) {
    const evidence =
      witnessed(opcode, after) ??
      unread(opcode, before, pairing) ??
      answered(opcode, pairing) ??
      (isOnlySeenIn(sources, opcode, before)
        ? { opcode, renamed: false, why: 'the lines that showed it are switched off' }
        : null) ??
      (replies > 0 && isAnswered(opcode, before)
        ? { opcode, renamed: false, why: `${replies} replies belong to requests that are not shown` }
        : null) ??
      (all ? { opcode, renamed: false, why: 'no operation at all is shown' } : null) ??
      (less ? { opcode, renamed: false, why: 'most of the log is not understood any more' } : null)
    if (evidence) gone.push(evidence)
    else notExercised.push(opcode)
  }
  return { gone, notExercised: notExercised.sort() }
}

/**
 * Opcodes of which some requests are not understood any more: replies are left over, and kinds of request lines are gone; or
 * lines that nobody understands came in, which are like request lines.
 */
export function partlyMissing(before: Profile, after: Profile, pairing: Pairing): Loss[] {
  const replies = orphanReplies(before, after)
  const requestLines = before.shapes.filter((shape) => shape.reports('request') > shape.count * 0.9)
  // Some of a kind are written in another way, and the others are not.
  const silent = pairing.come.filter((shape) => shape.isSilent && shape.understood === 0)
  const alike = silent.flatMap((now) => {
    const old = requestLines.filter((one) => likeness(one, now) > 0.7)
    return old.length > 0 ? [{ old, now }] : []
  })
  const unread = alike.reduce((sum, { now }) => sum + now.count, 0)
  if (replies === 0 && unread < 3) return []
  const changed = [
    ...pairing.changed.filter(({ now }) => now.isSilent),
    ...pairing.common.filter(
      ({ old, now }) => old.reports('request') > old.count * 0.98 && now.reports('request') < now.count * 0.95,
    ),
  ].map(({ old }) => old)
  const requests = [...(replies > 0 ? [...changed, ...pairing.gone] : []), ...alike.map(({ old }) => old[0] as Shape)]
  const opcodes = new Set(
    requests.filter((shape) => shape.reports('request') > 0).flatMap((shape) => [...shape.opcodes.keys()]),
  )
  return [...opcodes].map((opcode) => {
    const [old, now] = [before, after].map(({ contract }) => contract.opcodes.get(opcode)?.count ?? 0)
    return {
      code: 'operation-gone',
      severity: 'breaks',
      opcode,
      fact: 'request',
      before: [old ?? 0, old ?? 0],
      now: [now ?? 0, (now ?? 0) + Math.max(replies, unread)],
    }
  })
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

function witnessed(opcode: string, after: Profile): Evidence | null {
  const seen = after.witnessed.get(opcode) ?? 0
  if (seen > 0) return { opcode, renamed: false, why: `the kernel sent ${seen} of them` }
  const called = after.called.get(opcode) ?? 0
  return called > 0 ? { opcode, renamed: false, why: `the workload called for ${called} of them` } : null
}

/** A request line of its is there, or a line that it has become, and no operation is read from it. */
function unread(opcode: string, before: Profile, pairing: Pairing): Evidence | null {
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
  const pair = [...pairing.common, ...pairing.changed, ...split].find(unreadNow) ?? pairing.changed.find(narrowed)
  if (pair === undefined) return null
  return { opcode, renamed: pair.now.reports('request') > 0, why: 'its request lines are there and are not understood' }
}

/** The line was not only moved or added to: a word of it, a field's name say, is not there any more. */
function lacksWord(old: Shape, now: Shape): boolean {
  const { code, oldTokens } = editOf(old, now)
  return code !== 'field-moved' && oldTokens.some((i) => old.example.kinds[i] === KIND.word)
}

/** Replies that only it has are there, and answer nothing. */
function answered(opcode: string, { common }: Pairing): Evidence | null {
  const own = common.find(
    ({ old, now }) =>
      isReply(old) && old.opcodes.size === 1 && old.opcodes.has(opcode) && now.count > 1 && now.reports('reply') === 0,
  )
  return own ? { opcode, renamed: false, why: `${own.now.count} of its replies are there` } : null
}

/** Most of the lines were understood and are not, and most of the operations are of opcodes that are not there any more. */
function isLessUnderstood(before: Profile, after: Profile): boolean {
  const share = ({ understood, lines }: Profile): number => understood / Math.max(1, lines)
  if (after.lines < 20 || share(after) >= share(before) * 0.7) return false
  const gone = absent(before, after).reduce((sum, opcode) => sum + (before.contract.opcodes.get(opcode)?.count ?? 0), 0)
  return gone > before.contract.operations / 2
}

/** What names one opcode is read as another one now. */
function isOtherNow({ old, now }: Pair): boolean {
  const [was, is] = [[...old.opcodes.keys()], [...now.opcodes.keys()]]
  if (is.some((opcode) => was.includes(opcode))) return false
  // By what came before the same call is a lookup or not, where a log shows calls.
  if (is.length === 0 || is.includes('lookup')) return false
  return is.every(isForeign) || (was.length === 1 && names(old, was[0]) && !is.some((opcode) => names(now, opcode)))
}

/** A word of the line is the opcode's name, or the beginning of it: bazil says `Open` for opendir as well. */
const names = ({ example }: Shape, opcode: string | undefined): boolean =>
  example.keys.some((word) => {
    const named = opcodeOf(word)
    return named !== null && opcode?.startsWith(named) === true
  })

const requestShapes = (opcode: string, { shapes }: Profile): Shape[] =>
  shapes.filter((shape) => shape.reports('request') > 0 && shape.opcodes.has(opcode))

function isAnswered(opcode: string, { contract }: Profile): boolean {
  const of = contract.opcodes.get(opcode)
  return of !== undefined && of.endedBy.reply + of.endedBy.span > of.count / 2
}

/** Replies without a request, beyond those of requests from before the log's begin and a few accidents. */
export function orphanReplies(before: Profile, after: Profile): number {
  const lag = Math.max(before.contract.lag, after.contract.lag) + 1
  const { orphans, orphanCount, fromStart, operations } = after.contract
  const early = fromStart ? 0 : orphans.filter((requests) => requests <= lag).length
  const allowed = Math.floor(operations * 0.02) + (fromStart ? 0 : lag)
  // Torn or interleaved lines cost as many requests as replies.
  const found = orphanCount - early + unreadReplies(before, after) - unanswered(after, lag)
  return found > allowed ? found : 0
}

const unanswered = ({ contract }: Profile, lag: number): number =>
  contract.openAtEnd.filter(({ behind }) => behind > lag).length

/** Reply lines of a known kind that the dialect could not bring together with a request, and could before. */
function unreadReplies(before: Profile, after: Profile): number {
  const replies = new Set([...before.shapes, ...after.shapes].filter(isReply).map(({ id }) => id))
  const unread = ({ shapes }: Profile): number =>
    shapes.reduce((sum, { id, count, understood }) => sum + (replies.has(id) ? count - understood : 0), 0)
  return Math.max(0, unread(after) - unread(before))
}
