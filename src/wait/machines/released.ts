import { CLOSES, OPENS, WRITES } from '../../operation/effects.js'
import type { Operation } from '../../operation/operation.js'
import { normalPath } from '../../path-pattern.js'
import { done, FIRST_PAUSE_NS, type Machine, type Step, type View, type WaitEvent } from '../engine/machine.js'
import { judge, type OperationMatch } from '../engine/match.js'
import { ask, askLater, NOT_PROBING, type Probing } from '../engine/probing.js'
import { releasesHidden } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** What needs an open file or directory: it was open, whether the log shows the opening or not. */
const USES = [...OPENS, ...WRITES, 'read', 'opendir', 'readdir', 'readdirplus', 'flush', 'fsync']

export interface ReleasedState extends Probing {
  /** What the log shows of the release itself. */
  readonly shown: EffectState
  /** The latest operation after the mark for which it had to be open. */
  readonly used: Operation | null
}

/**
 * An open file or directory was released: comes after `close()`, which does not wait for it. Where the log shows no RELEASE at
 * all: nobody has open what was open after the mark, and a request of our own was answered since.
 */
export function released(name: string): Machine<ReleasedState> {
  const path = normalPath(name)
  const shown = effectMachine({
    name: 'released',
    subject: path,
    awaited: `an open ${path} is released`,
    causes: [{ opcode: CLOSES, path }],
    checks: () => [],
  })
  const uses: OperationMatch = { opcode: USES, path }
  return {
    ...shown,
    // Whatever shows that it was open.
    needs: undefined,
    start: () => ({ ...NOT_PROBING, shown: shown.start(), used: null }),
    step(state, event, view) {
      if (event.type === 'answer') return answered({ ...state, asking: false }, event, view)
      const inner = shown.step(state.shown, event, view)
      const next = { ...state, shown: inner.state }
      if (inner.outcome) return { state: next, outcome: inner.outcome }
      if ((event.type === 'started' || event.type === 'ended') && view.after(event.operation)) {
        const { operation } = event
        if (operation.status === 'error' || judge(uses, operation) !== 'match') return { state: next }
        return probe({ ...next, used: operation, wakeNs: view.nowNs, pauseNs: FIRST_PAUSE_NS }, path, view)
      }
      if (event.type === 'tick') return probe(next, path, view)
      return inner.wakeNs === undefined ? { state: next } : { state: next, wakeNs: inner.wakeNs }
    },
  }
}

/** Asks who has it open, where the log will not say that it is released. */
function probe(state: ReleasedState, path: string, view: View): Step<ReleasedState> {
  if (state.used === null || !view.canProbe || !releasesHidden(view)) return { state }
  return ask(state, { probe: 'handles', path }, view)
}

function answered(
  state: ReleasedState,
  { answer }: Extract<WaitEvent, { type: 'answer' }>,
  view: View,
): Step<ReleasedState> {
  // The log has shown meanwhile that it shows releases, or something was opened again.
  if (state.used === null || !releasesHidden(view)) return { state }
  // The kernel releases it after it was closed; the request of our own that comes with this answer came after that.
  if (answer !== 'unknown' && answer.value === 0) {
    const note = 'this log shows no RELEASE: nobody has it open'
    return { state, outcome: done('probe', [state.used], note) }
  }
  return askLater(state, view)
}
