import type { Exit } from '../../monitor/monitor.js'
import { endedAsAsked } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import {
  cleanExit,
  done,
  ended,
  FIRST_PAUSE_NS,
  type Machine,
  type Step,
  type View,
  type WaitEvent,
} from '../engine/machine.js'
import { ask, askLater, NOT_PROBING, type Probing } from '../engine/probing.js'

export interface UnmountedState extends Probing {
  readonly destroy: Operation | null
  /** How the daemon ended, when it was asked to and the mount may take a moment longer; and since when. */
  readonly exit: Exit | null
  readonly exitNs: number
}

/** How long a mount may outlast a daemon that was asked to end: somebody unmounts it for the daemon (auto_unmount). */
const AFTER_EXIT_NS = 1e9

/** The mount was taken away as it should be. A mount that vanished because its daemon died is lost, not unmounted. */
export function unmounted(): Machine<UnmountedState> {
  return {
    name: 'unmounted',
    subject: '',
    wholeRun: true,
    awaited: 'the mount is unmounted',
    wanted: [{ opcode: 'destroy' }],
    start: () => ({ ...NOT_PROBING, destroy: null, exit: null, exitNs: 0 }),
    step(state, event, view) {
      switch (event.type) {
        case 'mount':
          return view.phases.has('unmounted') ? { state, outcome: done('trace', []) } : { state }
        case 'tick':
          return tick(state, view)
        case 'ended': {
          const { operation } = event
          return { state: operation.opcode === 'destroy' ? { ...state, destroy: operation } : state }
        }
        case 'answer': {
          const idle = { ...state, asking: false }
          const by = state.destroy ? 'probe' : 'poll'
          if (event.answer !== 'unknown' && event.answer.value === false) {
            return { state: idle, outcome: done(by, state.destroy ? [state.destroy] : []) }
          }
          if (state.exit !== null && view.nowNs >= state.exitNs + AFTER_EXIT_NS) {
            return { state: idle, outcome: ended({ type: 'stream-ended', exit: state.exit }) }
          }
          return askLater(state, view)
        }
        case 'started':
          return { state }
        case 'stream-ended':
          return streamEnded(state, event, view)
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

function tick(state: UnmountedState, view: View): Step<UnmountedState> {
  if (view.phases.has('unmounted')) return { state, outcome: done('trace', []) }
  return view.canProbe ? ask(state, { probe: 'mounted' }, view) : { state }
}

/** A daemon that was asked to end may leave its mount a moment longer; any other end without an unmount is a failure. */
function streamEnded(
  state: UnmountedState,
  event: Extract<WaitEvent, { type: 'stream-ended' }>,
  view: View,
): Step<UnmountedState> {
  const outcome = gone(state, event.exit) ?? (view.phases.has('unmounted') ? done('trace', []) : null)
  if (outcome) return { state, outcome }
  if (event.exit === null || !endedAsAsked(event.exit) || !view.canProbe) return { state, outcome: ended(event) }
  const next = { ...state, exit: event.exit, exitNs: view.nowNs, pauseNs: FIRST_PAUSE_NS }
  return state.asking ? { state: next } : { state: { ...next, asking: true }, ask: { probe: 'mounted' } }
}

/** A daemon that ended well has been unmounted. */
function gone(state: UnmountedState, exit: Exit | null): ReturnType<typeof done> | null {
  if (state.destroy) return done('trace', [state.destroy], 'told from DESTROY and the end of the log')
  if (exit !== null && cleanExit(exit)) return done('trace', [], 'told from the daemon’s exit')
  return null
}
