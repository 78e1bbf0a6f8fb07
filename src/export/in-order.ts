import type { Operation } from '../operation/operation.js'
import type { RecordingReader } from '../recording/reader.js'
import { Heap } from './heap.js'

/** Operations that wait for others that began before them. */
const MAX_HELD = 4096
/** Operations that end much later than others that began after them; beyond, they come late. */
const MAX_LATE = 100_000

/**
 * Finds the operations whose rows come much later than those of others that began after them: what is open for long, or never
 * ends. A recording has its operations in the order of their ends.
 */
export class LateOperations {
  readonly #starts = new Heap<number>()
  readonly found: Operation[] = []
  #lastNs = Number.NEGATIVE_INFINITY

  /** The next operation as it is in the file. */
  see(operation: Operation): void {
    if (operation.startNs < this.#lastNs) {
      if (this.found.length < MAX_LATE) this.found.push(operation)
      return
    }
    this.#starts.push(operation.startNs, operation.startNs)
    if (this.#starts.size > MAX_HELD) this.#lastNs = this.#starts.pop() ?? this.#lastNs
  }
}

/** The operations of a recording in the order of their starts. Memory does not grow with the file. */
export function* inOrder(reader: RecordingReader, late: readonly Operation[]): Generator<Operation> {
  const held = new Heap<Operation>()
  const known = new Set<number>()
  for (const operation of late) {
    held.push(operation.startNs, operation)
    known.add(operation.id)
  }
  let room = MAX_HELD
  const next = (): Operation => {
    const operation = held.pop() as Operation
    if (!known.delete(operation.id)) room++
    return operation
  }
  const skip = new Set(known)
  for (const row of reader.rows({ kinds: ['operation'] })) {
    if (row.kind !== 'operation' || skip.has(row.operation.id)) continue
    held.push(row.operation.startNs, row.operation)
    room--
    while (room < 0) yield next()
  }
  while (held.size > 0) yield next()
}
