import type { Shape } from '../../template/shape.js'
import { type Draft, makeDraft } from '../findings/draft.js'
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
  const spans = [
    spanEvents(
      'span-events-gone',
      after.shapes.some(isSpanEvent) ? [] : pairing.gone,
      'the lines that tell when a span begins and ends are gone',
    ),
    spanEvents(
      'span-events-new',
      before.shapes.some(isSpanEvent) ? [] : pairing.come,
      'there are now lines that tell when a span begins and ends',
    ),
  ]
  for (const span of spans) if (span) drafts.push(span)
  const gone = pairing.gone.filter(
    (shape) =>
      !isSpanEvent(shape) &&
      (expected(shape, before, after) || losses.some((loss) => explains({ old: shape, now: null }, loss))),
  )
  const come = pairing.come.filter((shape) => !isSpanEvent(shape) && expected(shape, after, before))
  drafts.push(...many('line-gone', gone, 'a kind of line is gone', 'kinds of lines are gone'))
  drafts.push(...many('line-new', come, 'there is a new kind of line', 'new kinds of lines came in'))
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
    const lines = real.reduce((sum, { old }) => sum + old.count, 0)
    const shown = best === all[0] ? edit : editOf(best.old, best.now)
    const prefix = edit.leading && lines >= before.lines * 0.2 && real.length > 1
    drafts.push(
      makeDraft(
        prefix ? 'prefix-changed' : edit.code,
        prefix ? `the beginning of the lines changed: ${edit.title}` : edit.title,
        {
          old: best.old,
          now: best.now,
          oldTokens: shown.oldTokens,
          newTokens: shown.newTokens,
          pairs: real,
          lines,
          weak,
        },
      ),
    )
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

function splitEvents(pairing: Pairing): Draft[] {
  const best = [...pairing.split].sort((a, b) => b.old.count - a.old.count)[0]
  if (best === undefined) return []
  return [
    makeDraft('event-split', 'what was one line is now two', {
      old: best.old,
      now: best.first,
      oldTokens: best.old.example.keys.map((_, i) => i).slice(best.first.example.keys.length),
      pairs: pairing.split.map(({ old, first }) => ({ old, now: first })),
      lines: pairing.split.reduce((sum, { old }) => sum + old.count, 0),
    }),
  ]
}

const isSpanEvent = (shape: Shape): boolean =>
  /(: |"message":")(new|enter|exit|close)("|$| time\.busy=)/.test(shape.id) || shape.id.includes('time.busy')

function spanEvents(code: Draft['code'], shapes: readonly Shape[], title: string): Draft | null {
  const spans = shapes.filter(isSpanEvent).sort((a, b) => b.count - a.count)
  const lines = spans.reduce((sum, shape) => sum + shape.count, 0)
  const best = spans[0]
  if (best === undefined || lines < 3) return null
  const was = code === 'span-events-gone'
  return makeDraft(code, title, {
    old: was ? best : null,
    now: was ? null : best,
    lines,
    pairs: spans.map((shape) => ({ old: was ? shape : null, now: was ? null : shape })),
  })
}

/** Few are named one by one, many once. */
function many(code: 'line-gone' | 'line-new', shapes: readonly Shape[], one: string, more: string): Draft[] {
  const was = code === 'line-gone'
  const sorted = [...shapes].sort((a, b) => b.count - a.count)
  const pairs = sorted.map((shape) => ({ old: was ? shape : null, now: was ? null : shape }))
  const drafts = (of: typeof pairs, title: string): Draft =>
    makeDraft(code, title, {
      old: of[0]?.old ?? null,
      now: of[0]?.now ?? null,
      pairs: of,
      lines: of.reduce((sum, { old, now }) => sum + ((old ?? now)?.count ?? 0), 0),
    })
  if (sorted.length > 4) return [drafts(pairs, `${sorted.length} ${more}; the most frequent is shown`)]
  return pairs.map((pair) => drafts([pair], one))
}

/** A finding for each level or module that is switched off. Takes its kinds of lines out of `pairing`. */
export function sourceFindings(sources: readonly Source[], pairing: Pairing): Draft[] {
  const drafts: Draft[] = []
  for (const source of sources) {
    const of = pairing.gone
      .filter((shape) => !isSpanEvent(shape) && source.has(shape))
      .sort((a, b) => b.count - a.count)
    if (of.length === 0) continue
    pairing.gone = pairing.gone.filter((shape) => !of.includes(shape))
    const level = source.kind === 'level'
    const title = level
      ? `lines of level \`${source.name}\` are no longer logged`
      : `lines of \`${source.name}\` are gone`
    drafts.push(
      makeDraft(level ? 'level-gone' : 'line-gone', title, {
        old: of[0] ?? null,
        pairs: of.map((old) => ({ old, now: null })),
        lines: of.reduce((sum, { count }) => sum + count, 0),
      }),
    )
  }
  return drafts
}
