import { FLUSHES, OPENS, WRITES } from '../../operation/effects.js'
import type { Operation } from '../../operation/operation.js'
import { normalPath } from '../../path-pattern.js'
import { done, ended, FIRST_PAUSE_NS, type Machine, type Step, UNDECIDED_NS, type View } from '../engine/machine.js'
import { judge, type OperationMatch } from '../engine/match.js'
import type { ProbeQuestion } from '../engine/prober.js'
import { ask, askLater, NOT_PROBING, type Probing } from '../engine/probing.js'
import { releasesHidden } from './checks.js'

const LASTS = [...WRITES, ...FLUSHES]

/** What a file's last operation is known by. */
const LAST_ONES = ['flush', 'release']

/**
 * Where releases are not logged: how long nothing more must come after a flush, or after another last operation, where nobody
 * can say whether the file is still open.
 */
const AFTER_FLUSH_NS = 20e6
const AFTER_WRITE_NS = 100e6

export interface WriteState extends Probing {
  /** Opens after the mark that have not been released. */
  readonly opens: number
  /** The same of all files. */
  readonly allOpens: number
  /** A release of which the log does not show whose it was. */
  readonly perhaps: Operation | null
  /** All have been released, this file's perhaps by that one. */
  readonly unsure: boolean
  readonly written: Operation | null
  /** The latest write or flush, whether its end was seen, and when it was seen. */
  readonly last: { readonly operation: Operation; readonly ended: boolean; readonly seenNs: number } | null
  /** The size that a poll found last. */
  readonly size: number | null
  /** Whether somebody had the file open, as the latest probe found; null when nobody can say. */
  readonly held: boolean | null
}

const NO_RELEASE = 'this log shows no RELEASE: taken from the last write or flush'

const UNSURE = 'the log does not tell whose RELEASE it was: all that was opened since has been released'

/**
 * Writing to a file is done: after its RELEASE (every open since the mark released, so that a reader's does not count for
 * the writer's) where the log shows them, else after the last write or flush.
 */
export function writeComplete(name: string): Machine<WriteState> {
  const path = normalPath(name)
  const is = (opcode: readonly string[]): OperationMatch => ({ opcode, path })
  const wanted: OperationMatch[] = [{ opcode: 'release', path }]
  return {
    name: 'writeComplete',
    subject: path,
    awaited: `${path} is written and released`,
    wanted: [...wanted, is(['write', 'create', 'flush'])],
    successOnly: true,
    start: () => ({
      ...NOT_PROBING,
      opens: 0,
      allOpens: 0,
      perhaps: null,
      unsure: false,
      written: null,
      last: null,
      size: null,
      held: false,
    }),
    step(state, event, view) {
      switch (event.type) {
        case 'started': {
          const { operation } = event
          if (!view.after(operation) || !releasesHidden(view) || view.capabilities?.end !== 'inferred') return { state }
          return judge(is(LASTS), operation) === 'match' ? saw(state, operation, false, view) : { state }
        }
        case 'ended': {
          const { operation } = event
          if (!view.after(operation) || operation.status === 'unfinished' || operation.status === 'error')
            return { state }
          const next = { ...state, ...countAll(state, operation) }
          if (judge(is(OPENS), operation) === 'match') next.opens++
          if (judge(is(WRITES), operation) === 'match') next.written = operation
          if (judge(is(['release']), operation) === 'match') {
            next.opens = Math.max(0, next.opens - 1)
            if (next.opens > 0 || next.written === null) return { state: next }
            return { state: next, outcome: done('trace', [next.written, operation], inferredNote(operation)) }
          }
          if (next.written !== null && judge(is(['release']), operation) === 'maybe') next.perhaps = operation
          if (next.perhaps !== null && operation.opcode === 'release' && next.allOpens === 0)
            return saw({ ...next, unsure: true }, next.perhaps, true, view)
          return judge(is(LASTS), operation) === 'no' ? { state: next } : saw(next, operation, true, view)
        }
        case 'tick':
          return tick(state, view, path)
        case 'answer': {
          const value = event.answer === 'unknown' ? 'unknown' : event.answer.value
          return answered({ ...state, asking: false }, event.question, value, view)
        }
        case 'mount':
          return { state }
        case 'stream-ended':
          if (state.last?.ended && state.written && (state.unsure || releasesHidden(view))) {
            const note = state.unsure ? UNSURE : NO_RELEASE
            return { state, outcome: done('trace', both(state.written, state.last.operation), note) }
          }
          return { state, outcome: ended(event) }
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

/** Opens of all files, for logs that do not show which file a release is of. */
function countAll({ allOpens, unsure }: WriteState, { opcode }: Operation): Pick<WriteState, 'allOpens' | 'unsure'> {
  if (OPENS.includes(opcode)) return { allOpens: allOpens + 1, unsure: false }
  return { allOpens: opcode === 'release' ? Math.max(0, allOpens - 1) : allOpens, unsure }
}

function both(written: Operation | null, last: Operation): readonly Operation[] {
  return written && written !== last ? [written, last] : [last]
}

function inferredNote(operation: Operation): string | undefined {
  const inferred = operation.endedBy === 'last-event' || operation.endedBy === 'next-request'
  return inferred ? `the end of its RELEASE was inferred (${operation.endedBy})` : undefined
}

function saw(state: WriteState, operation: Operation, isEnd: boolean, view: View): Step<WriteState> {
  const last = { operation, ended: isEnd, seenNs: view.nowNs }
  const restNs = LAST_ONES.includes(operation.opcode) ? AFTER_FLUSH_NS : AFTER_WRITE_NS
  const wakeNs = view.nowNs + (state.held === null ? restNs : state.held ? state.pauseNs : 0)
  // While a process holds the file, the pauses go on growing.
  return { state: { ...state, last, wakeNs, pauseNs: state.held ? state.pauseNs : FIRST_PAUSE_NS }, wakeNs }
}

function tick(state: WriteState, view: View, path: string): Step<WriteState> {
  const polling = view.trace === 'none' || view.trace === 'undecided'
  if (polling && !view.canProbe && view.trace === 'none') {
    const reason = 'there is no trace, and nobody can look at the file system'
    return { state, outcome: { kind: 'failed', why: 'impossible', reason } }
  }
  if (view.trace === 'undecided' && view.nowNs < view.beginNs + UNDECIDED_NS) {
    return { state, wakeNs: view.beginNs + UNDECIDED_NS }
  }
  if (polling) return ask(state, { probe: 'size', path }, view)
  if (!mayBeDone(state, view)) return { state }
  return ask(state, { probe: state.held === null ? 'size' : 'handles', path }, view)
}

/** Whether what has been seen could be all, and no release will say so. */
function mayBeDone(state: WriteState, view: View): boolean {
  return state.last !== null && (state.unsure || releasesHidden(view))
}

function answered(state: WriteState, { probe }: ProbeQuestion, value: unknown, view: View): Step<WriteState> {
  if (view.trace !== 'log') return polled(state, probe, value, view)
  // Something came in meanwhile, or releases are shown after all.
  const { last } = state
  if (last === null || !mayBeDone(state, view) || view.nowNs < state.wakeNs) return { state, wakeNs: state.wakeNs }
  const later = askLater(state, view)
  const operations = both(state.written, last.operation)
  const note = state.unsure ? UNSURE : NO_RELEASE
  if (probe === 'handles') {
    if (typeof value !== 'number') {
      const restNs = LAST_ONES.includes(last.operation.opcode) ? AFTER_FLUSH_NS : AFTER_WRITE_NS
      const restedNs = Math.max(view.nowNs, last.seenNs + restNs)
      return { state: { ...state, held: null, wakeNs: restedNs }, wakeNs: restedNs }
    }
    if (value > 0) return { ...later, state: { ...later.state, held: true } }
    // Closed; the request of our own that comes with this answer came after whatever closing does.
    return { state, outcome: done('probe', operations, `${note}, and nobody has it open`) }
  }
  if (typeof value === 'number') return { state, outcome: done('probe', operations, note) }
  if (value === 'unknown' && last.ended) return { state, outcome: done('trace', operations, note) }
  return later
}

/** Without a log: a size that rests, when nothing is on its way to the daemon. */
function polled(state: WriteState, probe: ProbeQuestion['probe'], value: unknown, view: View): Step<WriteState> {
  const later = askLater(state, view)
  // A size that rests may be that of a file whose content is on its way.
  if (probe === 'inFlight') return Number(value) > 0 ? later : { state, outcome: done('poll', []) }
  if (typeof value !== 'number') return { ...later, state: { ...later.state, size: null } }
  if (value === state.size && state.pauseNs >= 32e6)
    return { state: { ...state, asking: true }, ask: { probe: 'inFlight' } }
  // A size that still changes is watched anew.
  const pauseNs = value === state.size ? later.state.pauseNs : FIRST_PAUSE_NS
  return { ...later, state: { ...later.state, size: value, pauseNs } }
}
