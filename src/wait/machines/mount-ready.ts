import type { Operation } from '../../operation/operation.js'
import { done, ended, type Machine, type Step, type View } from '../engine/machine.js'
import { ask, askLater, NOT_PROBING, type Probing } from '../engine/probing.js'

export interface ReadyState extends Probing {
  /** The first request that was answered, INIT aside. */
  readonly answered: Operation | null
}

/**
 * The mount is there and has answered a request. A live session reports its phases; in a log without them (an import) the
 * first answered request says so. Mounted before the mark is mounted.
 */
export function mountReady(): Machine<ReadyState> {
  return {
    name: 'mountReady',
    subject: '',
    wholeRun: true,
    awaited: 'the mount is there and has answered a request',
    start: () => ({ ...NOT_PROBING, answered: null }),
    step(state, event, view) {
      switch (event.type) {
        case 'mount':
        case 'tick':
          return probe(state, view)
        case 'ended': {
          const { operation } = event
          const counts = operation.status === 'ok' || operation.status === 'error'
          if (state.answered || !counts || operation.opcode === 'init') return { state }
          return probe({ ...state, answered: operation }, view)
        }
        case 'answer': {
          const idle = { ...state, asking: false }
          const yes = event.answer !== 'unknown' && event.answer.value === true
          if (yes && state.answered) return { state: idle, outcome: done('probe', [state.answered]) }
          if (yes && view.trace !== 'log') return { state: idle, outcome: done('poll', []) }
          if (event.answer === 'unknown' && state.answered) {
            return { state: idle, outcome: done('trace', [state.answered], 'told from the first answered request') }
          }
          return askLater(state, view)
        }
        case 'started':
          return { state }
        case 'stream-ended':
          if (state.answered) return { state, outcome: done('trace', [state.answered], 'the log has ended since') }
          return { state, outcome: ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

function probe(state: ReadyState, view: View): Step<ReadyState> {
  if (view.phases.has('answered') && !view.phases.has('unmounted')) return { state, outcome: done('trace', []) }
  // A live session checks the phases of readiness and will report the next one.
  if (view.phases.size > 0) return { state }
  if (state.answered === null && view.trace === 'log') return { state }
  return ask(state, { probe: 'mounted' }, view)
}
