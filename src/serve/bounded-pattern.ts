import { setFlagsFromString } from 'node:v8'
import { createContext, Script } from 'node:vm'
import { FusetraceError } from '../errors.js'

/** Longest that a pattern may take on one line. */
const MAX_MS = 200

/**
 * A client's pattern. Whoever waits on a line must not stop the monitor of all: where a pattern such as `(a+)+$` would try without
 * end, V8 goes over to its engine that takes linear time; patterns which that does not know are given a time for each line.
 *
 * @throws SyntaxError when it is no pattern
 */
export function boundedPattern(source: string): RegExp {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
  const pattern = new RegExp(source)
  pattern.test('')
  return isLinear(source) ? pattern : new TimedPattern(source)
}

/** Whether the linear engine knows all of it: no lookaround, no references back. */
function isLinear(source: string): boolean {
  setFlagsFromString('--enable-experimental-regexp-engine')
  try {
    new RegExp(source, 'l')
    return true
  } catch {
    return false
  } finally {
    setFlagsFromString('--no-enable-experimental-regexp-engine')
  }
}

const TEST: Script = new Script('pattern.test(text)')

/** @throws FT_USAGE from `test`, when it takes too long */
class TimedPattern extends RegExp {
  override test(text: string): boolean {
    const context = createContext({ pattern: new RegExp(this.source), text })
    try {
      return TEST.runInContext(context, { timeout: MAX_MS }) as boolean
    } catch {
      throw new FusetraceError('FT_USAGE', `${this} takes more than ${MAX_MS} ms on a line of the log`, {
        hint: 'say what it looks for without lookaround and references back, or without repetitions in repetitions',
      })
    }
  }
}
