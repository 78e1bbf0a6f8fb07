import { quantile } from '../../quantile.js'
import { el, fill } from './dom.js'
import type { Recording } from './recording.js'
import { readTheme } from './theme.js'
import { counted, duration } from './times.js'

interface Row {
  readonly opcode: string
  readonly count: number
  readonly errors: number
  /** Sorted, ns. */
  readonly times: readonly number[]
}

/** Times of the operations that pass, by opcode, the most frequent first. */
function latencies(recording: Recording, passes: (i: number) => boolean): Row[] {
  const rows = new Map<number, { count: number; errors: number; times: number[] }>()
  for (let i = 0; i < recording.count; i++) {
    if (!passes(i)) continue
    const key = recording.data.operations.opcode[i] ?? -1
    let row = rows.get(key)
    if (row === undefined) {
      row = { count: 0, errors: 0, times: [] }
      rows.set(key, row)
    }
    row.count++
    if (recording.failed(i)) row.errors++
    const took = recording.measured(i)
    if (took !== null) row.times.push(took)
  }
  return [...rows]
    .map(([key, row]) => ({ opcode: recording.text(key), ...row, times: row.times.sort((a, b) => a - b) }))
    .sort((a, b) => b.count - a.count)
}

const BUCKETS = 56
const [LOW, HIGH] = [1e3, 1e10]

/** Fills the table of latencies; of two recordings each opcode has a row of either. */
export function showLatencies(
  element: HTMLElement,
  recordings: readonly { readonly recording: Recording; readonly passes: (i: number) => boolean }[],
  onOpcode: (opcode: string) => void,
): void {
  const all = recordings.map(({ recording, passes }) => latencies(recording, passes))
  const opcodes = [...new Set(all.flatMap((rows) => rows.map(({ opcode }) => opcode)))]
  const both = recordings.length > 1
  const head = ['opcode', ...(both ? ['recording'] : []), 'count', 'failed', 'min', 'median', 'p99', 'max']
  const rows = opcodes.flatMap((opcode) =>
    all.map((of, i) => {
      const row = of.find((one) => one.opcode === opcode) ?? { opcode, count: 0, errors: 0, times: [] }
      return tableRow(row, i === 0, both ? (i === 0 ? 'first' : 'second') : null, onOpcode)
    }),
  )
  const scale = el(
    'th',
    { scope: 'col', class: 'spread' },
    el('span', {}, '1 µs'),
    el('span', {}, '1 ms'),
    el('span', {}, '1 s'),
  )
  const names = head.map((name, i) => el('th', { scope: 'col', class: i > (both ? 1 : 0) ? 'number' : null }, name))
  fill(
    element,
    opcodes.length === 0
      ? el('p', { class: 'empty' }, 'No operation passes the filter.')
      : el(
          'table',
          {},
          el('caption', {}, CAPTION),
          el('thead', {}, el('tr', {}, ...names, scale)),
          el('tbody', {}, ...rows),
        ),
  )
}

const CAPTION =
  'How long operations took, by opcode, of those whose end is known; the spread from 1 µs to 10 s, each decade as wide.'

function tableRow(row: Row, first: boolean, which: string | null, onOpcode: (opcode: string) => void): HTMLElement {
  const at = (share: number): string => {
    const value = quantile(row.times, share)
    return value === null ? '–' : duration(value)
  }
  const number = (text: string, name = ''): HTMLElement => el('td', { class: `number ${name}` }, text)
  const name = el('button', { type: 'button', class: 'link', onclick: () => onOpcode(row.opcode) }, row.opcode)
  return el(
    'tr',
    { class: first ? 'begin' : null },
    el('th', { scope: 'row' }, first ? name : row.opcode),
    which === null ? null : el('td', {}, which),
    number(counted(row.count)),
    number(row.errors === 0 ? '' : counted(row.errors), 'bad'),
    ...[0, 0.5, 0.99, 1].map((share) => number(at(share))),
    el('td', { class: 'spread' }, histogram(row.times)),
  )
}

function histogram(times: readonly number[]): HTMLCanvasElement {
  const canvas = el('canvas', { width: BUCKETS * 4, height: 32, 'aria-hidden': 'true' })
  const counts = new Array<number>(BUCKETS).fill(0)
  for (const time of times) {
    const share = Math.log(time / LOW) / Math.log(HIGH / LOW)
    const bucket = Math.max(0, Math.min(BUCKETS - 1, Math.floor(share * BUCKETS)))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  const most = Math.max(1, ...counts)
  const context = canvas.getContext('2d')
  if (context === null) return canvas
  context.fillStyle = readTheme().operation
  for (const [bucket, count] of counts.entries()) {
    if (count === 0) continue
    const height = Math.max(3, Math.sqrt(count / most) * 30)
    context.fillRect(bucket * 4, 32 - height, 3, height)
  }
  return canvas
}
