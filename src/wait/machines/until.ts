import { done, ended, FIRST_PAUSE_NS, type Machine, nextPause, type View } from '../engine/machine.js'

export interface UntilState {
  readonly asking: boolean
  readonly again: boolean
  readonly wakeNs: number
  readonly pauseNs: number
}

/** A user's own probe: true, or any other truthy value, when all is well. What it throws ends the wait. */
export type Probe<T> = () => T | Promise<T>

/** Asked at once, after every operation that ends, and at growing intervals. `taken` gets the value that satisfied it. */
export function until<T>(probe: Probe<T>, taken: (value: T) => void = () => undefined): Machine<UntilState> {
  const ask = { probe: 'user' } as const
  return {
    name: 'until',
    subject: probe.name || 'a probe',
    awaited: `${probe.name || 'the given probe'} says yes`,
    start: () => ({ asking: false, again: false, wakeNs: 0, pauseNs: FIRST_PAUSE_NS }),
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
          if (state.asking) return { state }
          if (view.nowNs < state.wakeNs) return { state, wakeNs: state.wakeNs }
          return { state: { ...state, asking: true, again: false }, ask }
        case 'answer': {
          const idle = { ...state, asking: false }
          if (event.answer !== 'unknown' && event.answer.value === true)
            return { state: idle, outcome: done(by(view), []) }
          if (state.again) return { state: { ...state, asking: true, again: false }, ask }
          const wakeNs = view.nowNs + state.pauseNs
          return { state: { ...idle, wakeNs, pauseNs: nextPause(state.pauseNs) }, wakeNs }
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
