import { MOVES } from '../../operation/effects.js'
import { FACTS, type Fact } from '../../template/facts.js'
import type { Shape } from '../../template/shape.js'
import { type Draft, makeDraft } from '../findings/draft.js'
import type { FindingCode } from '../findings/finding.js'
import type { Profile } from '../profile/profile.js'
import { editOf } from './edit.js'
import { type Loss, namesAreSwapped } from './losses.js'
import { likeness, type Pairing } from './pair.js'

type Pair = Draft['pairs'][number]

/** The new line reports less of the operation than the old one. */
export const losesAny = ({ old, now }: { old: Shape; now: Shape }): boolean =>
  FACTS.some((fact) => old.reports(fact) > old.count / 2 && now.reports(fact) < now.count * 0.1)

/** The change of a kind of line is the reason of a loss: it reported just that, and does not any more. */
export function explains({ old, now }: Pair, { opcode, code, fact }: Loss): boolean {
  if (old === null || fact === null || !old.opcodes.has(opcode)) return false
  if (code === 'operation-renamed') return old.reports('request') > 0
  return reportedAs(fact).some((one) => reportsLess(old, now, one))
}

/** What lines report for a fact to be known. */
const ALIKE: Partial<Record<Fact, readonly Fact[]>> = {
  errno: ['errno', 'status', 'reply'],
  status: ['status', 'reply'],
  reply: ['reply', 'errno'],
  path: ['name', 'child'],
}
const reportedAs = (fact: Fact): readonly Fact[] => ALIKE[fact] ?? [fact]

/** Lines of this kind reported what is lost now. */
export const reported = (shape: Shape, { opcode, fact }: Loss): boolean =>
  shape.opcodes.has(opcode) && reportedAs(fact ?? 'request').some((one) => shape.reports(one) > 0)

/** What a kind of line reported, it reports no more, or far less often. */
const reportsLess = (old: Shape, now: Shape | null, fact: Fact): boolean =>
  old.reports(fact) > 0 &&
  (now === null || now.reports(fact) / Math.max(1, now.count) < (old.reports(fact) / old.count) * 0.5)

/** Facts that dialects also derive from the lines of other operations. */
const DERIVED: readonly (Fact | null)[] = ['name', 'newName', 'node', 'otherNode', 'child', 'path']

/**
 * A loss is certain, or lines explain it: one that has changed, values that are written in another way; or, for names, that
 * most of the lines which reported them are gone.
 */
export function isExplained(loss: Loss, { changed, split, gone }: Pairing, formats: readonly Draft[]): boolean {
  if (loss.unsure !== true && !DERIVED.includes(loss.fact)) return true
  if (changed.some((pair) => explains(pair, loss))) return true
  if (split.some(({ old, first }) => explains({ old, now: first }, loss))) return true
  if (loss.unsure === true) return false
  if (formats.some(({ pairs }) => pairs.some((pair) => explains(pair, loss)))) return true
  const lines = gone.filter((old) => explains({ old, now: null }, loss))
  return lines.reduce((sum, { opcodes }) => sum + (opcodes.get(loss.opcode) ?? 0), 0) > loss.before[1] / 2
}

/** Gives each loss to the finding about lines that explains it; makes findings of the others. */
export function explain(losses: readonly Loss[], drafts: Draft[], before: Profile, pairing: Pairing): void {
  const rest = reworded(
    losses.filter((loss) => !give(loss, drafts)),
    before,
    pairing,
    drafts,
  )
  drafts.push(
    ...unexplained(
      rest.filter((loss) => !giveNeighbour(loss, drafts)),
      before,
    ),
  )
}

/** Nothing shows what took it: then the nearest reason is what changed in the lines of the same opcode, or came between. */
function giveNeighbour(loss: Loss, drafts: readonly Draft[]): boolean {
  const changed = ({ pairs }: Draft): boolean =>
    pairs.some(({ old, now }) => old !== null && now !== null && (old.opcodes.has(loss.opcode) || isDerived(old, loss)))
  const came = ({ code, pairs }: Draft): boolean =>
    loss.sure === true && code === 'line-new' && pairs.some(({ now }) => now?.opcodes.has(loss.opcode))
  const taker = drafts.find((draft) => !draft.weak && changed(draft)) ?? drafts.find(changed) ?? drafts.find(came)
  taker?.losses.push(loss)
  return taker !== undefined
}

/** The path came from a name in a line of another operation. */
const isDerived = (old: Shape, { fact }: Loss): boolean => fact === 'path' && old.reports('name') > 0

/** Gives a loss to its best explanation; false when there is none. */
function give(loss: Loss, drafts: readonly Draft[]): boolean {
  const all = drafts.find(({ takesAll }) => takesAll)
  if (all) {
    all.losses.push(loss)
    return true
  }
  const owners = drafts
    .filter((draft) => draft.pairs.some((pair) => explains(pair, loss)))
    .sort((x, y) => Number(x.weak) - Number(y.weak) || y.lines - x.lines)
  const taker =
    owners.find(({ weak }) => !weak) ??
    drafts.find(({ takesRest, code }) => takesRest && code !== 'understood-less') ??
    drafts.find((draft) => draft.takesUnexplained) ??
    owners[0] ??
    drafts.find(({ takesRest }) => takesRest)
  taker?.losses.push(loss)
  return taker !== undefined
}

/**
 * Some lines of a kind were reworded and others were not (only failures, say): the kind is still there, and beside it a new
 * one that reports nothing. Makes findings of those that explain a loss; returns the losses still unexplained.
 */
function reworded(losses: readonly Loss[], before: Profile, pairing: Pairing, drafts: Draft[]): Loss[] {
  const rest: Loss[] = []
  const made = new Map<string, Draft>()
  const silent = pairing.come.filter((shape) => shape.isSilent)
  for (const loss of losses) {
    const fact = loss.fact ?? 'request'
    const reporting = before.shapes.filter((shape) => shape.opcodes.has(loss.opcode) && shape.reports(fact) > 0)
    const best = closest(reporting, silent)
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

function closest(reporting: readonly Shape[], silent: readonly Shape[]): { old: Shape; now: Shape } | null {
  let best: { old: Shape; now: Shape } | null = null
  let most = 0.7
  for (const old of reporting) {
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

/** A finding for renames whose two names have changed places. */
export function swappedNames(before: Profile, after: Profile): Draft[] {
  if (!namesAreSwapped(before.contract, after.contract)) return []
  const line = ({ shapes }: Profile): Shape | null => shapes.find((shape) => shape.reports('newName') > 0) ?? null
  const [old, now] = [line(before), line(after)]
  const { forward, backward } = after.contract.nameOrder
  const opcode = [...before.contract.opcodes.keys()].find((name) => MOVES.includes(name)) ?? 'rename'
  const loss: Loss = {
    code: 'path-lost',
    severity: 'breaks',
    opcode,
    fact: 'newName',
    before: [before.contract.nameOrder.forward, before.contract.nameOrder.forward],
    now: [forward, forward + backward],
  }
  const title = `the old and the new name of \`${opcode}\` have changed places: ${backward} times the new name was there before`
  return [makeDraft('field-moved', title, { old, now, pairs: [{ old, now }], lines: old?.count ?? 0, losses: [loss] })]
}

/** Losses without a changed line: findings of their own, one of each code. */
function unexplained(losses: readonly Loss[], { shapes }: Profile): Draft[] {
  const byCode = new Map<FindingCode, Loss[]>()
  for (const loss of losses) byCode.set(loss.code, [...(byCode.get(loss.code) ?? []), loss])
  return [...byCode].map(([code, all]) => {
    const sorted = [...all].sort((a, b) => b.before[0] - a.before[0])
    const { opcode, before, now } = sorted[0] as Loss
    const counts = `\`${opcode}\`: ${before[0]} of ${before[1]} before, ${now[0]} of ${now[1]} now`
    const fact = sorted[0]?.fact ?? 'request'
    return makeDraft(code, `${TITLES[code] ?? code} (${counts})`, {
      old: firstOf(
        shapes.filter((shape) => shape.opcodes.has(opcode) && shape.reports(fact) > 0),
        opcode,
      ),
      lines: sorted.reduce((sum, one) => sum + one.before[0], 0),
      losses: sorted,
    })
  })
}

/** The kind of line that stands first in the opcode's events. */
const firstOf = (shapes: readonly Shape[], opcode: string): Shape | null => {
  const at = (shape: Shape): number => (shape.examples.get(opcode) ?? shape.example).index
  return [...shapes].sort((a, b) => at(a) - at(b))[0] ?? null
}

const TITLES: Readonly<Partial<Record<FindingCode, string>>> = {
  'operation-gone': 'an operation is no longer seen',
  'operation-renamed': 'an operation is seen under another name',
  'operation-doubled': 'an operation is seen twice',
  'reply-gone': 'the reply of an operation is no longer logged',
  'end-inferred': 'the end of an operation is no longer logged',
  'errno-lost': 'how an operation failed is no longer reported',
  'status-lost': 'whether an operation succeeded is no longer reported',
  'path-lost': 'what names the file is no longer reported',
  'name-lost': "the attribute's name is no longer reported",
  'pid-lost': 'the calling process is no longer reported',
  'id-lost': "the kernel's request id is no longer reported",
}
