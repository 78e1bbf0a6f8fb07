import type { Operation } from '../../operation/operation.js'
import { FIRST_PAUSE_NS, type Machine, nextPause, type View } from './machine.js'
import { judgeAny, type OperationMatch } from './match.js'

/**
 * Where the log shows an end only by the next request, the last operation would stay open for ever. This says when a wait
 * needs a request of our own, which is that next request, or whose answer is the sign that all before it is done.
 */
export class Ends {
  readonly #wanted: readonly OperationMatch[] | undefined
  readonly #view: View
  /** Operations that the wait is about and whose end has not been seen, by number. */
  readonly #open = new Map<number, Operation>()
  /** Those that were open when a request of our own was made. */
  readonly #asked = new Set<number>()
  readonly #broughtAbout = new Set<number>()
  #dueNs = Number.POSITIVE_INFINITY
  #pauseNs = FIRST_PAUSE_NS

  constructor(machine: Pick<Machine<unknown>, 'wanted'>, view: View) {
    this.#wanted = machine.wanted
    this.#view = view
  }

  started(operation: Operation): void {
    const view = this.#view
    if (view.capabilities?.end !== 'inferred' || !view.canProbe || !view.after(operation)) return
    if (this.#wanted !== undefined && judgeAny(this.#wanted, operation) === 'no') return
    // An operation of which more is learnt later may turn out not to be meant; then one request was made in vain.
    this.#open.set(operation.id, operation)
    this.#pauseNs = FIRST_PAUSE_NS
    this.#dueNs = view.nowNs + this.#pauseNs
  }

  ended({ id }: Operation): void {
    this.#open.delete(id)
    if (this.#asked.delete(id)) this.#broughtAbout.add(id)
    if (this.#open.size === 0) this.#dueNs = Number.POSITIVE_INFINITY
  }

  /** When a request of our own is due, ns; infinite when none is needed. Usually the next request comes before. */
  get dueNs(): number {
    return this.#dueNs
  }

  /** The history has been read: what is open now may be the last. */
  hurry(): void {
    if (this.#open.size > 0) this.#dueNs = this.#view.nowNs
  }

  /** A request of our own is made. */
  asks(): void {
    this.#dueNs = Number.POSITIVE_INFINITY
    for (const id of this.#open.keys()) this.#asked.add(id)
  }

  /** It was answered, or that cannot be known. */
  answered(): void {
    this.#asked.clear()
    if (this.#open.size === 0) return
    this.#dueNs = this.#view.nowNs + this.#pauseNs
    this.#pauseNs = nextPause(this.#pauseNs)
  }

  /** Whether the end of one of these is known by a request of our own. */
  anyBroughtAbout(operations: readonly Operation[]): boolean {
    return operations.some(({ id, endedBy }) => {
      return this.#broughtAbout.has(id) && (endedBy === 'last-event' || endedBy === 'next-request')
    })
  }
}
