import type { Operation } from '../operation/operation.js'
import type { Row } from '../recording/row.js'

/** Rows of a recording that stay together: the lines of operations that ran side by side, or one row of another kind. */
export interface Unit {
  /** Position of its first row, and behind its last one. */
  readonly from: number
  readonly to: number
  /** The operations whose lines these are, by their first line. None of a mark, or of a line that belongs to no operation. */
  readonly operations: readonly Operation[]
}

/** Cuts a recording's rows into units. `operations` with the lines that they were read from, as the recording has them. */
export function unitsOf(rows: readonly Row[], operations: readonly Operation[]): Unit[] {
  const clusters = clustersOf(operations)
  const units: Unit[] = []
  let line = -1
  let open: { cluster: Cluster; from: number } | null = null
  let next = 0
  for (const [at, row] of rows.entries()) {
    if (row.kind === 'line') line++
    const cluster = clusters[next]
    if (open === null && row.kind === 'line' && cluster?.first === line) {
      open = { cluster, from: at }
      next++
    }
    if (open === null) units.push({ from: at, to: at + 1, operations: [] })
    else if (row.kind === 'line' && line === open.cluster.last) {
      units.push({ from: open.from, to: at + 1, operations: open.cluster.operations })
      open = null
    }
  }
  if (open) units.push({ from: open.from, to: rows.length, operations: open.cluster.operations })
  return units
}

interface Cluster {
  first: number
  last: number
  operations: Operation[]
}

/** Operations whose lines lie between each other's, together. */
function clustersOf(operations: readonly Operation[]): Cluster[] {
  const clusters: Cluster[] = []
  for (const operation of [...operations].sort((a, b) => a.lines[0] - b.lines[0])) {
    const [first, last] = operation.lines
    const latest = clusters.at(-1)
    if (latest && first <= latest.last) {
      latest.last = Math.max(latest.last, last)
      latest.operations.push(operation)
    } else clusters.push({ first, last, operations: [operation] })
  }
  return clusters
}
