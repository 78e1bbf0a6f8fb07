import { cleanExit, done, ended, type Machine, type Step, type View } from '../engine/machine.js'

/** Of `idle`. */
export interface IdleOptions {
  /**
   * Milliseconds in which nothing may happen.
   * @default 100
   */
  forMs?: number
}

export interface IdleState {
  /** When something last happened, or the wait began. */
  readonly lastNs: number
  readonly asking: boolean
}

const INFERRED = 'this log shows no ends: only that no request came is known'

/** Nothing is in flight and nothing comes, for a time that counts from the call at the earliest. */
export function idle(options: IdleOptions = {}): Machine<IdleState> {
  const restNs = (options.forMs ?? 100) * 1e6
  return {
    name: 'idle',
    subject: `${restNs / 1e6} ms`,
    awaited: `nothing is in flight for ${restNs / 1e6} ms`,
    atLeastNs: restNs,
    start: () => ({ lastNs: -1, asking: false }),
    step(state, event, view) {
      switch (event.type) {
        case 'started':
        case 'ended':
          return { state: { ...state, lastNs: Math.max(view.nowNs, view.beginNs) }, wakeNs: view.nowNs + restNs }
        case 'tick':
          return tick(state, view)
        case 'answer': {
          if (event.question.probe === 'answers') {
            const rested = { ...state, asking: false }
            if (view.nowNs < state.lastNs + restNs) return { state: rested, wakeNs: state.lastNs + restNs }
            return { state: rested, outcome: done('trace', [], INFERRED) }
          }
          const busy = event.answer !== 'unknown' && typeof event.answer.value === 'number' && event.answer.value > 0
          const lastNs = busy ? view.nowNs : Math.max(state.lastNs, view.beginNs)
          const next = { lastNs, asking: false }
          if (view.nowNs >= lastNs + restNs) {
            const note =
              event.answer === 'unknown' ? 'no trace, and requests in flight could not be counted' : undefined
            return { state: next, outcome: done('poll', [], note) }
          }
          return { state: next, wakeNs: Math.min(view.nowNs + 10e6, lastNs + restNs) }
        }
        case 'mount':
          return { state }
        case 'stream-ended':
          if (cleanExit(event.exit) && view.openOperations().length === 0) {
            return { state, outcome: done('trace', [], 'the log ended') }
          }
          return { state, outcome: ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }

  function tick(state: IdleState, view: View): Step<IdleState> {
    if (state.asking) return { state }
    const lastNs = Math.max(state.lastNs, view.beginNs)
    const next = { ...state, lastNs }
    // Until something is understood, a log may be silence.
    if (view.trace !== 'log') return { state: { ...next, asking: true }, ask: { probe: 'inFlight' } }
    const inferred = view.capabilities?.end === 'inferred'
    if (!inferred && view.openOperations().length > 0)
      return { state: { ...next, lastNs: view.nowNs }, wakeNs: view.nowNs + restNs }
    if (view.nowNs < lastNs + restNs) return { state: next, wakeNs: lastNs + restNs }
    // A request of our own brings about the end of what is open, and says that the daemon still answers.
    if (inferred && view.canProbe && view.openOperations().length > 0)
      return { state: { ...next, asking: true }, ask: { probe: 'answers' } }
    return { state: next, outcome: done('trace', [], inferred ? INFERRED : undefined) }
  }
}
