import type { Dialect } from '../dialect/core/dialect.js'
import { errnoNumber } from '../dialect/core/errno.js'
import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import type { Row } from '../recording/row.js'
import { type Owned, type Reading, readRows } from './reading.js'
import { shifted, timeOf } from './steps.js'

/** What is to be done with an operation. */
export type Change =
  | { readonly what: 'drop' }
  | { readonly what: 'delay'; readonly byNs: number }
  | { readonly what: 'fail'; readonly errno: string }

const NAMES = { drop: 'dropped', delay: 'delayed', fail: 'made to fail' } as const

/** An operation in words. */
export const described = ({ opcode, path }: Operation): string => `${opcode} ${printable(path ?? '?')}`

/**
 * The rows with one operation changed, read again to prove it.
 *
 * @throws FT_INPUT when the log cannot show it, FT_DIALECT when its lines cannot be written
 */
export function change(
  rows: readonly Row[],
  reading: Reading,
  operation: Operation,
  { what, ...how }: Change & { errno?: string; byNs?: number },
  dialect: Dialect | null,
): { rows: readonly Row[]; reading: Reading } {
  const owned = reading.owned.get(operation.id) ?? []
  if (owned.some(({ row }) => (reading.owners.get(row)?.size ?? 0) > 1)) {
    throw refused(operation, what, 'its lines tell of another operation too')
  }
  const changed =
    what === 'drop'
      ? dropped(rows, operation, owned)
      : what === 'delay'
        ? delayed(rows, operation, owned, how.byNs ?? 0)
        : failed(rows, operation, owned, how.errno ?? 'EIO', dialect)
  const again = readRows(changed, dialect)
  prove(operation, reading, again, { what, ...how } as Change)
  return { rows: changed, reading: again }
}

const refused = (operation: Operation, what: Change['what'], why: string): FusetraceError =>
  new FusetraceError('FT_INPUT', `${described(operation)} cannot be ${NAMES[what]}: ${why}`, {
    hint: what === 'drop' ? 'leave it in' : 'drop it instead, or write the run down with trace()',
  })

/** The kernel's own events of the same request, beside a log. */
const isKernels = (row: Row, { unique }: Operation): boolean =>
  row.kind === 'kernel' && unique !== null && row.unique === unique && row.edge !== 'forget' && row.edge !== 'entry'

function dropped(rows: readonly Row[], operation: Operation, owned: readonly Owned[]): Row[] {
  const gone = new Set(owned.map(({ row }) => row))
  return rows.filter((row, i) => !gone.has(i) && !isKernels(row, operation))
}

/** The rows that show how it ended. */
function endOf(operation: Operation, owned: readonly Owned[], what: Change['what']): readonly Owned[] {
  const replies = owned.filter(({ role }) => role === 'reply')
  if (replies.length > 0) return replies
  const last = owned.at(-1)
  if (operation.endedBy === 'last-event' && last?.role === 'detail') return [last]
  const why = operation.status === 'unfinished' ? 'it was never answered' : 'the log does not show its end'
  throw refused(operation, what, why)
}

function delayed(rows: readonly Row[], operation: Operation, owned: readonly Owned[], byNs: number): Row[] {
  const ends = new Set(endOf(operation, owned, 'delay').map(({ row }) => row))
  for (const [i, row] of rows.entries()) {
    if (row.kind === 'kernel' && row.edge === 'end' && isKernels(row, operation)) ends.add(i)
  }
  const left: Row[] = rows.filter((_, i) => !ends.has(i))
  for (const i of [...ends].sort((a, b) => a - b)) {
    const row = shifted(rows[i] as Row, byNs)
    const atNs = timeOf(row) ?? 0
    const before = left.findIndex((other) => (timeOf(other) ?? Number.NEGATIVE_INFINITY) > atNs)
    const exit = left.findIndex(({ kind }) => kind === 'exit')
    if (exit >= 0 && (timeOf(left[exit] as Row) ?? 0) < atNs)
      throw refused(operation, 'delay', 'the daemon has ended by then')
    left.splice(before < 0 ? left.length : before, 0, row)
  }
  return left
}

const REPLY_HEADER_BYTES = 16

function failed(
  rows: readonly Row[],
  operation: Operation,
  owned: readonly Owned[],
  errno: string,
  dialect: Dialect | null,
): Row[] {
  const number = -(errnoNumber(errno) ?? 5)
  const ends = new Set(endOf(operation, owned, 'fail').map(({ row }) => row))
  const kernels = (row: Row): Row =>
    row.kind === 'kernel' && row.edge === 'end' && isKernels(row, operation)
      ? { ...row, error: number, ...(row.details && { details: { ...row.details, body: '' } }) }
      : row
  if (dialect?.name === 'kernel') return rows.map(kernels)
  if (dialect === null)
    return rows.map((row, i) => (ends.has(i) && row.kind === 'reply' ? failedReply(row, number) : row))
  const { writer } = dialect
  if (writer?.failed === undefined) {
    throw new FusetraceError('FT_DIALECT', `lines of the dialect ${dialect.name} cannot be written`, {
      hint: 'an operation of its log can be dropped or delayed, not made to fail',
    })
  }
  const lines = owned.map(({ row }) => rows[row] as Row).flatMap((row) => (row.kind === 'line' ? [row.raw] : []))
  const written = writer.failed(lines, errno)
  if (written === null) throw refused(operation, 'fail', 'its lines have a form that cannot be written')
  const byRow = new Map(owned.map(({ row }, i) => [row, written[i] ?? null] as const))
  return rows.flatMap((row, i) => {
    const raw = byRow.get(i)
    if (raw === undefined || row.kind !== 'line') return [kernels(row)]
    return raw === null ? [] : [{ ...row, raw }]
  })
}

/** An answer of the protocol that is an error and nothing else. */
function failedReply(row: Extract<Row, { kind: 'reply' }>, error: number): Row {
  const bytes = Buffer.from(row.bytes.subarray(0, REPLY_HEADER_BYTES))
  bytes.writeUInt32LE(REPLY_HEADER_BYTES, 0)
  bytes.writeInt32LE(error, 4)
  return { ...row, bytes, dataBytes: 0, dataHash: null }
}

/** Whether what is read now is what was asked for. */
function prove(operation: Operation, old: Reading, now: Reading, asked: Change): void {
  const { what } = asked
  const count = old.operations.length - (what === 'drop' ? 1 : 0)
  if (now.operations.length !== count) {
    throw refused(operation, what, `${now.operations.length} operations would be read then, not ${count}`)
  }
  if (what === 'drop') return
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
