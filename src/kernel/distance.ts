import { quantile } from '../quantile.js'

/** How far the log's times lie from the kernel's: log minus kernel, ns. Negative: the log was earlier. */
export interface Distances {
  readonly count: number
  readonly min: number | null
  readonly median: number | null
  readonly p99: number | null
  readonly max: number | null
}

/** Sorts the values and picks. */
export function distances(values: number[]): Distances {
  values.sort((a, b) => a - b)
  const at = (share: number): number | null => quantile(values, share)
  return { count: values.length, min: at(0), median: at(0.5), p99: at(0.99), max: at(1) }
}
