import type { Profile } from '../profile/profile.js'
import { consequenceOf } from './consequence.js'
import type { Draft } from './draft.js'
import type { Finding, Severity } from './finding.js'
import { worse } from './finding.js'
import { waitsHit } from './impact.js'
import { sideOf } from './side.js'

/** The finding: what follows from it, how bad it is, and which waits feel it. */
export function finishDraft(draft: Draft, before: Profile, after: Profile): Finding {
  const { code, title, losses, old, now, lines } = draft
  let severity: Severity = draft.damage ? 'breaks' : 'cosmetic'
  for (const loss of losses) severity = worse(severity, loss.severity)
  const hit = [...new Set(losses.map((loss) => loss.opcode))]
  const isFailure = losses.some(({ fact }) => fact === 'errno')
  const waits = waitsHit(hit, before.contract, after.contract)
  const opcodes =
    hit.length > 0
      ? hit
      : [...new Set(draft.pairs.flatMap((pair) => [...((pair.old ?? pair.now)?.opcodes.keys() ?? [])]))]
  return {
    code,
    severity,
    title,
    old: old && sideOf(old, draft.oldTokens, hit[0], isFailure),
    new: now && sideOf(now, draft.newTokens, hit[0]),
    lines,
    opcodes: opcodes.sort(),
    effects: [...new Set(losses.map((loss) => loss.code))].filter((effect) => effect !== code),
    consequence: consequenceOf(draft, severity),
    waits,
    tests: [],
  }
}
