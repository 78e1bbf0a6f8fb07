import { EFFECTIVE, ENDED, type Node } from './node.js'
import type { Scenario } from './scenario.js'

/** The rule that an outcome breaks; null when it is right. */
export function judgeOutcome(scenario: Scenario, node: Node): string | null {
  const outcome = node.machine?.outcome
  if (!outcome) return null
  if (outcome.kind === 'done') {
    if (outcome.operations.some((one) => one.lines[0] < (node.mark ?? 0))) return 'no stale match'
    // Whatever it went by: something that it is for has been done by now, and began after the mark.
    const real = scenario.operations.some((_, i) => counts(scenario, node, i) && (node.progress[i] ?? 0) >= EFFECTIVE)
    return real ? null : 'completion, not start'
  }
  if (outcome.why === 'impossible') return 'a wait that can still be satisfied does not give up'
  if (node.over !== outcome.why) return 'a wait that can still be satisfied does not give up'
  if (scenario.lasting && node.over === 'mount-lost') return null
  return shown(scenario, node) ? 'what the history holds satisfies a wait, also at the end' : null
}

/** The rule that a wait breaks which still waits when nothing more can happen. */
export function judgeRest(scenario: Scenario, node: Node): string | null {
  if (node.machine === null) return null
  if (node.over) return 'a wait fails at once when the stream ends or the mount is lost'
  const probes = scenario.probes !== 'unknown'
  const due = scenario.operations.some((operation, i) => {
    if (!counts(scenario, node, i) || node.progress[i] !== ENDED) return false
    if ((operation.shown ?? 'reply') === 'reply') return true
    // What another operation has changed back since cannot be seen any more.
    return probes ? visible(scenario, node, i) : operation.shown === 'inferred'
  })
  return due ? 'no lost wake-up' : null
}

/** Whether an operation succeeds, is what the wait is for, and started after the mark. */
function counts(scenario: Scenario, node: Node, i: number): boolean {
  const operation = scenario.operations[i]
  const { mark } = node
  if (!operation || operation.fails !== undefined || mark === null) return false
  const isAfter = (which: number): boolean => (node.starts[which] ?? -1) >= mark
  return isAfter(i) && scenario.satisfies(operation, isAfter)
}

/** Whether the log showed, before its end, that something was done that the wait is for. */
function shown(scenario: Scenario, node: Node): boolean {
  return scenario.operations.some((operation, i) => {
    return counts(scenario, node, i) && (operation.shown ?? 'reply') === 'reply' && node.progress[i] === ENDED
  })
}

/** Whether no other operation came after it on the same path. */
function visible(scenario: Scenario, node: Node, i: number): boolean {
  const path = scenario.operations[i]?.path
  return !scenario.operations.some((other, j) => j !== i && other.path === path && (node.starts[j] ?? -1) >= 0)
}
