import type { FactBits } from '../../template/facts.js'
import { type Contract, sign } from '../profile/contract.js'

/** What was reported of one opcode's operations, without those that say nothing of the format. */
export interface Settled {
  /** Facts, and how many operations they were reported of. */
  signatures: [FactBits, number][]
  /** Every fact that was reported of any of them. */
  seen: FactBits
}

/** Rarer signatures of a frequent opcode are accidents: a detail that was attributed to another operation. */
const RARE = 0.02
const OFTEN = 50

/**
 * Prepares both sides for comparison. What was still open when a log ended may only have been cut off: it counts as never
 * answered when more requests came after it than any answered one had to wait for. Where operations ran one at a time,
 * only those are compared, because there it is certain which line is whose.
 */
export function settle(before: Contract, after: Contract, opcode: string): { before: Settled; after: Settled } {
  const waited = Math.max(before.lag, after.lag) + 1
  return { before: side(before, opcode, waited), after: side(after, opcode, waited) }
}

function side(contract: Contract, opcode: string, waited: number): Settled {
  const of = contract.opcodes.get(opcode)
  const all = { signatures: new Map([...(of?.signatures ?? [])].map(([facts, one]) => [facts, { ...one }])) }
  for (const open of contract.openAtEnd) {
    if (open.opcode === opcode && open.behind > waited) sign(all, open.facts, open.alone)
  }
  const entries = [...all.signatures]
  const useAlone = entries.some(([, { alone }]) => alone > 0)
  const counted = entries.map(([facts, { count, alone }]): [FactBits, number] => [facts, useAlone ? alone : count])
  const total = counted.reduce((sum, [, count]) => sum + count, 0)
  const signatures = counted.filter(([, count]) => count > (total >= OFTEN ? total * RARE : 0))
  return { signatures, seen: signatures.reduce((seen, [facts]) => seen | facts, 0) }
}
