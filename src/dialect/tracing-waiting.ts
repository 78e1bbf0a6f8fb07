import type { RequestSpan } from './tracing-event.js'
import { spanFacts } from './tracing-fields.js'
import type { Open } from './tracing-open.js'

/** More than these are forgotten: most requests that have no span are never asked for. */
const MOST = 256

/** Requests of fuser's that have no span yet: a span on another thread may belong to one. */
export class Waiting {
  #open: Open[] = []

  add(open: Open): void {
    this.#open.push(open)
    if (this.#open.length > MOST) this.#open = this.#open.slice(MOST / 2)
  }

  /** The request that a span belongs to: the same opcode, node and name where the span tells them. */
  of(span: RequestSpan): Open | undefined {
    const same = this.#open.filter((open) => open.span === null && open.opcode === span.opcode)
    if (same.length === 0) return undefined
    const facts = spanFacts(span.opcode, span.fields())
    return same.find(
      (open) =>
        (facts.nodeId === undefined || facts.nodeId === open.facts.nodeId) &&
        (facts.entry === undefined || facts.entry === open.facts.entry),
    )
  }

  /** A request has its span. Where threads do not overlap, those before it will not get one any more. */
  done(open: Open, overlap: boolean): void {
    const at = this.#open.lastIndexOf(open)
    if (overlap) {
      if (at >= 0) this.#open.splice(at, 1)
    } else if (at === this.#open.length - 1) this.#open.length = 0
  }
}
