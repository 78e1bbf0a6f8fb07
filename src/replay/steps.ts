import { FusetraceError, pointAtCaller } from '../errors.js'
import { printable } from '../line/text.js'
import type { MarkRow, Row } from '../recording/row.js'
import type { RowFeed } from './row-feed.js'

export const isMark = (row: Row, edge: MarkRow['edge']): row is MarkRow => row.kind === 'mark' && row.edge === edge

/** The next named moment of this name, unless a step begins or ends before it. */
export function nextMoment(feed: RowFeed, name: string | undefined): MarkRow | null {
  if (name === undefined) return null
  return feed.find(
    (row): row is MarkRow => isMark(row, 'moment') && row.name === name,
    (row) => row.kind === 'mark' && row.edge !== 'moment',
  )
}

/** The begin of a step, which must be the next to begin, or lie within those that begin before it. */
export function nextBegin(feed: RowFeed, name: string, remark?: string): MarkRow {
  const begun = new Set<string>()
  const begin = feed.find(
    (row): row is MarkRow => {
      if (!isMark(row, 'begin')) return false
      if (row.name !== name) begun.add(row.name)
      return row.name === name
    },
    (row) => isMark(row, 'end') && begun.has(row.name),
  )
  if (begin) return begin
  throw noStep(feed, name, remark)
}

export function noStep(feed: RowFeed, name: string, remark?: string): FusetraceError {
  const next = feed.find((row): row is MarkRow => isMark(row, 'begin'))
  const here = next ? `step '${printable(next.name)}' here` : 'no further step'
  const difference = `the test begins step '${printable(name)}', its recording has ${here}`
  const message = remark === undefined ? difference : `${difference}\n${remark}`
  const hint = remark ?? 'record it again, or use mark() for a moment that is not recorded'
  return pointAtCaller(new FusetraceError('FT_REPLAY_MISMATCH', message, { hint }))
}

/** The end of the step that has just begun, past steps of the same name within it. */
export function endOf(name: string): (row: Row) => row is MarkRow {
  let depth = 1
  return (row): row is MarkRow => {
    if (row.kind !== 'mark' || row.name !== name) return false
    if (row.edge === 'begin') depth++
    else if (row.edge === 'end') depth--
    return depth === 0
  }
}
