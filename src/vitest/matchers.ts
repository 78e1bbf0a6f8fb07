import { printableLines } from '../line/text.js'
import type { FaultHandle } from '../live/faults.js'
import type { MonitorView } from '../monitor/monitor.js'
import { describeMatch, judge, type Match, type OperationMatch, toMatch } from '../wait/engine/match.js'
import { brief } from '../wait/explain/explain.js'
import { type FormatOptions, toMatchFormatOf } from './match-format-of.js'
import { allOperations, explainMissing } from './missing.js'
import { needTrace } from './untraced.js'

interface MatcherResult {
  pass: boolean
  message: () => string
}

/** The matchers may be asked of a monitor, or of what has one (a session, a fixture). */
function monitorOf(received: unknown): MonitorView {
  const given = received as Partial<MonitorView> & { monitor?: MonitorView }
  const monitor = typeof given?.recentOperations === 'function' ? (given as MonitorView) : given?.monitor
  if (typeof monitor?.recentOperations !== 'function') {
    throw new TypeError('this matcher is for a monitor: write expect(monitor)')
  }
  needTrace(monitor)
  return monitor
}

function toHaveCompleted(received: unknown, wanted: Match): MatcherResult {
  const monitor = monitorOf(received)
  const match = toMatch(wanted)
  const operations = allOperations(monitor)
  const found = operations.find(
    (operation) => operation.endNs !== null && operation.status !== 'error' && judge(match, operation) === 'match',
  )
  return {
    pass: found !== undefined,
    message: () =>
      found
        ? `expected no completed ${describeMatch(match)}, but there is ${brief(found)}`
        : explainMissing(monitor, 'a completed operation', match, { successOnly: true }),
  }
}

function toHaveFailed(received: unknown, wanted: Match): MatcherResult {
  const monitor = monitorOf(received)
  const match: OperationMatch = toMatch(wanted)
  const operations = allOperations(monitor)
  const failed: OperationMatch = { ...match, status: 'error' }
  const found = operations.find((operation) => judge(failed, operation) === 'match')
  return {
    pass: found !== undefined,
    message: () =>
      found
        ? `expected no failed ${describeMatch(match)}, but there is ${brief(found)}`
        : explainMissing(monitor, 'a failed operation', failed, { successOnly: false }),
  }
}

function toHaveHappenedInOrder(received: unknown, wanted: readonly Match[]): MatcherResult {
  const monitor = monitorOf(received)
  const operations = allOperations(monitor)
  const matches = wanted.map(toMatch)
  let from = 0
  let missing: OperationMatch | undefined
  for (const match of matches) {
    const at = operations.findIndex((operation, i) => i >= from && judge(match, operation) === 'match')
    if (at < 0) {
      missing = match
      break
    }
    from = at + 1
  }
  const inOrder = matches.map(describeMatch).join(', then ')
  return {
    pass: missing === undefined,
    message: () => {
      if (missing === undefined) return `expected these not to happen in this order: ${inOrder}`
      const earlier = operations.slice(0, from).findLast((operation) => judge(missing, operation) === 'match')
      const after = from === 0 ? 'at the begin' : `after ${brief(operations[from - 1] as never)}`
      const what = `in this order: ${inOrder}; missing ${after}`
      const lines = [explainMissing(monitor, what, missing, { successOnly: false })]
      if (earlier) lines.push(`it happened before: ${brief(earlier)}`)
      return lines.join('\n')
    },
  }
}

function toHaveSettled(received: unknown): MatcherResult {
  const open = monitorOf(received).openOperations()
  return {
    pass: open.length === 0,
    message: () =>
      open.length === 0
        ? 'expected operations to be in flight, there is none'
        : `expected nothing in flight, these are still open:\n${open.map((o) => `  ${brief(o)}`).join('\n')}`,
  }
}

function toHaveFired(received: unknown, times?: number): MatcherResult {
  const { text, fired } = (received ?? {}) as Partial<FaultHandle>
  if (text === undefined || fired === undefined) {
    throw new TypeError('this matcher is for a fault: write expect(mount.fault(…)) or expect(gate)')
  }
  const by = fired.map(({ opcode, path, unique }) => `  ${opcode} ${path ?? ''} (request ${unique})`).join('\n')
  return {
    pass: times === undefined ? fired.length > 0 : fired.length === times,
    message: () =>
      fired.length === 0
        ? `not fired: ${text}; no request was like that`
        : `${text}: fired ${fired.length} times${times === undefined ? '' : `, not ${times}`}, at\n${by}`,
  }
}

/** What a matcher says holds names of files and of tests: it is printed by whoever reports it. */
function printed<A extends unknown[]>(matcher: (...args: A) => MatcherResult): (...args: A) => MatcherResult {
  return (...args) => {
    const { pass, message } = matcher(...args)
    return { pass, message: () => printableLines(message()) }
  }
}

/** The matchers, for `expect.extend`. */
export const matchers: {
  toHaveCompleted: typeof toHaveCompleted
  toHaveFailed: typeof toHaveFailed
  toHaveHappenedInOrder: typeof toHaveHappenedInOrder
  toHaveFired: typeof toHaveFired
  toHaveSettled: typeof toHaveSettled
  toMatchFormatOf: typeof toMatchFormatOf
} = {
  toHaveCompleted: printed(toHaveCompleted),
  toHaveFailed: printed(toHaveFailed),
  toHaveHappenedInOrder: printed(toHaveHappenedInOrder),
  toHaveFired: printed(toHaveFired),
  toHaveSettled: printed(toHaveSettled),
  toMatchFormatOf: printed(toMatchFormatOf),
}

/** Assertions on a monitor. */
export interface TraceMatchers<R = unknown> {
  /** An operation that fits has ended and did not fail. */
  toHaveCompleted(match: Match): R
  /** An operation that fits has failed. */
  toHaveFailed(match: Match): R
  /** Operations that fit have started in this order; others may lie between. */
  toHaveHappenedInOrder(matches: readonly Match[]): R
  /** Of a fault or a gate: a request has met it (so many times, where a number is given). */
  toHaveFired(times?: number): R
  /** No operation is in flight. */
  toHaveSettled(): R
  /**
   * Of a log (text, bytes, lines, or a monitor): nothing that a wait or a field depends on is written in another way than
   * in the recording at this path (seen from the working directory).
   */
  toMatchFormatOf(recording: string, options?: FormatOptions): R
}
