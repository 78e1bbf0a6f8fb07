import type { Recording } from './recording.js'

export type LaneBy = 'process' | 'opcode' | 'step'

/** Rows of the timeline: each operation is in one of them. */
export interface Lanes {
  readonly names: readonly string[]
  /** The lane of each operation; -1 of fusetrace's own. */
  readonly of: Int16Array
}

/**
 * Sorts operations into lanes; the busiest first, steps in their order.
 *
 * @param most more than this are put together as others
 */
export function lanesBy(recording: Recording, by: LaneBy, most: number): Lanes {
  if (by === 'step') return bySteps(recording, most)
  const keys =
    by === 'process' ? (i: number) => recording.pid(i) : (i: number) => recording.data.operations.opcode[i] ?? -1
  const counts = new Map<number, number>()
  for (let i = 0; i < recording.count; i++) if (!recording.own(i)) counts.set(keys(i), (counts.get(keys(i)) ?? 0) + 1)
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).map(([key]) => key)
  const shown = sorted.length > most ? sorted.slice(0, most - 1) : sorted
  const lanes = new Map(shown.map((key, lane) => [key, lane]))
  const of = Int16Array.from({ length: recording.count }, (_, i) =>
    recording.own(i) ? -1 : (lanes.get(keys(i)) ?? shown.length),
  )
  const nameOf = (key: number): string => {
    if (by === 'opcode') return recording.text(key)
    return key > 0 ? `pid ${key}` : key === 0 ? 'kernel' : 'operations'
  }
  const others = sorted.length - shown.length
  return { names: [...shown.map(nameOf), ...(others > 0 ? [`${others} others`] : [])], of }
}

function bySteps(recording: Recording, most: number): Lanes {
  const top = recording.steps.filter((step) => step.depth === 0)
  const shown = top.slice(0, top.length > most ? most - 1 : most)
  const names = shown.map((step) => step.name)
  const [outside, later] = [names.length, names.length + (top.length > shown.length ? 1 : 0)]
  const rest = later > outside ? ['outside', `${top.length - shown.length} more`] : ['outside']
  let index = -1
  const of = Int16Array.from({ length: recording.count }, (_, i) => {
    if (recording.own(i)) return -1
    const start = recording.start[i] ?? 0
    while ((top[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= start) index++
    const end = top[index]?.end ?? null
    if (index < 0 || (end !== null && end < start)) return outside
    return index < shown.length ? index : later
  })
  return { names: [...names, ...rest], of }
}
