import { type Row, timeOf } from '../recording/row.js'
import type { Move } from './moves.js'

/** The rows as they would have been recorded, had some things come at other moments. What moves has the time of where it stands. */
export function variantOf(rows: readonly Row[], moves: readonly Move[]): Row[] {
  if (moves.length === 0) return [...rows]
  const place = rows.map((_, at) => at)
  for (const [nth, { rows: moved, behind }] of moves.entries())
    for (let at = moved[0]; at < moved[1]; at++)
      place[at] = behind + 0.5 + nth / (4 * moves.length) + (at - moved[0]) / (8 * moves.length * rows.length)
  const order = rows.map((_, at) => at).sort((a, b) => (place[a] as number) - (place[b] as number) || a - b)
  let atNs = 0
  return order.map((at) => {
    const row = rows[at] as Row
    const shifted = place[at] === at ? row : { ...row, atNs }
    atNs = timeOf(shifted) ?? atNs
    return shifted as Row
  })
}
