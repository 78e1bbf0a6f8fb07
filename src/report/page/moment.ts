import { type Filter, NO_FILTER } from './filter.js'

export type Tab = 'events' | 'latency' | 'log' | 'about'
export const TABS: readonly Tab[] = ['events', 'latency', 'log', 'about']

/** What is chosen: an operation by its id, another event by its place, a pair, a line (from 1, as people count). */
export interface Chosen {
  readonly kind: 'op' | 'event' | 'pair' | 'line'
  readonly number: number
}

/** What the page shows just now: what its address says. */
export interface Moment {
  tab: Tab
  recording: number
  chosen: Chosen | null
  /** A time, where nothing is chosen: s since the origin. */
  at: number | null
  filter: Filter
  onlyDifferences: boolean
}

const KINDS = ['op', 'event', 'pair', 'line'] as const
const TEXTS = ['q', 'opcode', 'path', 'errno', 'pid'] as const

/** Reads an address: whatever is not understood is left out. */
export function readMoment(hash: string): Moment {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const number = (name: string): number | null => {
    const text = given.get(name)
    return text !== null && /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : null
  }
  const filter: Filter = { ...NO_FILTER, own: given.has('own') }
  for (const name of TEXTS) filter[name] = given.get(name) ?? ''
  const kind = KINDS.find((name) => number(name) !== null)
  return {
    tab: TABS.find((tab) => tab === given.get('tab')) ?? 'events',
    recording: number('r') ?? 0,
    chosen: kind === undefined ? null : { kind, number: number(kind) ?? 0 },
    at: number('at'),
    filter,
    onlyDifferences: given.has('differences'),
  }
}

/** The address of a moment, after the `#`. */
export function writeMoment({ tab, recording, chosen, filter, onlyDifferences }: Moment): string {
  const out = new URLSearchParams()
  if (tab !== 'events') out.set('tab', tab)
  if (recording > 0) out.set('r', String(recording))
  if (chosen !== null) out.set(chosen.kind, String(chosen.number))
  for (const name of TEXTS) if (filter[name] !== '') out.set(name, filter[name])
  if (filter.own) out.set('own', '')
  if (onlyDifferences) out.set('differences', '')
  return out.toString().replace(/=(?=&|$)/g, '')
}
