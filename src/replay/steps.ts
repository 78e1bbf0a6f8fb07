import { FusetraceError, pointAtCaller } from '../errors.js'
import { printable } from '../line/text.js'
import type { MarkRow, Row } from '../recording/row.js'
import type { MarkAt, Marks } from './marks.js'

export const isMark = (row: Row, edge: MarkRow['edge']): row is MarkRow => row.kind === 'mark' && row.edge === edge

/** The next named moment of this name, unless a step begins or ends before it. */
export function nextMoment(marks: Marks, name: string | undefined): MarkAt | null {
  if (name === undefined) return null
  return marks.find(
    (row) => row.edge === 'moment' && row.name === name,
    (row) => row.edge !== 'moment',
  )
}

/** The begin of a step, which must be the next to begin, or lie within those that begin before it. */
export function nextBegin(marks: Marks, name: string, remark?: string): MarkAt {
  const begun = new Set<string>()
  const begin = marks.find(
    (row) => {
      if (row.edge !== 'begin') return false
      if (row.name !== name) begun.add(row.name)
      return row.name === name
    },
    (row) => row.edge === 'end' && begun.has(row.name),
  )
  if (begin) return begin
  throw noStep(marks, name, remark)
}

export function noStep(marks: Marks, name: string, remark?: string): FusetraceError {
  const next = marks.find((row) => row.edge === 'begin')
  const here = next ? `step '${printable(next.row.name)}' here` : 'no further step'
  const difference = `the test begins step '${printable(name)}', its recording has ${here}`
  const message = remark === undefined ? difference : `${difference}\n${remark}`
  const hint = remark ?? 'record it again, or use mark() for a moment that is not recorded'
  return pointAtCaller(new FusetraceError('FT_REPLAY_MISMATCH', message, { hint }))
}

/** Whether a mark is the end of the step that has just begun, past steps of the same name within it. */
export function endOf(name: string): (row: MarkRow) => boolean {
  let depth = 1
  return (row) => {
    if (row.name !== name) return false
    if (row.edge === 'begin') depth++
    else if (row.edge === 'end') depth--
    return depth === 0
  }
}
