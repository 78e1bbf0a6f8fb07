import { type Draft, makeDraft } from './draft.js'
import { editOf } from './edit.js'
import type { Loss } from './losses.js'
import { likeness, type Pairing } from './pair.js'
import type { Profile } from './profile.js'
import type { Shape } from './shape.js'

/**
 * Some lines of a kind were reworded and others were not (only failures, say): the kind is still there, and beside it a new
 * one that tells nothing. Makes findings of those that explain a loss; returns the losses still unexplained.
 */
export function reworded(losses: readonly Loss[], before: Profile, pairing: Pairing, drafts: Draft[]): Loss[] {
  const rest: Loss[] = []
  const made = new Map<string, Draft>()
  const silent = pairing.come.filter((shape) => shape.told.every((times) => times === 0))
  for (const loss of losses) {
    const told = loss.told ?? 'request'
    const tellers = before.shapes.filter((shape) => shape.opcodes.has(loss.opcode) && shape.tells(told) > 0)
    const best = closest(tellers, silent)
    if (best === null) {
      rest.push(loss)
      continue
    }
    const edit = editOf(best.old, best.now)
    let draft = made.get(edit.key)
    if (draft === undefined) {
      const { oldTokens, newTokens } = edit
      draft = makeDraft(edit.code, edit.title, { ...best, oldTokens, newTokens, pairs: [best], lines: best.now.count })
      made.set(edit.key, draft)
      drafts.push(draft)
    } else if (!draft.pairs.some(({ now }) => now === best.now)) {
      draft.pairs.push(best)
      draft.lines += best.now.count
    }
    draft.losses.push(loss)
  }
  return rest
}

function closest(tellers: readonly Shape[], silent: readonly Shape[]): { old: Shape; now: Shape } | null {
  let best: { old: Shape; now: Shape } | null = null
  let most = 0.7
  for (const old of tellers) {
    for (const now of silent) {
      const alike = likeness(old, now)
      if (alike > most) {
        most = alike
        best = { old, now }
      }
    }
  }
  return best
}
