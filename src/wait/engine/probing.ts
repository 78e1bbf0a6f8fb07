import { FIRST_PAUSE_NS, nextPause, type Step, type View } from './machine.js'
import type { ProbeQuestion } from './prober.js'

/** What a machine that probes keeps of it: one question at a time, and growing pauses between them. */
export interface Probing {
  readonly asking: boolean
  /** No question before, ns. */
  readonly wakeNs: number
  readonly pauseNs: number
}

export const NOT_PROBING: Probing = { asking: false, wakeNs: 0, pauseNs: FIRST_PAUSE_NS }

/** Asks, unless a question is under way or its pause is not over yet. */
export function ask<S extends Probing>(state: S, question: ProbeQuestion, { nowNs }: View): Step<S> {
  if (state.asking) return { state }
  if (nowNs < state.wakeNs) return { state, wakeNs: state.wakeNs }
  return { state: { ...state, asking: true }, ask: question }
}

/** After an answer that did not satisfy: what is next is asked after a pause, and a longer one the next time. */
export function askLater<S extends Probing>(state: S, { nowNs }: View): Step<S> {
  const wakeNs = nowNs + state.pauseNs
  return { state: { ...state, asking: false, wakeNs, pauseNs: nextPause(state.pauseNs) }, wakeNs }
}
