import type { Dialect } from '../dialect/core/dialect.js'
import { errnoNumber } from '../dialect/core/errno.js'
import { FusetraceError } from '../errors.js'
import type { Raw } from '../line/line.js'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { type Row, timeOf } from '../recording/row.js'
import { type Owned, type Reading, readRows } from './reading.js'
import { shifted } from './steps.js'

/** What is to be done with an operation. */
export type Change =
  | { readonly what: 'drop' }
  | { readonly what: 'delay'; readonly byNs: number }
  | { readonly what: 'fail'; readonly errno: string }

const NAMES = { drop: 'dropped', delay: 'delayed', fail: 'made to fail' } as const

/** An operation in words. */
export const described = ({ opcode, path }: Operation): string => `${opcode} ${printable(path ?? '?')}`

/**
 * The rows with operations changed, read again to prove it.
 *
 * @throws FT_INPUT when the log cannot show it, FT_DIALECT when its lines cannot be written
 */
export function change(
  rows: readonly Row[],
  reading: Reading,
  operations: readonly Operation[],
  asked: Change,
  dialect: Dialect | null,
): { rows: readonly Row[]; reading: Reading } {
  const meant = new Set(operations.map(({ id }) => id))
  const targets = operations.map((operation): Target => {
    const owned = reading.owned.get(operation.id) ?? []
    const isShared = ({ row }: Owned): boolean => [...(reading.owners.get(row) ?? [])].some((id) => !meant.has(id))
    if (owned.some(isShared)) throw refused(operation, asked.what, 'its lines tell of another operation too')
    return { operation, owned }
  })
  const changed =
    asked.what === 'drop'
      ? dropped(rows, targets)
      : asked.what === 'delay'
        ? delayed(rows, targets, asked.byNs)
        : failed(rows, targets, asked.errno, dialect)
  const again = readRows(changed, dialect)
  prove(operations, reading, again, asked)
  return { rows: changed, reading: again }
}

/** An operation that is meant, and the rows that show it. */
interface Target {
  readonly operation: Operation
  readonly owned: readonly Owned[]
}

const refused = (operation: Operation, what: Change['what'], why: string): FusetraceError =>
  new FusetraceError('FT_INPUT', `${described(operation)} cannot be ${NAMES[what]}: ${why}`, {
    hint: what === 'drop' ? 'leave it in' : 'drop it instead, or write the run down with trace()',
  })

/** Whether a row is one of the kernel's own events of these requests, beside a log. */
function kernels(targets: readonly Target[]): (row: Row) => boolean {
  const uniques = new Set(targets.map(({ operation }) => operation.unique))
  return (row) => row.kind === 'kernel' && row.edge !== 'forget' && row.edge !== 'entry' && uniques.has(row.unique)
}

function dropped(rows: readonly Row[], targets: readonly Target[]): Row[] {
  const gone = new Set(targets.flatMap(({ owned }) => owned.map(({ row }) => row)))
  const isKernels = kernels(targets)
  return rows.filter((row, i) => !gone.has(i) && !isKernels(row))
}

/** The rows that show how it ended. */
function endOf({ operation, owned }: Target, what: Change['what']): readonly Owned[] {
  const replies = owned.filter(({ role }) => role === 'reply')
  if (replies.length > 0) return replies
  const last = owned.at(-1)
  if (operation.endedBy === 'last-event' && last?.role === 'detail') return [last]
  const why = operation.status === 'unfinished' ? 'it was never answered' : 'the log does not show its end'
  throw refused(operation, what, why)
}

function delayed(rows: readonly Row[], targets: readonly Target[], byNs: number): Row[] {
  const ends = new Set(targets.flatMap((target) => endOf(target, 'delay').map(({ row }) => row)))
  const isKernels = kernels(targets)
  for (const [i, row] of rows.entries()) if (row.kind === 'kernel' && row.edge === 'end' && isKernels(row)) ends.add(i)
  const exitNs = Math.min(...rows.flatMap((row) => (row.kind === 'exit' ? [row.atNs] : [])))
  const late = targets.find(({ operation }) => (operation.endNs ?? 0) + byNs > exitNs)
  if (late) throw refused(late.operation, 'delay', 'the daemon has ended by then')
  const moved = rows.filter((_, i) => ends.has(i)).map((row) => shifted(row, byNs))
  moved.sort((a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0))
  const ordered: Row[] = []
  let next = 0
  for (const [i, row] of rows.entries()) {
    if (ends.has(i)) continue
    const atNs = timeOf(row) ?? Number.NEGATIVE_INFINITY
    for (let one = moved[next]; one !== undefined && (timeOf(one) ?? 0) < atNs; one = moved[++next]) ordered.push(one)
    ordered.push(row)
  }
  return [...ordered, ...moved.slice(next)]
}

const REPLY_HEADER_BYTES = 16

function failed(rows: readonly Row[], targets: readonly Target[], errno: string, dialect: Dialect | null): Row[] {
  const number = -(errnoNumber(errno) ?? 5)
  const ends = new Set(targets.flatMap((target) => endOf(target, 'fail').map(({ row }) => row)))
  const isKernels = kernels(targets)
  const failedKernel = (row: Row): Row =>
    row.kind === 'kernel' && row.edge === 'end' && isKernels(row)
      ? { ...row, error: number, ...(row.details && { details: { ...row.details, body: '' } }) }
      : row
  if (dialect?.name === 'kernel') return rows.map(failedKernel)
  if (dialect === null) {
    return rows.map((row, i) => (ends.has(i) && row.kind === 'reply' ? failedReply(row, number) : row))
  }
  const byRow = new Map(targets.flatMap((target) => writtenAnew(rows, target, errno, dialect)))
  return rows.flatMap((row, i) => {
    const raw = byRow.get(i)
    if (raw === undefined || row.kind !== 'line') return [failedKernel(row)]
    return raw === null ? [] : [{ ...row, raw }]
  })
}

/** The lines of an operation as they would be had it failed, by their rows. */
function writtenAnew(
  rows: readonly Row[],
  { operation, owned }: Target,
  errno: string,
  dialect: Dialect,
): (readonly [row: number, raw: Raw | null])[] {
  if (dialect.failed === undefined) {
    throw new FusetraceError('FT_DIALECT', `an error cannot be written in the dialect ${dialect.name}`, {
      hint: 'an operation of its log can be dropped or delayed, not made to fail',
    })
  }
  const lines = owned.map(({ row }) => rows[row] as Row).flatMap((row) => (row.kind === 'line' ? [row.raw] : []))
  const written = dialect.failed(lines, errno)
  if (written === null) throw refused(operation, 'fail', 'its lines have a form that cannot be written')
  return owned.map(({ row }, i) => [row, written[i] ?? null] as const)
}

/** An answer of the protocol that is an error and nothing else. */
function failedReply(row: Extract<Row, { kind: 'reply' }>, error: number): Row {
  const bytes = Buffer.from(row.bytes.subarray(0, REPLY_HEADER_BYTES))
  bytes.writeUInt32LE(REPLY_HEADER_BYTES, 0)
  bytes.writeInt32LE(error, 4)
  return { ...row, bytes, dataBytes: 0, dataHash: null }
}

/** Whether what is read now is what was asked for. */
function prove(operations: readonly Operation[], old: Reading, now: Reading, asked: Change): void {
  const { what } = asked
  const count = old.operations.length - (what === 'drop' ? operations.length : 0)
  if (now.operations.length !== count) {
    const [first] = operations
    if (first) throw refused(first, what, `${now.operations.length} operations would be read then, not ${count}`)
  }
  if (what === 'drop') return
  for (const operation of operations) {
    const found = now.operations[operation.id]
    if (found?.opcode !== operation.opcode || found.unique !== operation.unique) {
      throw refused(operation, what, 'it would be read as another one')
    }
    if (what === 'fail' && (found.status !== 'error' || found.errno !== asked.errno)) {
      throw refused(operation, what, `it would be read as ${found.errno ?? found.status}`)
    }
    if (what === 'delay' && found.endNs !== (operation.endNs ?? 0) + asked.byNs) {
      throw refused(operation, what, 'its end would be read as another')
    }
  }
}
