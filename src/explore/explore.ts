import type { Machine } from '../wait/engine/machine.js'
import { answer, apply } from './fs-state.js'
import { judgeOutcome, judgeRest } from './invariants.js'
import { EFFECTIVE, ENDED, first, keyOf, type Node, STARTED, set, traceOf } from './node.js'
import { type LegacyScenario, modernScenario, type Scenario } from './scenario.js'
import { call, emit, feed, over } from './simulate.js'

/** An order of events in which a machine does wrong, the shortest there is. */
export interface Counterexample {
  /** The rule that was broken, in words. */
  readonly rule: string
  /** What happened, in order, a line each. */
  readonly trace: readonly string[]
}

/** What trying every order came to. */
export interface ExploreReport {
  /** Different situations tried. */
  readonly states: number
  /** Orders that came to an end. */
  readonly ends: number
  /** False when the bound was met first. */
  readonly complete: boolean
  /** One for each rule that was broken, the shortest. */
  readonly counterexamples: readonly Counterexample[]
}

/** Ticks in a row after which nothing more is expected of time alone. */
const MAX_TICKS = 4

/**
 * Tries every order of a scenario's events against a wait's machine: lines of parallel operations, the moment of their
 * effect, where the mark lies, when the wait is called, when probes are made and when their answers come, ticks, the end.
 * Deterministic, breadth first, so that a counterexample is a shortest one.
 */
export function explore<S>(make: () => Machine<S>, given: Scenario | LegacyScenario): ExploreReport {
  const scenario = modernScenario(given)
  const machine = make()
  const seen = new Set<string>()
  const wrong = new Map<string, Counterexample>()
  const limit = scenario.maxStates ?? 200_000
  let queue: Node<S>[] = [first(scenario)]
  let ends = 0
  const complain = (rule: string | null, node: Node<S>): void => {
    if (rule !== null && !wrong.has(rule)) wrong.set(rule, { rule, trace: traceOf(node) })
  }
  while (queue.length > 0 && seen.size < limit) {
    const next: Node<S>[] = []
    for (const node of queue) {
      if (node.machine?.outcome) {
        complain(judgeOutcome(scenario, node), node)
        ends++
        continue
      }
      const successors = expand(machine, scenario, node)
      // Time alone changes nothing any more, and nothing else can happen.
      if (successors.length === 0) {
        complain(judgeRest(scenario, node), node)
        ends++
      } else if (node.over && node.machine)
        complain('a wait fails at once when the stream ends or the mount is lost', node)
      for (const one of successors) {
        const key = keyOf(one)
        if (seen.has(key)) continue
        seen.add(key)
        next.push(one)
      }
    }
    queue = next
  }
  return { states: seen.size, ends, complete: queue.length === 0, counterexamples: [...wrong.values()] }
}

/** All that can happen next. */
function expand<S>(machine: Machine<S>, scenario: Scenario, node: Node<S>): Node<S>[] {
  const next: Node<S>[] = []
  const go = (label: string, change: Partial<Node<S>>): Node<S> => ({
    ...node,
    ticks: 0,
    ...change,
    parent: node,
    label,
  })
  const { operations } = scenario
  if (node.mark === null) next.push(go('mark', { mark: node.line }))
  if (node.mark !== null && node.machine === null) next.push(call(machine, scenario, go('the wait is called', {})))
  if (node.over === null) {
    for (const [i, operation] of operations.entries()) {
      const at = node.progress[i] ?? 0
      const done = set(node.progress, i, at + 1)
      const what = `${operation.opcode} ${operation.path ?? ''}${operation.newPath ? ` → ${operation.newPath}` : ''}`
      if (at === 0 && (operation.after === undefined || node.progress[operation.after] === ENDED)) {
        const log = [...node.log, { operation: i, type: 'started' as const }]
        const starts = set(node.starts, i, node.line)
        next.push(
          emit(machine, scenario, go(`line: ${what} starts`, { progress: done, starts, line: node.line + 1, log }), i),
        )
      } else if (at === STARTED) {
        const label = operation.fails ? `(the daemon fails ${what})` : `(the daemon does ${what})`
        const end = operation.shown === 'hidden' ? set(node.progress, i, ENDED) : done
        next.push(go(label, { progress: end, fsState: apply(node.fsState, operation) }))
      } else if (at === EFFECTIVE) {
        const log = [...node.log, { operation: i, type: 'ended' as const }]
        const ends = set(node.ends, i, node.line)
        next.push(
          emit(machine, scenario, go(`line: ${what} ends`, { progress: done, ends, line: node.line + 1, log }), i),
        )
      }
    }
    if (scenario.end !== undefined) next.push(over(machine, scenario, go(scenario.end, { over: scenario.end })))
  }
  if (node.question && node.found === null) {
    const found = scenario.probes === 'unknown' || node.over ? 'unknown' : answer(node.fsState, node.question)
    next.push(go('the file system is probed', { found, ticks: node.ticks }))
  } else if (node.question && node.found) {
    const { question, found } = node
    const reported = go(`its answer comes: ${found === 'unknown' ? found : found.value}`, {
      question: null,
      found: null,
      ticks: node.ticks,
    })
    next.push(feed(machine, scenario, reported, { type: 'answer', question, answer: found }))
  } else if (node.wakeNs !== null && node.machine && node.ticks < MAX_TICKS) {
    const nowNs = Math.max(node.nowNs, node.wakeNs)
    const later = go('time passes', { nowNs, wakeNs: null, ticks: node.ticks + 1 })
    next.push(feed(machine, scenario, later, { type: 'tick' }))
  }
  return next
}
