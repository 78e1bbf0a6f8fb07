import type { Exit } from '../../monitor/monitor.js'
import type { Operation } from '../../operation/operation.js'
import {
  cleanExit,
  done,
  ended,
  FIRST_PAUSE_NS,
  type Machine,
  nextPause,
  type Step,
  type View,
} from '../engine/machine.js'

export interface UnmountedState {
  readonly asking: boolean
  readonly wakeNs: number
  readonly pauseNs: number
  readonly destroy: Operation | null
}

/** The mount was taken away as it should be. A mount that vanished because its daemon died is lost, not unmounted. */
export function unmounted(): Machine<UnmountedState> {
  return {
    name: 'unmounted',
    subject: '',
    wholeRun: true,
    awaited: 'the mount is unmounted',
    wanted: [{ opcode: 'destroy' }],
    start: () => ({ asking: false, wakeNs: 0, pauseNs: FIRST_PAUSE_NS, destroy: null }),
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
          const wakeNs = view.nowNs + state.pauseNs
          return { state: { ...idle, wakeNs, pauseNs: nextPause(state.pauseNs) }, wakeNs }
        }
        case 'started':
          return { state }
        case 'stream-ended':
          return { state, outcome: gone(state, event.exit) ?? ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

function tick(state: UnmountedState, view: View): Step<UnmountedState> {
  if (view.phases.has('unmounted')) return { state, outcome: done('trace', []) }
  if (state.asking || !view.canProbe) return { state }
  if (view.nowNs < state.wakeNs) return { state, wakeNs: state.wakeNs }
  return { state: { ...state, asking: true }, ask: { probe: 'mounted' } }
}

/** A daemon that ended well has been unmounted. */
function gone(state: UnmountedState, exit: Exit | null): ReturnType<typeof done> | null {
  if (state.destroy) return done('trace', [state.destroy], 'told from DESTROY and the end of the log')
  if (exit !== null && cleanExit(exit)) return done('trace', [], 'told from the daemon’s exit')
  return null
}
