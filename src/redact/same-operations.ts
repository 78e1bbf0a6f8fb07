import type { Operation } from '../operation/operation.js'

const NAMES = ['path', 'newPath', 'name', 'target'] as const
/** What must be the same to the letter. */
const REST = [
  'opcode',
  'unique',
  'startNs',
  'endNs',
  'endedBy',
  'status',
  'errno',
  'pid',
  'size',
  'offset',
  'mode',
  'flags',
  'nodeId',
  'fh',
  'negative',
] as const

/**
 * Holds operations before and after a replacement against each other: all must be the same but for the names, and the same names
 * must have become the same names.
 */
export class SameOperations {
  readonly #before = new Map<number, Operation>()
  readonly #after = new Map<number, Operation>()
  readonly #names = new Map<string, string>()
  readonly #back = new Map<string, string>()
  #difference: string | null = null
  count = 0

  /** Read before the replacement. */
  before = (operation: Operation): void => {
    this.count++
    this.#meet(operation, this.#before, this.#after, (after) => this.#compare(operation, after))
  }

  /** Read after it. */
  after = (operation: Operation): void => {
    this.#meet(operation, this.#after, this.#before, (before) => this.#compare(before, operation))
  }

  /** The first difference, in words; null when there is none. To be asked at the end. */
  get difference(): string | null {
    if (this.#difference !== null) return this.#difference
    const [gone] = this.#before.values()
    if (gone) return `the ${gone.opcode} at line ${gone.lines[0] + 1} would not be read any more`
    const [fresh] = this.#after.values()
    return fresh ? `a ${fresh.opcode} would be read at line ${fresh.lines[0] + 1}` : null
  }

  #meet(
    operation: Operation,
    own: Map<number, Operation>,
    other: Map<number, Operation>,
    met: (other: Operation) => void,
  ): void {
    const there = other.get(operation.id)
    if (there === undefined) own.set(operation.id, operation)
    else {
      other.delete(operation.id)
      met(there)
    }
  }

  #compare(before: Operation, after: Operation): void {
    const where = `the ${before.opcode} at line ${before.lines[0] + 1}`
    for (const key of REST) {
      if ((before[key] ?? null) === (after[key] ?? null)) continue
      this.#difference ??= `${where} would be read with another ${key}`
    }
    if (before.lines[0] !== after.lines[0] || before.lines[1] !== after.lines[1])
      this.#difference ??= `${where} would be read from other lines`
    for (const key of NAMES) {
      const [was, is] = [before[key] ?? null, after[key] ?? null]
      if ((was === null) !== (is === null))
        this.#difference ??= `${where} would be read ${is === null ? 'without' : 'with'} a ${key}`
      else if (was !== null && is !== null && !this.#renamed(was, is))
        this.#difference ??= `two names would become one, in ${where}`
    }
  }

  #renamed(was: string, is: string): boolean {
    const [to, from] = [this.#names.get(was), this.#back.get(is)]
    if (to === undefined && from === undefined) {
      this.#names.set(was, is)
      this.#back.set(is, was)
      return true
    }
    return to === is && from === was
  }
}
