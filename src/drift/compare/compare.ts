import type { Draft } from '../findings/draft.js'
import { byHarm, type Comparison, type LogSummary } from '../findings/finding.js'
import { finishDraft } from '../findings/finish-draft.js'
import type { Profile } from '../profile/profile.js'
import { explain, isExplained, reported, swappedNames } from './explain.js'
import { type LeftOver, leftOver } from './left-over.js'
import { lineFindings, sourceFindings } from './lines.js'
import { type Loss, lossesOf, lossesOfRun, unreadErrors } from './losses.js'
import { absent, lossOf, missingOperations, partlyMissing } from './missing.js'
import { type Pairing, pairShapes } from './pair.js'
import { goneSources } from './sources.js'
import { unanswered } from './unanswered.js'
import { attributesChanged, timestampsChanged, wholeLog } from './whole.js'

/**
 * What changed between two logs' formats, most harmful first. The logs need not be of the same workload: what did not
 * happen in the new one is named in `notExercised` and is no finding.
 *
 * First comes what is lost, from the contracts alone; then the kinds of lines, to explain the losses and to name changes
 * that lose nothing. See README.md.
 *
 * @example
 * const { findings } = compareProfiles(before, after)
 * process.exitCode = findings.some(({ severity }) => severity === 'breaks') ? 1 : 0
 */
export function compareProfiles(before: Profile, after: Profile): Comparison {
  const drafts: Draft[] = wholeLog(before, after)
  const losses = lossesOf(before.contract, after.contract)
  const other = isOther(before, after, drafts)
  const replies = leftOver(before, after)
  const pairing = other ? NOTHING : pair(before, after, losses, replies)
  losses.push(
    ...unreadErrors(before.contract, after.contract, pairing).filter(
      (loss) => !losses.some(({ opcode, fact }) => opcode === loss.opcode && fact === 'errno'),
    ),
  )
  drafts.push(...timestampsChanged(other ? null : pairing, before, after))
  const sources = goneSources(before, after, pairing)
  const { gone: evidence, notExercised } = missingOperations(before, after, pairing, sources, replies)
  losses.push(...evidence.map((one) => lossOf(one, before)))
  if (evidence.length === 0) losses.push(...partlyMissing(before, after, pairing, replies))
  const values = attributesChanged(pairing, before, after)
  const formats = values.filter(({ code }) => code === 'value-format-changed')
  const certain = losses.filter((loss) => (other ? loss.unsure !== true : isExplained(loss, pairing, formats)))
  certain.push(...unanswered(before, after).filter(({ opcode }) => !certain.some((loss) => loss.opcode === opcode)))
  certain.push(...lossesOfRun(before.contract, after.contract, certain))
  const empty = drafts.find(({ code }) => code === 'understood-less')
  if (empty && drafts.length === 1 && formats.length === 0 && isSilent(before, pairing)) empty.takesAll = true
  else drafts.push(...sourceFindings(sources, pairing), ...lineFindings(before, after, pairing, certain), ...values)
  explain(certain, drafts, before, pairing)
  drafts.push(...swappedNames(before, after))
  // Said better by those that name the lines.
  const better = drafts.some(({ losses: own, takesRest }) => !takesRest && own.length > 0)
  const said = drafts.filter(
    (one) =>
      !(one.weak && one.losses.length === 0) && !(one.code === 'understood-less' && one.losses.length === 0 && better),
  )
  const findings = said.map((one) => finishDraft(one, before, after)).sort(byHarm)
  return { findings, notExercised, old: summary(before), new: summary(after) }
}

const NOTHING: Pairing = { common: [], changed: [], split: [], gone: [], come: [] }

function pair(before: Profile, after: Profile, losses: readonly Loss[], replies: LeftOver): Pairing {
  const gone = new Set(absent(before, after))
  const isLeft = replies.shared > 0 || replies.own.size > 0
  return pairShapes(
    before,
    after,
    (shape) =>
      losses.some((loss) => reported(shape, loss)) ||
      (isLeft && shape.reports('request') > 0) ||
      (shape.opcodes.size > 0 && [...shape.opcodes.keys()].every((opcode) => gone.has(opcode))),
  )
}

const summary = ({ dialect, lines, understood, contract }: Profile): LogSummary => ({
  dialect,
  lines,
  understood,
  operations: contract.operations,
})

/** Nothing came in the place of what is gone. */
const isSilent = (before: Profile, { changed, split, come }: Pairing): boolean =>
  split.length === 0 &&
  changed.every(({ old }) => old.spoken === 0) &&
  come.reduce((sum, { count }) => sum + count, 0) < before.lines * 0.1

/** Another form altogether: to hold line against line would say nothing. */
function isOther(before: Profile, after: Profile, drafts: readonly Draft[]): boolean {
  if (drafts.some(({ code }) => code === 'encoding-changed')) return true
  if (!drafts.some(({ code }) => code === 'dialect-changed') || after.dialect === 'none') return false
  const ids = new Set(before.shapes.map(({ id }) => id))
  const shared = after.shapes.reduce((sum, { id, count }) => sum + (ids.has(id) ? count : 0), 0)
  return shared < after.lines * 0.2
}
