import { timeName } from '../../template/head.js'
import { formatChange, formatName } from '../../template/number-format.js'
import type { Shape } from '../../template/shape.js'
import { KIND } from '../../template/tokens.js'
import { type Draft, makeDraft } from '../findings/draft.js'
import type { Profile } from '../profile/profile.js'
import type { Pairing } from './pair.js'

const share = (part: number, all: number): number => (all === 0 ? 0 : part / all)

/** What is so of most lines, and is compared once. */
export function wholeLog(before: Profile, after: Profile): Draft[] {
  const drafts: Draft[] = []
  const examples = { old: mostFrequent(before.shapes), now: mostFrequent(after.shapes) }
  const add = (code: Draft['code'], title: string, more: Partial<Draft> = {}): void => {
    drafts.push(makeDraft(code, title, { ...examples, lines: after.lines, ...more }))
  }
  for (const [profile, which] of [
    [before, 'old'],
    [after, 'new'],
  ] as const) {
    for (const what of new Set(profile.damage))
      drafts.push(makeDraft('recording-damaged', `of the ${which} log a part is missing: ${what}`, { damage: true }))
  }
  if (before.contract.operations > 0 && after.contract.operations === 0) {
    const title =
      after.lines === 0
        ? 'the new log is empty'
        : `no operation is seen in the log any more; ${before.contract.operations} were seen before`
    const requests = before.shapes.filter((shape) => shape.reports('request') > 0)
    add('understood-less', title, { takesRest: true, old: mostFrequent(requests), now: null, lines: before.lines })
  }
  if (after.lines === 0) return drafts
  const json = [share(before.json, before.sampled) > 0.5, share(after.json, after.sampled) > 0.5]
  if (json[0] !== json[1]) {
    const title = json[1] ? 'the lines are JSON now; they were text' : 'the lines are text now; they were JSON'
    add('encoding-changed', title, { takesRest: true })
  } else if (before.dialect !== after.dialect && before.dialect !== 'none') {
    const title =
      after.dialect === 'none'
        ? `nothing in the log is understood any more; it was read as \`${before.dialect}\``
        : `the log is now of another form: it is read as \`${after.dialect}\`, before as \`${before.dialect}\``
    add('dialect-changed', title, { takesRest: true })
  }
  const colour = [share(before.coloured, before.sampled), share(after.coloured, after.sampled)] as const
  if (colour[0] > 0.5 !== colour[1] > 0.5) {
    const title =
      colour[1] > 0.5 ? 'the lines are coloured now (terminal escape sequences)' : 'the lines are no longer coloured'
    add('colour-changed', title, { takesUnexplained: true, lines: colour[1] > 0.5 ? after.coloured : before.coloured })
  }
  for (const [key, what] of [
    ['space', 'spaces'],
    ['return', 'a carriage return'],
  ] as const) {
    const [had, has] = [share(before.trailing[key], before.sampled), share(after.trailing[key], after.sampled)]
    if (had > 0.5 === has > 0.5 || Math.abs(had - has) < 0.3) continue
    const title = has > had ? `the lines end in ${what} now` : `the lines no longer end in ${what}`
    add('whitespace-changed', title, { takesUnexplained: true })
  }
  return drafts
}

/**
 * Another time stamp in lines of kinds that both logs have: of others, nobody knows how they would have been stamped before.
 * Where the log is of another form altogether, all lines are held to all.
 */
export function timestampsChanged(pairing: Pairing | null, before: Profile, after: Profile): Draft[] {
  const pairs = pairing ? [...pairing.common, ...pairing.changed] : []
  const olds = pairing ? pairs.map((pair) => pair.old) : before.shapes
  const nows = pairing ? pairs.map((pair) => pair.now) : after.shapes
  const [old, now] = [usual(olds), usual(nows)]
  if (old === null || now === null || old === now) return []
  const title = `the time stamps changed: \`${timeName(old)}\` before, \`${timeName(now)}\` now`
  const lines = nows.reduce((sum, { times }) => sum + (times.get(now) ?? 0), 0)
  const examples = { old: mostFrequent(olds), now: mostFrequent(nows) }
  return [makeDraft('timestamp-changed', title, { ...examples, lines, takesUnexplained: true })]
}

/** The time stamp that at least a quarter of the lines have. */
function usual(shapes: readonly Shape[]): string | null {
  const counts = new Map<string, number>()
  for (const { times } of shapes) for (const [key, count] of times) counts.set(key, (counts.get(key) ?? 0) + count)
  const lines = shapes.reduce((sum, { count }) => sum + count, 0)
  let best: string | null = null
  let most = 0
  for (const [key, count] of counts) {
    if (count > most && key !== '') {
      best = key
      most = count
    }
  }
  if (share(most, lines) >= 0.25) return best
  return share(counts.get('') ?? 0, lines) > 0.9 ? '' : null
}

/** An example that shows the usual line: of the kind seen most. */
function mostFrequent(shapes: readonly Shape[]): Shape | null {
  let best: Shape | null = null
  for (const shape of shapes) if (best === null || shape.count > best.count) best = shape
  return best
}

/** Stream, level and the writing of values, of kinds that both logs have. */
export function attributesChanged(pairing: Pairing, before: Profile, after: Profile): Draft[] {
  const groups = new Map<string, Draft>()
  const put = (key: string, make: () => Draft, pair: { old: Shape; now: Shape }): void => {
    const draft = groups.get(key) ?? make()
    groups.set(key, draft)
    draft.lines += pair.old.count
    draft.pairs.push(pair)
  }
  for (const pair of [...pairing.common, ...pairing.changed]) {
    const { old, now } = pair
    if (before.streamsKnown && after.streamsKnown) {
      const [from, to] = [nearlyAll(Object.entries(old.streams), old), nearlyAll(Object.entries(now.streams), now)]
      if (from && to && from !== to) {
        const title = `lines that went to ${streamName(from)} now go to ${streamName(to)}`
        put(`stream ${from} ${to}`, () => makeDraft('stream-moved', title, { old, now }), pair)
      }
    }
    const [from, to] = [nearlyAll(old.levels, old), nearlyAll(now.levels, now)]
    const sure = pair.likeness > 0.8 && (from !== '' && to !== '' ? true : old.count > before.lines * 0.02)
    if (from !== null && to !== null && from !== to && sure) {
      const title =
        from === '' || to === ''
          ? `the level (\`${from || to}\`) ${from === '' ? 'came into' : 'is no longer in'} the line`
          : `the level of the message is now \`${to}\`, it was \`${from}\``
      put(
        `level ${from} ${to}`,
        () => makeDraft('level-changed', title, { old, now, takesUnexplained: from === '' || to === '' }),
        pair,
      )
    }
  }
  for (const pair of pairing.common) formats(pair, put)
  return [...groups.values()]
}

type Put = (key: string, make: () => Draft, pair: { old: Shape; now: Shape }) => void

function formats({ old, now }: { old: Shape; now: Shape }, put: Put): void {
  let slot = 0
  for (let i = 0; i < old.example.keys.length; i++) {
    const kind = old.example.kinds[i]
    if (kind !== KIND.slot && kind !== KIND.quoted) continue
    const [was, is] = [old.formats[slot], now.formats[slot]]
    slot++
    const change = was && is ? formatChange(was, is) : null
    if (change === null) continue
    const field = nameBefore(old, i)
    const title = `${field === '' ? 'a value' : `\`${field}\``} is written in another way: ${formatName(change[0])} before, ${formatName(change[1])} now`
    const tokens = [i]
    put(
      `format ${field} ${change}`,
      () =>
        makeDraft('value-format-changed', title, {
          old,
          now,
          oldTokens: tokens,
          newTokens: tokens,
          // A name may look like a number.
          weak: change[1] === 'other' || change[1] === 'quoted',
        }),
      { old, now },
    )
  }
}

/** The word before a value. */
function nameBefore({ example }: Shape, i: number): string {
  for (let k = i - 1; k >= 0 && k >= i - 3; k--) if (example.kinds[k] === KIND.word) return example.keys[k] ?? ''
  return ''
}

function nearlyAll(counts: Iterable<readonly [string, number]>, { count }: Shape): string | null {
  for (const [key, times] of counts) if (times > count * 0.9) return key
  return null
}

const streamName = (stream: string): string => (stream === 'tty' ? 'a terminal (both streams in one)' : stream)
