import type { PageComparison } from '../page-data.js'
import { kindOf, MARK_WORDS } from './compare-rows.js'
import { type Actions, operationDetail } from './detail.js'
import { type Child, el } from './dom.js'
import type { Recording } from './recording.js'
import { duration } from './times.js'

/** Both sides of a pair, one below the other. */
export function pairDetail(
  comparison: PageComparison,
  [a, b]: readonly [Recording, Recording],
  pair: number,
  actions: Actions,
): Child[] {
  const kind = kindOf(comparison, pair)
  const sides = [
    { recording: a, i: comparison.a[pair] ?? -1, name: 'first' },
    { recording: b, i: comparison.b[pair] ?? -1, name: 'second' },
  ]
  return [
    el('p', { class: `verdict ${kind}` }, kind === 'same' ? sameText(a, b, sides) : MARK_WORDS[kind]),
    ...sides.map(({ recording, i, name }) =>
      el(
        'div',
        { class: 'one' },
        el('p', { class: 'whose' }, el('span', { class: 'dim' }, `${name}: `), recording.data.name),
        ...(i < 0
          ? [el('p', { class: 'dim' }, 'It has no such operation here.')]
          : operationDetail(recording, i, actions)),
      ),
    ),
  ]
}

function sameText(a: Recording, b: Recording, [left, right]: readonly { i: number }[]): string {
  const [x, y] = [a.measured(left?.i ?? -1), b.measured(right?.i ?? -1)]
  return x === null || y === null ? MARK_WORDS.same : `${MARK_WORDS.same}; ${duration(x)} then ${duration(y)}`
}
