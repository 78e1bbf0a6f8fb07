import type { Outcome } from '../wait/engine/machine.js'
import type { ProbeAnswer, ProbeQuestion } from '../wait/engine/prober.js'
import type { FsState } from './fs-state.js'
import type { Scenario } from './scenario.js'

/** How far an operation has come. */
export const STARTED = 1
export const EFFECTIVE = 2
export const ENDED = 3

/** One situation. Never changed in place. */
export interface Node<S = unknown> {
  readonly progress: readonly number[]
  /** Lines at which operations started and ended. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly line: number
  readonly fsState: FsState
  /** What the log has shown, for a wait that is called later. */
  readonly log: readonly { readonly operation: number; readonly type: 'started' | 'ended' }[]
  readonly mark: number | null
  readonly over: 'stream-ended' | 'mount-lost' | null
  /** Null before the wait is called. */
  readonly machine: { readonly state: S; readonly outcome: Outcome | null } | null
  readonly question: ProbeQuestion | null
  /** What the probe found, when it was made. */
  readonly found: ProbeAnswer | null
  readonly nowNs: number
  readonly wakeNs: number | null
  /** Ticks since anything else happened. */
  readonly ticks: number
  readonly parent: Node<S> | null
  readonly label: string
}

export function first<S>(scenario: Scenario): Node<S> {
  const none = scenario.operations.map(() => -1)
  return {
    progress: scenario.operations.map(() => 0),
    starts: none,
    ends: none,
    line: 0,
    fsState: scenario.fsState ?? { paths: {}, attributes: [] },
    log: [],
    mark: null,
    over: null,
    machine: null,
    question: null,
    found: null,
    nowNs: 0,
    wakeNs: null,
    ticks: 0,
    parent: null,
    label: '',
  }
}

export function set(values: readonly number[], i: number, value: number): readonly number[] {
  return values.map((old, j) => (j === i ? value : old))
}

export function keyOf<S>(node: Node<S>): string {
  const { parent, label, ...rest } = node
  return JSON.stringify(rest)
}

export function traceOf<S>(node: Node<S>): string[] {
  const trace: string[] = []
  for (let at: Node<S> | null = node; at?.parent; at = at.parent) trace.unshift(at.label)
  const outcome = node.machine?.outcome
  if (outcome?.kind === 'done') {
    trace.push(`→ done by ${outcome.by} (${outcome.operations.map((one) => `${one.opcode} ${one.path}`).join(', ')})`)
  } else if (outcome) trace.push(`→ failed: ${outcome.why}`)
  else trace.push('→ still waiting')
  return trace
}
