import type { Dialect } from '../dialect/core/dialect.js'
import { isEntry } from '../dialect/core/effects.js'
import type { Operation } from '../operation/operation.js'
import { isOwn } from '../operation/own.js'
import { type Row, timeOf } from '../recording/row.js'
import { type Reading, readRows } from './reading.js'
import { pairedMarks, type Range, shifted } from './steps.js'

/** How much of what came before is kept, so that the rest is read as it was. */
export type Before = 'nothing' | 'names' | 'all'

/** A part of a recording. */
export interface Cut {
  readonly rows: readonly Row[]
  /** What of the time before is in it. */
  readonly before: Before
  /** Operations of the time before that are in it, at its beginning. */
  readonly beforeCount: number
}

/**
 * The rows of a range, from time 0 on. Operations belong to it where they began in it, and are kept whole. Where their paths come
 * from requests of before, those are kept too, at time 0: as few as do.
 */
export function cutRows(rows: readonly Row[], reading: Reading, range: Range, dialect: Dialect | null): Cut {
  const inside = new Set(reading.operations.filter((one) => isInside(one, range)).map(({ id }) => id))
  const wanted = reading.operations.filter(({ id }) => inside.has(id))
  for (const before of ['nothing', 'names', 'all'] as const) {
    const cut = take(rows, reading, range, inside, before)
    const read = readRows(cut.rows, dialect)
    const got = read.operations.slice(cut.beforeCount)
    const last = before === 'all'
    if (last || (got.length === wanted.length && got.every((one, i) => isSame(one, wanted[i] as Operation)))) return cut
  }
  throw new Error('a cut with all that was before is always taken')
}

/** Steps have the operations that began between their marks, as `show --steps` counts them. */
const isInside = ({ startNs }: Operation, { fromNs, toNs }: Range): boolean => startNs >= fromNs && startNs <= toNs

/** Whether an operation is read as it was, but for its id, times and lines. */
function isSame(one: Operation, other: Operation): boolean {
  return COMPARED.every((key) => String(one[key] ?? '') === String(other[key] ?? ''))
}

const COMPARED = ['opcode', 'unique', 'path', 'newPath', 'name', 'target', 'status', 'errno', 'endedBy', 'pid'] as const

/** Requests that say what nodes are called. */
const isNaming = (operation: Operation): boolean =>
  operation.status !== 'error' &&
  !operation.negative &&
  !isOwn(operation) &&
  (isEntry(operation.opcode) || ['forget', 'batch_forget', 'readdirplus'].includes(operation.opcode))

function take(
  rows: readonly Row[],
  reading: Reading,
  { first, last, fromNs, toNs }: Range,
  inside: ReadonlySet<number>,
  before: Before,
): Cut {
  const { owners, operations } = reading
  const earlier = operations.filter(({ startNs }) => startNs < fromNs)
  const keptBefore = earlier.filter((one) => before === 'all' || (before === 'names' && isNaming(one)))
  const owning = new Set([...inside, ...keptBefore.map(({ id }) => id)])
  const kept = rows.filter((row, i) => {
    // Waits name operations by ids that are others then.
    if (row.kind === 'operation' || row.kind === 'wait') return false
    const telling = owners.get(i)
    if (telling) return [...telling].some((id) => owning.has(id))
    if (!EVIDENCE.has(row.kind)) return (i >= first && i <= last) || (row.kind === 'mount' && i < first)
    const atNs = timeOf(row) ?? 0
    return atNs <= toNs && (atNs >= fromNs || before === 'all')
  })
  const moved = inTime(kept).map((row) => shifted(row, -fromNs))
  return { rows: pairedMarks(moved, toNs - fromNs), before, beforeCount: keptBefore.length }
}

/**
 * What happened beside the log, among its lines where it happened: a recorder writes a mark when it is set, which may be before it has
 * read lines that are older. Lines stay in their order.
 */
function inTime(rows: readonly Row[]): Row[] {
  const beside = rows.filter(({ kind }) => !EVIDENCE.has(kind))
  const ordered: Row[] = []
  let next = 0
  let lastNs = 0
  for (const row of rows) {
    if (!EVIDENCE.has(row.kind)) continue
    lastNs = Math.max(lastNs, timeOf(row) ?? 0)
    for (let one = beside[next]; one !== undefined; one = beside[++next]) {
      const atNs = timeOf(one) ?? 0
      const isEnd = one.kind === 'exit' || (one.kind === 'mark' && one.edge === 'end')
      if (atNs > lastNs || (isEnd && atNs === lastNs)) break
      ordered.push(one)
    }
    ordered.push(row)
  }
  return [...ordered, ...beside.slice(next)]
}

const EVIDENCE: ReadonlySet<string> = new Set(['line', 'kernel', 'request', 'reply', 'loss'])
