import { ALL_CAPABILITIES } from '../dialect/core/capabilities.js'
import type { Capabilities } from '../dialect/core/dialect.js'
import type { Operation } from '../operation/operation.js'
import type { Machine, View, WaitEvent } from '../wait/engine/machine.js'
import type { ModelOperation } from './fs-state.js'
import type { Node } from './node.js'
import type { Scenario } from './scenario.js'

const CAPABILITIES: Capabilities = { ...ALL_CAPABILITIES, pid: false }

/** The machine is given an operation's latest line. */
export function emit<S>(machine: Machine<S>, scenario: Scenario, node: Node<S>, operation: number): Node<S> {
  const type = node.ends[operation] === -1 ? 'started' : 'ended'
  return feed(machine, scenario, node, { type, operation: operationOf(scenario, node, operation, type) })
}

/** The wait is called: it is given the history since the mark, then what is now. */
export function call<S>(machine: Machine<S>, scenario: Scenario, before: Node<S>): Node<S> {
  let node: Node<S> = { ...before, machine: { state: machine.start(), outcome: null } }
  for (const { operation, type } of node.log) {
    if ((node.starts[operation] ?? -1) < (node.mark ?? 0)) continue
    node = feed(machine, scenario, node, { type, operation: operationOf(scenario, node, operation, type) })
  }
  return node.over ? over(machine, scenario, node) : feed(machine, scenario, node, { type: 'tick' })
}

/** The machine is given the end. */
export function over<S>(machine: Machine<S>, scenario: Scenario, node: Node<S>): Node<S> {
  // What is open never ends: the daemon was killed in the middle of it, whether or not it had been done.
  let cut = node
  for (const [i] of scenario.operations.entries()) {
    if ((node.starts[i] ?? -1) < (node.mark ?? 0) || node.starts[i] === -1 || node.ends[i] !== -1) continue
    const operation = { ...operationOf(scenario, node, i, 'started'), endNs: null, endedBy: null }
    cut = feed(machine, scenario, cut, { type: 'ended', operation })
  }
  return feed(
    machine,
    scenario,
    cut,
    node.over === 'mount-lost' ? { type: 'mount-lost', reason: 'killed' } : { type: 'stream-ended', exit: null },
  )
}

/** The machine takes an event. */
export function feed<S>(machine: Machine<S>, scenario: Scenario, node: Node<S>, event: WaitEvent): Node<S> {
  if (node.machine === null || node.machine.outcome !== null) return node
  const step = machine.step(node.machine.state, event, viewOf(scenario, node))
  const asks = step.ask && node.question === null
  return {
    ...node,
    machine: { state: step.state, outcome: step.outcome ?? null },
    question: asks ? (step.ask ?? null) : node.question,
    found: asks ? null : node.found,
    wakeNs: step.wakeNs === undefined ? node.wakeNs : Math.min(step.wakeNs, node.wakeNs ?? Number.POSITIVE_INFINITY),
  }
}

function viewOf<S>(scenario: Scenario, node: Node<S>): View {
  const mark = { name: 'mark', line: node.mark ?? 0, atNs: 0 }
  const shown = scenario.operations.every((operation) => (operation.shown ?? 'reply') === 'reply')
  return {
    mark,
    nowNs: node.nowNs,
    beginNs: 0,
    trace: 'log',
    capabilities: shown ? CAPABILITIES : { ...CAPABILITIES, end: 'inferred' },
    canProbe: true,
    phases: new Map(),
    rungs: new Map(),
    after: (operation) => operation.lines[0] >= mark.line,
    shows: (opcode) =>
      scenario.operations.some((operation, i) => operation.opcode === opcode && (node.starts[i] ?? -1) >= 0),
    // In a scenario the log shows all that happens: nothing is there in another way.
    doneBefore: () => true,
    openOperations: () =>
      scenario.operations.flatMap((_, i) =>
        (node.starts[i] ?? -1) >= 0 && node.ends[i] === -1 ? [operationOf(scenario, node, i, 'started')] : [],
      ),
  }
}

function operationOf<S>(scenario: Scenario, node: Node<S>, i: number, type: 'started' | 'ended'): Operation {
  const operation = scenario.operations[i] as ModelOperation
  const isEnd = type === 'ended'
  const shown = operation.shown ?? 'reply'
  const outcome = shown !== 'reply' ? 'unknown' : operation.fails === undefined ? 'ok' : 'error'
  const start = node.starts[i] ?? 0
  return {
    id: scenario.operations.map((_, j) => node.starts[j] ?? -1).filter((line) => line >= 0 && line < start).length,
    opcode: operation.opcode,
    unique: 2 * i + 2,
    path: operation.path ?? null,
    newPath: operation.newPath ?? null,
    name: operation.name ?? null,
    startNs: start,
    endNs: isEnd ? (node.ends[i] ?? 0) : null,
    endedBy: isEnd ? (shown === 'reply' ? 'reply' : 'next-request') : null,
    status: isEnd ? outcome : 'unfinished',
    errno: isEnd && outcome === 'error' ? (operation.fails ?? null) : null,
    pid: null,
    lines: [start, isEnd ? (node.ends[i] ?? start) : start],
  }
}
