import { BIT } from '../../template/facts.js'
import type { Contract } from '../profile/contract.js'
import type { Profile } from '../profile/profile.js'
import type { Loss } from './losses.js'

/** Of so many operations a reply may be missing by accident. */
const UNANSWERED = 0.04

/**
 * Replies that are missing here and there, of opcodes that were always answered. Lines that were torn cost replies too where
 * several threads write, and leave pieces that nobody understands.
 */
export function unanswered(before: Profile, after: Profile): Loss[] {
  const torn = unreadOfNewKinds(before, after)
  const losses = [...before.contract.opcodes.keys()].flatMap((opcode): Loss[] => {
    const [was, is] = [before, after].map(({ contract }) => withoutReply(contract, opcode)) as [Counted, Counted]
    if (was.all === 0 || was.missing > 0 || is.missing === 0) return []
    const counts = { before: [was.all, was.all], now: [is.all - is.missing, is.all] } as const
    return [{ code: 'reply-gone', severity: 'breaks', opcode, fact: 'reply', ...counts, sure: true }]
  })
  const missing = losses.reduce((sum, { now }) => sum + now[1] - now[0], 0)
  const least = Math.max(5, 2 * torn, after.contract.operations * UNANSWERED)
  return missing > least ? losses : []
}

/** Lines of kinds that the old log does not have, and that are not understood. */
export function unreadOfNewKinds(before: Profile, { shapes }: Profile): number {
  const known = new Set(before.shapes.flatMap(({ ids }) => [...ids]))
  const others = shapes.filter(({ ids }) => ![...ids].some((id) => known.has(id)))
  return others.reduce((sum, { count, understood }) => sum + count - understood, 0)
}

interface Counted {
  all: number
  missing: number
}

function withoutReply(contract: Contract, opcode: string): Counted {
  const signatures = [...(contract.opcodes.get(opcode)?.signatures ?? [])]
  const open = contract.openAtEnd.filter((one) => one.opcode === opcode && one.behind > contract.lag + 1)
  const all = [
    ...signatures.map(([facts, { count }]) => ({ facts, count })),
    ...open.map(({ facts }) => ({ facts, count: 1 })),
  ]
  const sum = (some: readonly { count: number }[]): number => some.reduce((total, { count }) => total + count, 0)
  return { all: sum(all), missing: sum(all.filter(({ facts }) => !(facts & BIT.reply))) }
}
