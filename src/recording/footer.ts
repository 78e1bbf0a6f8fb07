import type { Row } from './row.js'

/** What is known at the end of a recording. */
export interface Footer {
  /** Rows of each kind. */
  readonly counts: Readonly<Record<Row['kind'], number>>
  /** Lines that were not understood when it was recorded. */
  readonly unparsed: number
  /** Latest time in it, ns since the origin. */
  readonly durationNs: number
  /** For each block of rows: where it is in the file, the earliest time in it, the index of its first line. */
  readonly index: readonly (readonly [offset: number, firstNs: number, firstLine: number])[]
}

export const NO_COUNTS: Readonly<Record<Row['kind'], number>> = {
  line: 0,
  mark: 0,
  probe: 0,
  call: 0,
  kernel: 0,
  operation: 0,
  mount: 0,
  exit: 0,
  loss: 0,
  request: 0,
  reply: 0,
  fault: 0,
  wait: 0,
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A packed footer as it was; null when it is none. */
export function decodeFooter(value: unknown): Footer | null {
  if (typeof value !== 'object' || value === null) return null
  const { counts, unparsed, durationNs, index } = value as Record<string, unknown>
  if (typeof counts !== 'object' || counts === null || !isCount(unparsed) || !Number.isSafeInteger(durationNs))
    return null
  const given = counts as Record<string, unknown>
  const kinds = Object.keys(NO_COUNTS) as Row['kind'][]
  // Kinds that came later are not counted in older files.
  if (!kinds.every((kind) => given[kind] === undefined || isCount(given[kind]))) return null
  if (
    !Array.isArray(index) ||
    !index.every((entry) => Array.isArray(entry) && entry.length === 3 && entry.every(Number.isSafeInteger))
  ) {
    return null
  }
  return {
    counts: Object.fromEntries(kinds.map((kind) => [kind, given[kind] ?? 0])) as Record<Row['kind'], number>,
    unparsed,
    durationNs: durationNs as number,
    index: index as Footer['index'],
  }
}

/** The times that a row covers. */
export function timesOf(row: Row): readonly [begin: number, end: number] {
  if (row.kind === 'call' || row.kind === 'wait') return [row.beginNs, row.endNs]
  if (row.kind === 'operation') return [row.operation.startNs, row.operation.endNs ?? row.operation.startNs]
  return [row.atNs, row.atNs]
}
