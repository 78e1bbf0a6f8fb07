import { cleanExit, done, ended, type Machine, type Step, type View } from '../engine/machine.js'
import { describeMatch, judge, type Match, toMatch } from '../engine/match.js'
import { mayFit } from './exactly.js'
import { noTrace } from './operations.js'

/** Of `never`. */
export interface NeverOptions {
  /**
   * Milliseconds from the call in which it must not happen.
   * @default 100
   */
  during?: number
}

/**
 * No operation that fits starts after the mark, from the mark to the end of the time. Fails at the first one. A failed
 * operation has happened too: ask for `status: 'ok'` to allow failures.
 */
export function never(match: Match, options: NeverOptions = {}): Machine<null> {
  const wanted = toMatch(match)
  const duringNs = (options.during ?? 100) * 1e6
  const words = describeMatch(wanted)
  const happened = (operation: { id: number }): Step<null> => ({
    state: null,
    outcome: { kind: 'failed', why: 'impossible', reason: `${words} must not happen, and did (#${operation.id})` },
  })
  return {
    name: 'never',
    subject: words,
    awaited: `no ${words} for ${duringNs / 1e6} ms`,
    wanted: [wanted],
    atLeastNs: duringNs,
    start: () => null,
    step(state, event, view) {
      switch (event.type) {
        case 'started':
        case 'ended': {
          const { operation } = event
          return view.after(operation) && judge(wanted, operation) === 'match' ? happened(operation) : { state }
        }
        case 'tick':
          return tick(view)
        case 'answer':
        case 'mount':
          return { state }
        case 'stream-ended':
          if (view.trace !== 'log') return { state, outcome: noTrace }
          if (cleanExit(event.exit)) return { state, outcome: done('trace', [], 'the log ended') }
          return { state, outcome: ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }

  function tick(view: View): Step<null> {
    if (view.trace === 'none') return { state: null, outcome: noTrace }
    const untilNs = view.beginNs + duringNs
    if (view.nowNs < untilNs) return { state: null, wakeNs: untilNs }
    // Nothing that was logged by now has been understood.
    if (view.trace === 'undecided') return { state: null, outcome: noTrace }
    const fits = view.openOperations().find((open) => view.after(open) && judge(wanted, open) === 'match')
    if (fits) return happened(fits)
    // One that has begun may turn out to be it: its end decides.
    return mayFit(view, wanted)
      ? { state: null, wakeNs: view.nowNs + 10e6 }
      : { state: null, outcome: done('trace', []) }
  }
}
