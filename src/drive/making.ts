import type { Operation } from '../operation/operation.js'
import { count, type Target } from './step.js'
import type { Tree } from './tree.js'

export const O_LARGEFILE = 0x8000

/** What requests are made from, besides the operation itself. */
export class Making {
  readonly tree: Tree
  /** How an open file of a path will be used: 0 read, 1 write, 2 both. */
  readonly access: (path: string | null) => number
  readonly #target: Target

  constructor(tree: Tree, target: Target, access: (path: string | null) => number) {
    this.tree = tree
    this.access = access
    this.#target = target
  }

  /** What is in a log if it is there, else what is chosen. */
  value(operation: Operation, key: 'size' | 'offset' | 'mode' | 'flags', otherwise: number): number {
    const value = operation[key]
    if (value !== undefined) return Number(value)
    this.chosen(`${key} of ${operation.opcode}`)
    return otherwise
  }

  /** Remarks on what the log does not show. */
  chosen(what: string): void {
    count(this.#target.remarks.chosen, what)
  }
}
