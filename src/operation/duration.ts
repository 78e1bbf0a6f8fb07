import type { Operation } from './operation.js'

/**
 * How long an operation took, ns, as far as that was measured: null where its end is not known or only the next request
 * says that it had ended by then; 0 where the log's times (or its having none) do not separate begin and end.
 */
export function durationNs({
  startNs,
  endNs,
  endedBy,
}: Pick<Operation, 'startNs' | 'endNs' | 'endedBy'>): number | null {
  return endNs === null || endedBy === 'next-request' ? null : Math.max(0, endNs - startNs)
}

/** The same, null where nothing was measured: no operation takes no time. */
export const measuredNs = (operation: Parameters<typeof durationNs>[0]): number | null => durationNs(operation) || null
