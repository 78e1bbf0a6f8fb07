import { done, ended, FIRST_PAUSE_NS, type Machine, type View } from '../engine/machine.js'
import { ask, askLater, NOT_PROBING, type Probing } from '../engine/probing.js'

export interface UntilState extends Probing {
  /** Something ended while a question was under way: its answer may be older. */
  readonly again: boolean
}

/** A user's own probe: true, or any other truthy value, when all is well. What it throws ends the wait. */
export type Probe<T> = () => T | Promise<T>

/** Asked at once, after every operation that ends, and at growing intervals. `taken` gets the value that satisfied it. */
export function until<T>(probe: Probe<T>, taken: (value: T) => void = () => undefined): Machine<UntilState> {
  const question = { probe: 'user' } as const
  return {
    name: 'until',
    subject: probe.name || 'a probe',
    awaited: `${probe.name || 'the given probe'} says yes`,
    start: () => ({ ...NOT_PROBING, again: false }),
    async probe() {
      const value = await probe()
      if (value) taken(value)
      return { value: Boolean(value), errno: null }
    },
    step(state, event, view) {
      switch (event.type) {
        case 'ended':
          if (state.asking) return { state: { ...state, again: true } }
          // Not while the history is replayed to it.
          return { state: { ...state, wakeNs: view.nowNs, pauseNs: FIRST_PAUSE_NS }, wakeNs: view.nowNs }
        case 'tick':
          return ask(state, question, view)
        case 'answer': {
          if (event.answer !== 'unknown' && event.answer.value === true) return { state, outcome: done(by(view), []) }
          if (state.again) return { state: { ...state, again: false }, ask: question }
          return askLater(state, view)
        }
        case 'started':
        case 'mount':
          return { state }
        case 'stream-ended':
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

function by(view: View): 'probe' | 'poll' {
  return view.trace === 'log' ? 'probe' : 'poll'
}
