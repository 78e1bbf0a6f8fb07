import type { Capabilities } from '../../../src/dialect/core/dialect.js'
import type { Exit, MountPhase } from '../../../src/monitor/monitor.js'
import type { Operation } from '../../../src/operation/operation.js'
import type { Machine, Step, View, WaitEvent } from '../../../src/wait/engine/machine.js'
import type { ProbeAnswer, ProbeFinding, ProbeQuestion } from '../../../src/wait/engine/prober.js'
import { silent, tiny } from '../../replay/tiny.js'

export const REPLIES: Capabilities = tiny.capabilities
export const INFERRED: Capabilities = silent.capabilities

/** What a machine may know, to be changed by a test as it goes. */
export interface Facts {
  nowMs: number
  trace: View['trace']
  canProbe: boolean
  capabilities: Capabilities | null
  phases: Map<MountPhase, number>
  /** Opcodes that the log has shown. */
  shown: Set<string>
  open: Operation[]
  /** What the history holds from before the mark has done it already. */
  before: boolean
}

/** An operation that ended well, but for what is changed. `old`: it began before the mark. */
export function op(opcode: string, path: string | null, change: Partial<Operation> & { old?: true } = {}): Operation {
  const { old, ...rest } = change
  return {
    id: old ? -1 : 1,
    opcode,
    path,
    unique: null,
    newPath: null,
    name: null,
    startNs: 0,
    endNs: 0,
    endedBy: 'reply',
    status: 'ok',
    errno: null,
    pid: null,
    lines: [0, 0],
    ...rest,
  }
}

/** A machine whose driver is the test: what it answers to each event is what it would have a driver do. */
export function byHand<S>(machine: Machine<S>, change: Partial<Facts> = {}) {
  const facts: Facts = {
    nowMs: 0,
    trace: 'log',
    canProbe: true,
    capabilities: REPLIES,
    phases: new Map(),
    shown: new Set(),
    open: [],
    before: false,
    ...change,
  }
  const view: View = {
    mark: { name: 'begin', line: 0, atNs: 0 },
    beginNs: 0,
    get nowNs() {
      return facts.nowMs * 1e6
    },
    get trace() {
      return facts.trace
    },
    get capabilities() {
      return facts.capabilities
    },
    get canProbe() {
      return facts.canProbe
    },
    get phases() {
      return facts.phases
    },
    get rungs() {
      return facts.phases
    },
    after: ({ id }) => id >= 0,
    shows: (opcode) => facts.shown.has(opcode),
    openOperations: () => facts.open,
    doneBefore: () => facts.before,
  }
  let state = machine.start()
  let asked: ProbeQuestion | undefined
  const feed = (event: WaitEvent): Omit<Step<S>, 'state'> => {
    const { state: next, ...rest } = machine.step(state, event, view)
    state = next
    if (rest.ask) asked = rest.ask
    return rest
  }
  return {
    facts,
    view,
    get state() {
      return state
    },
    started: (operation: Operation) => feed({ type: 'started', operation }),
    ended: (operation: Operation) => feed({ type: 'ended', operation }),
    /** Time comes to `ms`. */
    tick(ms = facts.nowMs) {
      facts.nowMs = ms
      return feed({ type: 'tick' })
    },
    /** The answer to what was asked last. */
    answer(value: ProbeFinding['value'] | 'unknown', errno: string | null = null) {
      if (asked === undefined) throw new Error('nothing was asked')
      const answer: ProbeAnswer = value === 'unknown' ? value : { value, errno }
      return feed({ type: 'answer', question: asked, answer })
    },
    phase: (phase: MountPhase) => {
      facts.phases.set(phase, 0)
      return feed({ type: 'mount', phase, rung: phase, detail: null })
    },
    exits: (exit: Exit | null = { code: 0, signal: null }) => feed({ type: 'stream-ended', exit }),
    lost: () => feed({ type: 'mount-lost', reason: 'it is gone' }),
  }
}

export const KILLED: Exit = { code: null, signal: 'SIGKILL' }
