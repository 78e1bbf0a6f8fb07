import type { Operation } from '../operation/operation.js'

/**
 * Operations whose end no line has shown, and of which it is known otherwise: a daemon that does one thing at a time has
 * answered a request of ours that came after them. The log may still show the end of such an operation later.
 */
export class Conclusions {
  /** By the operation's number: as it was read, with an end. */
  readonly #concluded = new Map<number, Operation>()

  get size(): number {
    return this.#concluded.size
  }

  /** The operations, in order of start, with the end that is known of them. */
  list(): readonly Operation[] {
    return [...this.#concluded.values()]
  }

  has({ id }: Operation): boolean {
    return this.#concluded.has(id)
  }

  /** Ends these at `endNs`, unless that has been done; returns the new ones. */
  conclude(open: readonly Operation[], endNs: number): readonly Operation[] {
    const ended: Operation[] = []
    for (const operation of open) {
      if (this.#concluded.has(operation.id)) continue
      const { status, lines } = operation
      const copy: Operation = {
        ...operation,
        lines: [lines[0], lines[1]],
        endNs,
        endedBy: 'next-request',
        status: status === 'unfinished' ? 'unknown' : status,
      }
      this.#concluded.set(operation.id, copy)
      ended.push(copy)
    }
    return ended
  }

  /** The log shows the end now. True when it was known already. */
  confirm({ id }: Operation): boolean {
    return this.#concluded.delete(id)
  }
}
