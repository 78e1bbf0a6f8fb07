import { errnoNumber } from '../dialect/core/errno.js'
import { printable } from '../line/text.js'
import type { Operation } from '../operation/operation.js'
import { duration, subject } from './format.js'
import { ENDED, type OperationColumns, OUTCOMES } from './page-data.js'
import type { PageTexts } from './page-texts.js'

/** What is known of an operation from elsewhere. */
export interface Besides {
  /** First of its log lines and how many come after it; null where none is its own. */
  readonly lines: (operation: Operation) => readonly [first: number, more: number] | null
  readonly own: (operation: Operation) => boolean
  /** When the kernel sent it and took its answer, ns since the origin. */
  readonly kernel: ReadonlyMap<number, { readonly sendNs: number; readonly endNs: number | null }>
  /** Fields of its messages, name and text by turns. */
  readonly wire: (operation: Operation) => { readonly request: string[] | null; readonly reply: string[] | null } | null
}

/** Operations as columns, in the order in which they are given. */
export function operationColumns(
  operations: readonly Operation[],
  texts: PageTexts,
  besides: Besides,
): OperationColumns {
  const text = (value: string | null | undefined): number => texts.of(value == null ? null : printable(value))
  const lines = operations.map(besides.lines)
  const wire = operations.map(besides.wire)
  const kernel = operations.map(({ id }) => besides.kernel.get(id))
  const columns: OperationColumns = {
    id: differences(operations.map(({ id }) => id)),
    start: differences(operations.map(({ startNs }) => startNs)),
    took: operations.map(({ startNs, endNs }) => (endNs === null ? -1 : Math.max(0, endNs - startNs))),
    opcode: operations.map(({ opcode }) => text(opcode)),
    subject: operations.map((operation) => texts.of(subject(operation))),
    path: operations.map(({ path }) => text(path)),
    outcome: operations.map(outcomeOf),
    errno: operations.map(({ errno }) => text(errno)),
    ended: operations.map(({ endedBy }) => Math.max(0, ENDED.indexOf(endedBy ?? ''))),
    pid: operations.map(({ pid }) => pid ?? -1),
    unique: operations.map(({ unique }) => unique ?? -1),
    line: differences(lines.map((range) => range?.[0] ?? 0)),
    lines: lines.map((range) => range?.[1] ?? -1),
  }
  const optional = {
    newPath: operations.map(({ newPath }) => text(newPath)),
    name: operations.map(({ name, target }) => text(name ?? target)),
    own: operations.map((operation) => (besides.own(operation) ? 1 : -1)),
    extra: operations.map((operation) => list(extrasOf(operation), texts)),
    request: wire.map((messages) => list(messages?.request ?? null, texts)),
    reply: wire.map((messages) => list(messages?.reply ?? null, texts)),
  }
  for (const [name, column] of Object.entries(optional) as [keyof typeof optional, number[]][])
    if (column.some((place) => place >= 0)) columns[name] = column
  if (besides.kernel.size > 0) {
    columns.kernelSend = kernel.map((times, i) => (times ? times.sendNs - (operations[i]?.startNs ?? 0) : null))
    columns.kernelEnd = kernel.map((times, i) => (times?.endNs ? times.endNs - (operations[i]?.startNs ?? 0) : null))
  }
  return columns
}

/** Numbers of the errnos that operations name: a log may say either. */
export function errnosOf(operations: readonly Operation[]): Record<string, number> {
  const names = new Set(operations.flatMap(({ errno }) => (errno === null ? [] : [errno])))
  const known = [...names].flatMap((name) => {
    const number = errnoNumber(name)
    return number === null ? [] : [[name, number] as const]
  })
  return Object.fromEntries(known)
}

const outcomeOf = ({ status, negative }: Operation): number =>
  negative ? OUTCOMES.indexOf('ok: no entry') : OUTCOMES.indexOf(status)

const list = (items: readonly string[] | null, texts: PageTexts): number =>
  items === null || items.length === 0 ? -1 : texts.of(JSON.stringify(items))

/** Each as its difference to the one before: small numbers take little room. */
export const differences = (values: readonly number[]): number[] =>
  values.map((value, i) => value - (values[i - 1] ?? 0))

/** What only some operations have. */
function extrasOf({ size, offset, mode, flags, nodeId, fh, queueNs, paths }: Operation): string[] {
  const out: string[] = []
  const add = (name: string, value: unknown): void => {
    if (value !== undefined) out.push(name, printable(String(value)))
  }
  add('size', size)
  add('offset', offset)
  add('mode', mode === undefined ? undefined : `0${Number(mode).toString(8)}`)
  add('flags', flags === undefined ? undefined : `0x${Number(flags).toString(16)}`)
  add('node', nodeId)
  add('fh', fh)
  add('queued', queueNs === undefined ? undefined : duration(queueNs))
  add('names', paths?.join(' | '))
  return out
}
