import type { Operation } from '../../operation/operation.js'
import { FIRST_PAUSE_NS, nextPause, type Step, type View } from '../engine/machine.js'
import { judgeAny, type OperationMatch } from '../engine/match.js'

/**
 * Where the log shows an end only by the next request, the last operation would stay open for ever: a look at its path is
 * that next request. What it finds does not matter.
 */
export interface Nudge {
  readonly open: readonly Operation[]
  readonly asking: boolean
  readonly wakeNs: number
  readonly pauseNs: number
}

export const NO_NUDGE: Nudge = { open: [], asking: false, wakeNs: 0, pauseNs: FIRST_PAUSE_NS }

export type Nudged = Pick<Step<Nudge>, 'state' | 'ask' | 'wakeNs'>

export function nudgeFor(nudge: Nudge, operation: Operation, wanted: readonly OperationMatch[], view: View): Nudged {
  if (view.capabilities?.end !== 'inferred' || !view.canProbe || !view.after(operation)) return { state: nudge }
  if (judgeAny(wanted, operation) === 'no') return { state: nudge }
  return push({ ...nudge, open: [...nudge.open, operation], pauseNs: FIRST_PAUSE_NS })
}

export function nudgeTick(nudge: Nudge, view: View): Nudged {
  const open = nudge.open.filter((operation) => operation.status === 'unfinished' || operation.endNs === null)
  if (open.length === 0) return { state: { ...nudge, open } }
  return view.nowNs < nudge.wakeNs ? { state: nudge, wakeNs: nudge.wakeNs } : push({ ...nudge, open })
}

export function nudgeAnswer(nudge: Nudge, view: View): Nudged {
  const wakeNs = view.nowNs + nudge.pauseNs
  return { state: { ...nudge, asking: false, wakeNs, pauseNs: nextPause(nudge.pauseNs) }, wakeNs }
}

function push(nudge: Nudge): Nudged {
  const path = nudge.open.at(-1)?.path ?? '/'
  if (nudge.asking) return { state: nudge }
  return { state: { ...nudge, asking: true }, ask: { probe: 'exists', path } }
}
