import type { RequestSpan } from './event.js'
import { spanFacts } from './fields.js'
import { type Open, sameSpan } from './open.js'

/** More of those that go on aside are forgotten. */
const MAX_ASIDE = 64
/** More than these are forgotten: most requests that have no span are never asked for. */
const MAX_WAITING = 256

/** A span can be that of a request: the same opcode, and node and name where the span shows them. */
export function fitsSpan(open: Open, span: RequestSpan): boolean {
  if (open.opcode !== span.opcode) return false
  const { nodeId, entry } = spanFacts(span.opcode, span.fields())
  return (nodeId === undefined || nodeId === open.facts.nodeId) && (entry === undefined || entry === open.facts.entry)
}

/** Requests of fuser's that have no span yet: a span on another thread may belong to one. */
export class Waiting {
  #open: Open[] = []

  add(open: Open): void {
    this.#open.push(open)
    if (this.#open.length > MAX_WAITING) this.#open = this.#open.slice(MAX_WAITING / 2)
  }

  /** Another request of the same opcode waits as well. */
  rivals(open: Open): boolean {
    return (
      this.#open.length > 1 && this.#open.some((other) => other !== open && other.opcode === open.opcode && !other.span)
    )
  }

  /** The request that a span belongs to, the latest that fits it. */
  of(span: RequestSpan): Open | undefined {
    return this.#open.findLast((open) => open.span === null && fitsSpan(open, span))
  }

  /** The request with that id. */
  withKey(id: number): Open | undefined {
    return this.#open.findLast(({ key }) => key === id)
  }

  /** A request has its span. Where threads do not overlap, those before it will not get one any more. */
  done(open: Open, overlap: boolean): void {
    if (!overlap) {
      if (this.#open.at(-1) === open) this.#open = []
      return
    }
    const at = this.#open.lastIndexOf(open)
    if (at >= 0) this.#open.splice(at, 1)
  }
}

/** Requests that go on while their thread is at another. */
export class Aside {
  #open: Open[] = []

  get all(): readonly Open[] {
    return this.#open
  }

  add(open: Open): void {
    this.#open.push(open)
    if (this.#open.length > MAX_ASIDE) this.#open.shift()
  }

  /** The latest with that span. */
  of(span: RequestSpan): Open | undefined {
    return this.#open.findLast((open) => open.span && sameSpan(open.span, span))
  }

  drop(open: Open): void {
    this.#open = this.#open.filter((other) => other !== open)
  }
}
