import { opcodeOf } from '../../dialect/core/opcode.js'
import type { Shape } from '../../template/shape.js'
import type { Profile } from '../profile/profile.js'

/** Replies in the new log whose requests it does not show. */
export interface LeftOver {
  /** Those of lines that name an opcode and that no other had in the old log, by opcode. */
  own: ReadonlyMap<string, number>
  /** The others: they may have answered any of several opcodes. */
  shared: number
}

/** A log that begins in the middle may answer a request from so many before. */
const LEAST_LAG = 12
/** Of so many operations one reply may be left over by accident: a torn line, a name that looks like a reply. */
const ACCIDENT = 500
/** The same where operations overlap, and lines of one stand among those of another. */
const OVERLAPPING = 50
/** There, what is left over of an opcode must be this share of what the old log would have of it. */
const LEAST_SHARE = 0.2

/**
 * Counts replies without a request, but for those of requests from before the log's begin. Lines that were torn or
 * interleaved cost as many requests as replies.
 */
export function leftOver(before: Profile, after: Profile): LeftOver {
  const lag = 2 * Math.max(before.contract.lag, after.contract.lag) + LEAST_LAG
  const was = new Map(before.shapes.flatMap((shape) => [...shape.ids].map((id) => [id, shape] as const)))
  const { operations, openAtEnd } = after.contract
  const isReplyNow = (shape: Shape): boolean => isReply(shape) || isReply(was.get(shape.id) ?? shape)
  const usual = strays(before, lag, isReply).reduce((all, { count }) => all + count, 0)
  const scale = operations / Math.max(1, before.contract.operations)
  const accidents = 2 * scale * usual
  const overlap = Math.max(before.contract.lag, after.contract.lag) > 0
  const least = (opcode: string): number =>
    overlap ? (before.contract.opcodes.get(opcode)?.count ?? 0) * scale * LEAST_SHARE : 0
  const own = new Map<string, number>()
  let shared = -openAtEnd.filter(({ behind }) => behind > lag).length
  for (const { shape, count } of strays(after, lag, isReplyNow)) {
    const opcode = onlyOf(was.get(shape.id) ?? null)
    if (opcode === null) shared += count
    else if (count > accidents + least(opcode)) own.set(opcode, (own.get(opcode) ?? 0) + count)
  }
  return {
    own,
    shared:
      shared > Math.max(Math.floor(operations / (overlap ? OVERLAPPING : ACCIDENT)), Math.ceil(accidents)) ? shared : 0,
  }
}

interface Strays {
  shape: Shape
  count: number
}

/** Replies without a request. A log that begins in the middle answers requests from before it. */
function strays({ shapes, contract }: Profile, lag: number, isReply: (shape: Shape) => boolean): Strays[] {
  return shapes
    .filter(isReply)
    .map((shape) => ({ shape, count: shape.straysAfter(contract.fromStart ? -1 : lag) }))
    .filter(({ count }) => count > 0)
}

/** The opcode that such lines name, where no other has them; null when they may be of any. */
export function onlyOf(shape: Shape | null): string | null {
  const [opcode, ...others] = shape?.opcodes.keys() ?? []
  return shape && opcode !== undefined && others.length === 0 && names(shape, opcode) ? opcode : null
}

/** A word of the line is the opcode's name, or the beginning of it: bazil says `Open` for opendir as well. */
const names = ({ example }: Shape, opcode: string | undefined): boolean =>
  example.keys.some((word) => {
    const named = opcodeOf(word) ?? opcodeOf(word.replace(/^[a-z]+_/, ''))
    return named !== null && opcode?.startsWith(named) === true
  })

/** Most of the lines are replies, and none is a request. */
export const isReply = (shape: Shape): boolean =>
  shape.reports('reply') > shape.count / 2 && shape.reports('request') === 0
