import type { Recording } from './recording.js'

/** Events come as negative numbers: `-1 - place`; operations as their places. */
export type RowNumber = number

export const eventOf = (row: RowNumber): number => -1 - row
export const rowOfEvent = (place: number): RowNumber => -1 - place

/** All rows of a recording in order of time; at one time events come first. */
export function allRows(recording: Recording): Int32Array {
  const { events } = recording.data
  const rows = new Int32Array(recording.count + events.length)
  let next = 0
  let event = 0
  for (let i = 0; i < recording.count; i++) {
    const start = recording.start[i] ?? 0
    while (event < events.length && (events[event]?.at ?? 0) <= start) rows[next++] = rowOfEvent(event++)
    rows[next++] = i
  }
  while (event < events.length) rows[next++] = rowOfEvent(event++)
  return rows
}
