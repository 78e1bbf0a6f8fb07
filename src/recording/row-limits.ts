import { beyond, type Limits } from './limits.js'
import type { Row } from './row.js'

/** Counts what readers of rows have to remember, and ends with an error before it is too much. */
export class RowLimits {
  readonly #name: string
  readonly #limits: Limits
  readonly #names = new Set<string>()
  #marks = 0
  #open = 0

  /** @param name of the recording, for messages */
  constructor(name: string, limits: Limits) {
    this.#name = name
    this.#limits = limits
  }

  /** @throws FT_LIMIT when there are too many with this row */
  check(row: Row): void {
    if (row.kind === 'operation') this.#know(row.operation.opcode)
    else if (row.kind === 'probe') this.#know(row.probe)
    else if (row.kind === 'loss') this.#know(row.what)
    else if (row.kind === 'call') this.#know(row.method)
    else if (row.kind === 'mark') {
      if (++this.#marks > this.#limits.marks) throw beyond(this.#name, 'marks', this.#limits.marks, 'marks of steps')
      this.#open = Math.max(0, this.#open + (row.edge === 'begin' ? 1 : row.edge === 'end' ? -1 : 0))
      if (this.#open > this.#limits.openSteps)
        throw beyond(this.#name, 'openSteps', this.#limits.openSteps, 'steps that are open at one time')
    }
  }

  #know(name: string): void {
    if (this.#names.has(name)) return
    this.#names.add(name)
    if (this.#names.size > this.#limits.names)
      throw beyond(this.#name, 'names', this.#limits.names, 'different names of requests')
  }
}
