import type { DialectEvent } from '../dialect/core/dialect.js'

/**
 * What a log can report of an operation. The first ones are read in its lines; `path` and those after it are what the
 * operation had in the end, by whatever means.
 */
export const FACTS = [
  'request',
  'reply',
  'name',
  'newName',
  'target',
  'xattr',
  'pid',
  'unique',
  'node',
  'otherNode',
  'child',
  'status',
  'errno',
  'path',
  'newPath',
  'attribute',
  'failed',
  'succeeded',
] as const
export type Fact = (typeof FACTS)[number]

/** Facts as one number: bit `i` is `FACTS[i]`. */
export type FactBits = number

const bit = (fact: Fact): FactBits => 1 << FACTS.indexOf(fact)

export const BIT: Readonly<Record<Fact, FactBits>> = Object.fromEntries(
  FACTS.map((fact) => [fact, bit(fact)]),
) as Record<Fact, FactBits>

/** How an operation ended. */
export const OUTCOME: FactBits = BIT.failed | BIT.succeeded
/** What only a reply of this or that outcome reports. */
export const RESULTS: FactBits = BIT.status | BIT.errno | BIT.child

/** The facts whose bits are set. */
export const factsIn = (bits: FactBits): Fact[] => FACTS.filter((fact) => bits & BIT[fact])

/** What the lines of an event report. */
export function factsOf(event: DialectEvent): FactBits {
  if (event.kind === 'reply') {
    return (
      BIT.reply |
      (event.status !== 'unknown' ? BIT.status : 0) |
      (event.errno !== null ? BIT.errno : 0) |
      (event.childNodeId !== undefined ? BIT.child : 0)
    )
  }
  let bits = 0
  if (event.kind === 'request') bits |= BIT.request | (event.unique !== null ? BIT.unique : 0)
  else if (event.status !== undefined) bits |= BIT.status | ((event.errno ?? null) !== null ? BIT.errno : 0)
  if (event.entry !== undefined || event.path !== undefined) bits |= BIT.name
  if (event.otherEntry !== undefined || event.newPath !== undefined) bits |= BIT.newName
  if (event.target !== undefined) bits |= BIT.target
  if (event.xattr !== undefined) bits |= BIT.xattr
  if (event.pid !== undefined) bits |= BIT.pid
  if (event.nodeId !== undefined) bits |= BIT.node
  if (event.otherNodeId !== undefined) bits |= BIT.otherNode
  return bits
}
