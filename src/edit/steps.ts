import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import { type MarkRow, type Row, timeOf } from '../recording/row.js'

/** The rows from one mark to another, both included. */
export interface Range {
  readonly first: number
  readonly last: number
  readonly fromNs: number
  readonly toNs: number
}

interface Step {
  readonly name: string
  readonly first: number
  last: number | null
}

/**
 * The rows from the begin of a step to the end of one.
 *
 * @throws FT_USAGE when there is no such step, or the one to end with ends before the other begins
 */
export function rangeOf(rows: readonly Row[], from: string | undefined, to: string | undefined): Range {
  const steps = stepsOf(rows)
  const first = from === undefined ? 0 : find(steps, from, '--from').first
  const target =
    to === undefined
      ? null
      : find(
          steps.filter(({ last }) => (last ?? rows.length) >= first),
          to,
          '--to',
          steps,
        )
  const last = target?.last ?? rows.length - 1
  const at = (i: number): number => timeOf(rows[i] as Row) ?? 0
  const toNs = target?.last == null ? rows.reduce((latest, row) => Math.max(latest, timeOf(row) ?? 0), 0) : at(last)
  return { first, last, fromNs: from === undefined ? 0 : at(first), toNs }
}

function stepsOf(rows: readonly Row[]): Step[] {
  const steps: Step[] = []
  const open: Step[] = []
  for (const [i, row] of rows.entries()) {
    if (row.kind !== 'mark' || row.edge === 'moment') continue
    if (row.edge === 'begin') {
      const step: Step = { name: row.name, first: i, last: null }
      steps.push(step)
      open.push(step)
    } else {
      const at = open.findLastIndex(({ name }) => name === row.name)
      const [ended] = at < 0 ? [] : open.splice(at, 1)
      if (ended) ended.last = i
    }
  }
  return steps
}

function find(steps: readonly Step[], name: string, option: string, all: readonly Step[] = steps): Step {
  const found = steps.find((step) => step.name === name)
  if (found) return found
  if (all.some((step) => step.name === name)) {
    throw new FusetraceError('FT_USAGE', `step ${printable(name)} ends before --from begins`, {
      hint: 'fusetrace show FILE --steps shows their order',
    })
  }
  const names = [...new Set(all.map((step) => printable(step.name)))].slice(0, 8)
  throw new FusetraceError('FT_USAGE', `${option} ${printable(name)} is no step of this recording`, {
    hint: names.length === 0 ? 'it has no steps' : `its steps: ${names.join(', ')}`,
  })
}

/** The row at another time; never before 0. */
export function shifted<R extends Row>(row: R, byNs: number): R {
  const at = (ns: number): number => Math.max(0, ns + byNs)
  if (row.kind === 'operation') return row
  if (row.kind === 'call' || row.kind === 'wait') return { ...row, beginNs: at(row.beginNs), endNs: at(row.endNs) }
  return { ...row, atNs: at(row.atNs) }
}

/** Marks in pairs: ends without a begin go, and what has not ended ends at the end. */
export function pairedMarks(rows: readonly Row[], endNs: number): Row[] {
  const open: MarkRow[] = []
  const kept = rows.filter((row) => {
    if (row.kind !== 'mark' || row.edge === 'moment') return true
    if (row.edge === 'begin') return open.push(row) > 0
    const at = open.findLastIndex(({ name }) => name === row.name)
    return at >= 0 && open.splice(at, 1).length > 0
  })
  const ends = open.reverse().map((mark): Row => ({ ...mark, edge: 'end', atNs: endNs }))
  return [...kept, ...ends]
}
