import { PAIRS, type PageComparison } from '../page-data.js'
import { el, put } from './dom.js'
import { type Filter, operationTest } from './filter.js'
import type { Recording } from './recording.js'
import { tookCell } from './rows.js'
import { seconds } from './times.js'

const MARKS: Readonly<Record<(typeof PAIRS)[number], string>> = {
  same: '',
  outcome: '≠',
  'only-a': '−',
  'only-b': '+',
  moved: '↕',
  chance: '·',
}

export const MARK_WORDS: Readonly<Record<(typeof PAIRS)[number], string>> = {
  same: 'the same',
  outcome: 'another outcome',
  'only-a': 'only in the first',
  'only-b': 'only in the second',
  moved: 'in another order',
  chance: 'chance: caches, or calls at one time',
}

export const kindOf = (comparison: PageComparison, pair: number): (typeof PAIRS)[number] =>
  PAIRS[comparison.kind[pair] ?? 0] ?? 'same'

/** Whether the runs differ here: not by order or chance alone. */
export const isDifference = (comparison: PageComparison, pair: number): boolean =>
  ['outcome', 'only-a', 'only-b'].includes(kindOf(comparison, pair))

/** Pairs of which either side passes. */
export function filteredPairs(
  comparison: PageComparison,
  [a, b]: readonly [Recording, Recording],
  filter: Filter,
  onlyDifferences: boolean,
): Int32Array {
  const tests = [operationTest(a, filter), operationTest(b, filter)] as const
  const passes = (pair: number): boolean => {
    if (onlyDifferences && !isDifference(comparison, pair) && kindOf(comparison, pair) !== 'moved') return false
    const [left, right] = [comparison.a[pair] ?? -1, comparison.b[pair] ?? -1]
    return (left >= 0 && tests[0](left)) || (right >= 0 && tests[1](right))
  }
  return Int32Array.from(comparison.kind.map((_, pair) => pair).filter(passes))
}

/** One pair, side by side; what only one side has stands against an empty place. */
export function renderPair(
  comparison: PageComparison,
  [a, b]: readonly [Recording, Recording],
  row: HTMLElement,
  pair: number,
): void {
  const kind = kindOf(comparison, pair)
  row.classList.add('pair', kind)
  put(
    row,
    side(a, comparison.a[pair] ?? -1, 'left'),
    el('span', { class: 'mark', title: MARK_WORDS[kind], 'aria-label': MARK_WORDS[kind], role: 'img' }, MARKS[kind]),
    side(b, comparison.b[pair] ?? -1, 'right'),
  )
}

function side(recording: Recording, i: number, name: string): HTMLElement {
  if (i < 0) return el('span', { class: `side ${name} none` })
  const kind = recording.outcomeKind(i)
  const subject = recording.subject(i)
  return el(
    'span',
    { class: `side ${name}` },
    el('span', { class: 'time' }, seconds(recording.start[i] ?? 0)),
    tookCell(recording.measured(i)),
    el('span', { class: 'opcode' }, recording.opcode(i)),
    el(
      'span',
      { class: `outcome ${kind === 1 ? 'bad' : kind === 0 || kind === 4 ? 'good' : 'dim'}` },
      recording.outcome(i),
    ),
    el('span', { class: 'subject', title: subject.length > 40 ? subject : null }, subject),
  )
}
