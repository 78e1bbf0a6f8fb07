import type { Shape } from '../../template/shape.js'
import { type Draft, draftOf, onlyIn } from '../findings/draft.js'
import type { Profile } from '../profile/profile.js'
import { type Edit, editOf } from './edit.js'
import { explains, losesAny } from './explain.js'
import type { Loss } from './losses.js'
import type { Pair, Pairing } from './pair.js'
import type { Source } from './sources.js'

/** Times of a file that a setattr may or may not set: which of them stand in a line is the caller's choice. */
const OPTIONAL = /^(mode|size|uid|gid|atime|mtime|ctime|crtime|fh|valid|flags|lock|owner|lockowner)([,|\s]|$)/i

/** Findings about the text of lines: reworded, split, gone, come. */
export function lineFindings(before: Profile, after: Profile, pairing: Pairing, losses: readonly Loss[]): Draft[] {
  const drafts = [...edited(before, after, pairing.changed), ...splitEvents(pairing)]
  if (!after.shapes.some(isSpanEvent))
    drafts.push(...spanEvents('span-events-gone', onlyIn('old', pairing.gone.filter(isSpanEvent)), SPANS_GONE))
  if (!before.shapes.some(isSpanEvent))
    drafts.push(...spanEvents('span-events-new', onlyIn('new', pairing.come.filter(isSpanEvent)), SPANS_NEW))
  const gone = pairing.gone.filter(
    (shape) =>
      !isSpanEvent(shape) &&
      (expected(shape, before, after) || losses.some((loss) => explains({ old: shape, now: null }, loss))),
  )
  const come = pairing.come.filter((shape) => !isSpanEvent(shape) && expected(shape, after, before))
  drafts.push(...many('line-gone', onlyIn('old', gone), 'a kind of line is gone', 'kinds of lines are gone'))
  drafts.push(...many('line-new', onlyIn('new', come), 'there is a new kind of line', 'new kinds of lines came in'))
  return drafts
}

function edited(before: Profile, after: Profile, pairs: readonly Pair[]): Draft[] {
  const groups = new Map<string, { edit: Edit; pairs: Pair[] }>()
  for (const pair of pairs) {
    const edit = editOf(pair.old, pair.now)
    const group = groups.get(edit.key)
    if (group) group.pairs.push(pair)
    else groups.set(edit.key, { edit, pairs: [pair] })
  }
  const drafts: Draft[] = []
  for (const { edit, pairs: all } of groups.values()) {
    const sure = all.filter((pair) => isReal(pair, edit, before, after))
    // The same change in other lines says that it is one.
    const real = sure.length > 1 ? all.filter((pair) => sure.includes(pair) || pair.likeness >= 0.75) : sure
    real.sort((a, b) => b.old.count - a.old.count)
    const best = real[0]
    if (best === undefined) continue
    const seen = real.reduce((sum, { old, now }) => sum + Math.min(old.count, now.count), 0)
    const weak = edit.besideValue && (seen < 3 || edit.unmasked)
    if (weak && !losesAny(best)) continue
    const { oldTokens, newTokens } = best === all[0] ? edit : editOf(best.old, best.now)
    const draft = draftOf(edit.code, edit.title, real, { oldTokens, newTokens, weak })
    if (edit.leading && draft.lines >= before.lines * 0.2 && real.length > 1) {
      draft.code = 'prefix-changed'
      draft.title = `the beginning of the lines changed: ${edit.title}`
    }
    drafts.push(draft)
  }
  return drafts
}

/** Not two different messages of two different workloads. */
function isReal(pair: Pair, edit: Edit, before: Profile, after: Profile): boolean {
  const { old, now, likeness } = pair
  if (losesAny(pair)) return true
  if (
    edit.code.startsWith('field') &&
    old.opcodes.has('setattr') &&
    OPTIONAL.test(edit.key.split('|').slice(1).join(','))
  ) {
    return false
  }
  if (expected(old, before, after, 1)) return true
  return likeness >= 0.75 && (Math.min(old.count, now.count) >= 2 || !edit.besideValue)
}

/** Such a line stood in nearly every operation of a kind that the other log shows as well. */
function expected(shape: Shape, own: Profile, other: Profile, least = 3): boolean {
  for (const [context, times] of shape.contexts) {
    const all = own.contexts.get(context) ?? 0
    if (all >= least && times >= all * 0.9 && (other.contexts.get(context) ?? 0) >= least) return true
  }
  return false
}

function splitEvents({ split }: Pairing): Draft[] {
  const sorted = [...split].sort((a, b) => b.old.count - a.old.count)
  const [best] = sorted
  if (best === undefined) return []
  const pairs = sorted.map(({ old, first }) => ({ old, now: first }))
  const oldTokens = best.old.example.keys.map((_, i) => i).slice(best.first.example.keys.length)
  return [draftOf('event-split', 'what was one line is now two', pairs, { oldTokens })]
}

const isSpanEvent = (shape: Shape): boolean =>
  /(: |"message":")(new|enter|exit|close)("|$| time\.busy=)/.test(shape.id) || shape.id.includes('time.busy')

const SPANS_GONE = 'the lines that tell when a span begins and ends are gone'
const SPANS_NEW = 'there are now lines that tell when a span begins and ends'

function spanEvents(code: Draft['code'], spans: Draft['pairs'], title: string): Draft[] {
  const draft = draftOf(code, title, spans)
  return draft.lines < 3 ? [] : [draft]
}

/** Few are named one by one, many once. */
const many = (code: Draft['code'], pairs: Draft['pairs'], one: string, more: string): Draft[] =>
  pairs.length > 4
    ? [draftOf(code, `${pairs.length} ${more}; the most frequent is shown`, pairs)]
    : pairs.map((pair) => draftOf(code, one, [pair]))

/** A finding for each level or module that is switched off. Takes its kinds of lines out of `pairing`. */
export function sourceFindings(sources: readonly Source[], pairing: Pairing): Draft[] {
  const drafts: Draft[] = []
  for (const source of sources) {
    const of = pairing.gone.filter((shape) => !isSpanEvent(shape) && source.has(shape))
    if (of.length === 0) continue
    pairing.gone = pairing.gone.filter((shape) => !of.includes(shape))
    const isLevel = source.kind === 'level'
    const title = isLevel
      ? `lines of level \`${source.name}\` are no longer logged`
      : `lines of \`${source.name}\` are gone`
    drafts.push(draftOf(isLevel ? 'level-gone' : 'line-gone', title, onlyIn('old', of)))
  }
  return drafts
}
