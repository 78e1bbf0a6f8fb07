import { attribute, leftOver, operationsGone } from './attribute.js'
import { type Draft, finishDraft } from './draft.js'
import { byHarm, type Comparison, type LogSummary } from './finding.js'
import { levelGone, lineFindings } from './lines.js'
import { lossesOf } from './losses.js'
import { type Pairing, pairShapes } from './pair.js'
import type { Profile } from './profile.js'
import { reworded } from './reworded.js'
import { attributesChanged, wholeLog } from './whole.js'

/**
 * What changed between two logs' formats, most harmful first. The logs need not be of the same workload: what did not
 * happen in the new one is named in `notExercised` and is no finding.
 *
 * @example
 * const { findings } = compareProfiles(before, after)
 * process.exitCode = findings.some(({ severity }) => severity === 'breaks') ? 1 : 0
 */
export function compareProfiles(before: Profile, after: Profile): Comparison {
  const drafts: Draft[] = wholeLog(before, after)
  const pairing: Pairing = isOther(before, after, drafts)
    ? { common: [], changed: [], split: [], gone: [], come: [] }
    : pairShapes(before, after)
  const losses = lossesOf(before, after)
  const level = levelGone(before, after, pairing)
  if (level) drafts.push(level)
  drafts.push(...lineFindings(before, after, pairing, losses), ...attributesChanged(pairing, before, after))
  const { gone, notExercised } = operationsGone(before, after, pairing, drafts)
  const rest = attribute(drafts, [...gone, ...losses], before, after)
  drafts.push(...leftOver(reworded(rest, before, pairing, drafts), before, after, drafts))
  // Said better by those that tell which lines it was.
  const told = drafts.some(({ losses: own, takesRest }) => !takesRest && own.length > 0)
  const said = drafts.filter(
    (one) =>
      !(one.weak && one.losses.length === 0) && !(one.code === 'understood-less' && one.losses.length === 0 && told),
  )
  const findings = said.map((one) => finishDraft(one, before, after)).sort(byHarm)
  return { findings, notExercised, old: summary(before), new: summary(after) }
}

const summary = ({ dialect, lines, understood, operations }: Profile): LogSummary => ({
  dialect,
  lines,
  understood,
  operations,
})

/** Another form altogether: to hold line against line would say nothing. */
function isOther(before: Profile, after: Profile, drafts: readonly Draft[]): boolean {
  if (drafts.some(({ code }) => code === 'encoding-changed')) return true
  if (!drafts.some(({ code }) => code === 'dialect-changed') || after.dialect === 'none') return false
  const ids = new Set(before.shapes.map(({ id }) => id))
  const shared = after.shapes.reduce((sum, { id, count }) => sum + (ids.has(id) ? count : 0), 0)
  return shared < after.lines * 0.2
}
