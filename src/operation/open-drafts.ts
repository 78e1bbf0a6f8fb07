import type { OperationKey } from '../dialect/core/dialect.js'
import type { Draft } from './draft.js'

/**
 * The open operations by id and by slot. Most daemons do one thing at a time: the latest is the one that is asked for, and
 * ends before the next begins. Only those that stay open beside it go into a map.
 */
export class OpenDrafts {
  readonly #others = new Map<OperationKey, Draft>()
  #latest: Draft | null = null

  get(key: OperationKey): Draft | undefined {
    const latest = this.#latest
    if (latest !== null && (latest.operation.unique === key || latest.slot === key)) return latest
    return this.#others.size === 0 ? undefined : this.#others.get(key)
  }

  /** Adds one under whose keys nothing is open. Without a key nobody can speak of it. */
  add(open: Draft): void {
    if (open.operation.unique === null && open.slot === null) return
    if (this.#latest !== null) this.#keep(this.#latest)
    this.#latest = open
  }

  delete(open: Draft): void {
    if (open === this.#latest) this.#latest = null
    else this.#drop(open)
  }

  /** It goes on in another slot, in which nothing is open. */
  move(open: Draft, slot: string): void {
    if (open === this.#latest) open.slot = slot
    else {
      if (open.slot !== null) this.#others.delete(open.slot)
      open.slot = slot
      this.#others.set(slot, open)
    }
  }

  /** All of them, in order of start. */
  all(): Draft[] {
    const all = new Set(this.#others.values())
    if (this.#latest !== null) all.add(this.#latest)
    return [...all]
  }

  #keep(open: Draft): void {
    const { unique } = open.operation
    if (unique !== null) this.#others.set(unique, open)
    if (open.slot !== null) this.#others.set(open.slot, open)
  }

  #drop(open: Draft): void {
    if (this.#others.size === 0) return
    const { unique } = open.operation
    if (unique !== null) this.#others.delete(unique)
    if (open.slot !== null) this.#others.delete(open.slot)
  }
}
