import type { RecordingReader } from '../recording/reader.js'

/** A named piece of the workload. */
export interface Step {
  readonly name: string
  /** 0 for the outermost. */
  readonly depth: number
  readonly beginNs: number
  /** Null when the recording ended first. */
  readonly endNs: number | null
  /** Operations that started in it, inner steps included. */
  readonly operations: number
  /** How many of them failed. */
  readonly errors: number
}

/** The steps of a recording in order of their begins. */
export function readSteps(reader: RecordingReader): Step[] {
  const steps: { -readonly [Key in keyof Step]: Step[Key] }[] = []
  const open: number[] = []
  const starts: number[] = []
  const failures: number[] = []
  for (const row of reader.rows({ kinds: ['mark', 'operation'] })) {
    if (row.kind === 'operation') {
      starts.push(row.operation.startNs)
      if (row.operation.status === 'error') failures.push(row.operation.startNs)
    } else if (row.kind === 'mark' && row.edge === 'begin') {
      open.push(steps.length)
      steps.push({ name: row.name, depth: open.length - 1, beginNs: row.atNs, endNs: null, operations: 0, errors: 0 })
    } else if (row.kind === 'mark' && row.edge === 'end') {
      const at = open.findLastIndex((index) => steps[index]?.name === row.name)
      const index = open.splice(at < 0 ? open.length - 1 : at)[0]
      const step = index === undefined ? undefined : steps[index]
      if (step) step.endNs = row.atNs
    }
  }
  starts.sort((a, b) => a - b)
  failures.sort((a, b) => a - b)
  for (const step of steps) {
    const endNs = step.endNs ?? Number.POSITIVE_INFINITY
    step.operations = countBefore(starts, endNs) - countBefore(starts, step.beginNs)
    step.errors = countBefore(failures, endNs) - countBefore(failures, step.beginNs)
  }
  return steps
}

/** How many of the sorted numbers are less than `limit`. */
function countBefore(sorted: readonly number[], limit: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < limit) low = middle + 1
    else high = middle
  }
  return low
}
