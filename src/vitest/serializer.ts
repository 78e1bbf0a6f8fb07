import type { Operation } from '../operation/operation.js'

/** What of operations goes into a snapshot: by default only what every run has in common. */
export interface SerializerOptions {
  /**
   * Keep start, end and what is between.
   * @default false
   */
  times?: boolean
  /**
   * Keep ids: `unique`, `pid`, line numbers.
   * @default false
   */
  ids?: boolean
}

/** A snapshot serializer for operations; what differs from run to run is left out unless asked for. */
export interface OperationSerializer {
  test(value: unknown): boolean
  serialize(
    value: unknown,
    config: unknown,
    indentation: string,
    depth: number,
    refs: unknown,
    printer: Printer,
  ): string
}

type Printer = (value: unknown, config: unknown, indentation: string, depth: number, refs: unknown) => string

/**
 * Makes a serializer for `expect.addSnapshotSerializer`. The one without times and ids is installed by `fusetrace/vitest`.
 *
 * @example
 * expect.addSnapshotSerializer(operationSerializer({ ids: true }))
 */
export function operationSerializer(options: SerializerOptions = {}): OperationSerializer {
  return {
    test: isOperation,
    serialize(value, config, indentation, depth, refs, printer) {
      return `Operation ${printer(stable(value as Operation, options), config, indentation, depth, refs)}`
    },
  }
}

const isOperation = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'opcode' in value &&
  'endedBy' in value &&
  'lines' in value &&
  'startNs' in value

function stable(operation: Operation, options: SerializerOptions): Record<string, unknown> {
  const { opcode, path, newPath, target, name, status, errno, endedBy } = operation
  const kept: Record<string, unknown> = { opcode, path, status }
  if (newPath !== null) kept.newPath = newPath
  if (target !== undefined && target !== null) kept.target = target
  if (name !== null) kept.name = name
  if (errno !== null) kept.errno = errno
  if (options.times) Object.assign(kept, { startNs: operation.startNs, endNs: operation.endNs, endedBy })
  if (options.ids) Object.assign(kept, { unique: operation.unique, pid: operation.pid, lines: operation.lines })
  return kept
}
