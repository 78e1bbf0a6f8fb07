import type { Connection } from './connection.js'

/** Nodes in one BATCH_FORGET at most. */
const MAX_BATCH = 2000
/** The version that brought BATCH_FORGET. */
const BATCH_SINCE = 16

/** Reports nodes to the daemon that nothing refers to any more; those that come together go together. */
export class Forgets {
  readonly #connection: Connection
  #waiting: { nodeId: bigint; nlookup: bigint }[] = []

  constructor(connection: Connection) {
    this.#connection = connection
  }

  add(nodeId: bigint, nlookup: bigint): void {
    this.#waiting.push({ nodeId, nlookup })
    if (this.#waiting.length === 1) queueMicrotask(() => this.#flush())
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const batches = waiting.length > 1 && this.#connection.protocol.minor >= BATCH_SINCE
    for (let i = 0; i < waiting.length; i += batches ? MAX_BATCH : 1) {
      const some = waiting.slice(i, i + MAX_BATCH)
      const [first] = some
      if (batches) this.#connection.post('batch_forget', 0n, { count: some.length, forgets: some })
      else if (first) this.#connection.post('forget', first.nodeId, { nlookup: first.nlookup })
    }
  }
}
