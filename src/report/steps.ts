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
}

/** The steps of a recording in order of their begins. */
export function readSteps(reader: RecordingReader): Step[] {
  const steps: { name: string; depth: number; beginNs: number; endNs: number | null; operations: number }[] = []
  const open: number[] = []
  const starts: number[] = []
  for (const row of reader.rows({ kinds: ['mark', 'operation'] })) {
    if (row.kind === 'operation') starts.push(row.operation.startNs)
    else if (row.kind === 'mark' && row.edge === 'begin') {
      open.push(steps.length)
      steps.push({ name: row.name, depth: open.length - 1, beginNs: row.atNs, endNs: null, operations: 0 })
    } else if (row.kind === 'mark' && row.edge === 'end') {
      const at = open.findLastIndex((index) => steps[index]?.name === row.name)
      const index = open.splice(at < 0 ? open.length - 1 : at)[0]
      const step = index === undefined ? undefined : steps[index]
      if (step) step.endNs = row.atNs
    }
  }
  starts.sort((a, b) => a - b)
  for (const step of steps) {
    step.operations = countBefore(starts, step.endNs ?? Number.POSITIVE_INFINITY) - countBefore(starts, step.beginNs)
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
