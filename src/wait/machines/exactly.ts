import type { Operation } from '../../operation/operation.js'
import { cleanExit, done, ended, type Machine, type Step, type View } from '../engine/machine.js'
import { describeMatch, judge, judgeAny, type Match, type OperationMatch, toMatch } from '../engine/match.js'
import { noTrace } from './operations.js'

/** Of `exactly`. */
export interface ExactlyOptions {
  /**
   * Milliseconds in which no further one may come after the last.
   * @default 50
   */
  forMs?: number
}

export interface ExactlyState {
  readonly found: readonly Operation[]
  /** When the count was reached; -1 not yet. */
  readonly reachedNs: number
}

/** So many operations that fit end after the mark, and no more. Fails at once when there is one too many. */
export function exactly(count: number, match: Match, options: ExactlyOptions = {}): Machine<ExactlyState> {
  const wanted = toMatch(match)
  const restNs = (options.forMs ?? 50) * 1e6
  const words = describeMatch(wanted)
  return {
    name: 'exactly',
    subject: `${count} × ${words}`,
    awaited: `exactly ${count} of ${words}, and no other for ${restNs / 1e6} ms`,
    wanted: [wanted],
    atLeastNs: restNs,
    start: () => ({ found: [], reachedNs: -1 }),
    step(state, event, view) {
      switch (event.type) {
        case 'ended': {
          const { operation } = event
          if (!view.after(operation) || operation.status === 'unfinished') return { state }
          if (judge(wanted, operation) !== 'match') return { state }
          const found = [...state.found, operation]
          if (found.length > count) {
            const reason = `${words} happened ${found.length} times, not ${count}`
            return { state: { ...state, found }, outcome: { kind: 'failed', why: 'impossible', reason } }
          }
          const reachedNs = found.length === count ? view.nowNs : -1
          return { state: { ...state, found, reachedNs }, wakeNs: view.nowNs + restNs }
        }
        case 'tick':
          return tick(count === 0 && state.reachedNs < 0 ? { ...state, reachedNs: view.beginNs } : state, view)
        case 'started':
        case 'answer':
        case 'mount':
          return { state }
        case 'stream-ended':
          if (view.trace !== 'log') return { state, outcome: noTrace }
          if (state.found.length === count && cleanExit(event.exit)) {
            return { state, outcome: done('trace', state.found, 'the log ended') }
          }
          return { state, outcome: ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }

  function tick(state: ExactlyState, view: View): Step<ExactlyState> {
    if (view.trace === 'none') return { state, outcome: noTrace }
    if (state.reachedNs >= 0) {
      const untilNs = state.reachedNs + restNs
      if (view.nowNs < untilNs) return { state, wakeNs: untilNs }
      // Nothing that was logged by now has been understood.
      if (view.trace === 'undecided') return { state, outcome: noTrace }
      // One that has begun may still become one too many.
      if (!mayFit(view, wanted)) return { state, outcome: done('trace', state.found) }
    }
    return { state }
  }
}

/** Whether an operation that is open after the mark may turn out to fit. */
export function mayFit(view: View, wanted: OperationMatch): boolean {
  // Where ends are inferred the last operation is always open.
  if (view.capabilities?.end === 'inferred') return false
  return view.openOperations().some((open) => view.after(open) && judgeAny([wanted], open) !== 'no')
}
