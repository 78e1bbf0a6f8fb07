import type { Operation } from '../../operation/operation.js'
import {
  done,
  ended,
  FIRST_PAUSE_NS,
  type Machine,
  NO_TRACE,
  nextPause,
  type Step,
  UNDECIDED_NS,
  type View,
  type WaitEvent,
} from '../engine/machine.js'
import { judgeAny, type OperationMatch, type Verdict } from '../engine/match.js'
import type { ProbeFinding, ProbeQuestion } from '../engine/prober.js'

/** A probe, and the finding that confirms. */
export interface Check {
  readonly question: ProbeQuestion
  confirms(value: ProbeFinding['value']): boolean
}

/** A wait for something that an operation does to the file system, and that a probe can confirm. */
export interface EffectSpec {
  readonly name: string
  readonly subject: string
  readonly awaited: string
  /** Operations that bring it about. */
  readonly causes: readonly OperationMatch[]
  /** Operations that undo it: one of these after a cause says that the cause was done. */
  readonly undoes?: readonly OperationMatch[]
  /** Failed operations count too, and an end is enough however it is known. */
  readonly anyOutcome?: boolean
  /** Causes that are not believed without a probe. */
  readonly confirmAlways?: (operation: Operation) => boolean
  /** Causes that want a probe, and are believed where none can be made. */
  readonly needsProbe?: (operation: Operation) => boolean
  /**
   * What is there without the log showing how (made before the mount, or below it) satisfies it as well, unless the history
   * shows that it was made before the mark.
   */
  readonly orThere?: boolean
  /** The probes that confirm it, all of them; of a cause, or (null) for polling without a log. Empty: no probe can. */
  checks(operation: Operation | null): readonly Check[]
}

interface Candidate {
  readonly operation: Operation
  readonly verdict: Verdict
  readonly ended: boolean
  /** The latest probe did not find what it should have done. */
  readonly denied?: boolean
}

export interface EffectState {
  readonly candidates: readonly Candidate[]
  /** The checks under way, and which of them is asked; -1 none. */
  readonly checks: readonly Check[]
  readonly at: number
  /** The operation that is asked about; null when polling. */
  readonly about: Operation | null
  /** Something came in while a question was under way: its answer may be older. */
  readonly again: boolean
  readonly pauseNs: number
  readonly wakeNs: number
}

const UNCONFIRMED = 'the log does not show the outcome, and nobody could look'

const THERE = 'it is there, and the log does not show how: it was made before, or below the mount'

/**
 * How long the log is given to show how it came about, before what is there counts without that: short where it shows nothing,
 * longer where it shows that it is being done. Then that is also the pause between such probes.
 */
const GRACE_NS = 1e6
const UNDER_WAY_NS = 50e6

const LOGGED = 'the log tells its success and shows no end, and nobody could look'

/** What has been logged by the time of the answer has been read then. */
function caughtUp({ question, confirms }: Check): Check {
  const { probe } = question
  return probe === 'exists' || probe === 'isDirectory'
    ? { question: { ...question, probe, caughtUp: true }, confirms }
    : { question, confirms }
}

/** Builds the machine of an effect. */
export function effectMachine(spec: EffectSpec): Machine<EffectState> {
  return {
    name: spec.name,
    subject: spec.subject,
    awaited: spec.awaited,
    wanted: spec.causes,
    needs: [...spec.causes, ...(spec.undoes ?? [])],
    successOnly: spec.anyOutcome !== true,
    start: () => ({
      candidates: [],
      checks: [],
      at: -1,
      about: null,
      again: false,
      pauseNs: FIRST_PAUSE_NS,
      wakeNs: 0,
    }),
    step: (state, event, view) => step(spec, state, event, view),
  }
}

function step(spec: EffectSpec, state: EffectState, event: WaitEvent, view: View): Step<EffectState> {
  switch (event.type) {
    case 'started':
      return started(spec, state, event.operation, view)
    case 'ended':
      return finished(spec, state, event.operation, view)
    case 'answer':
      return answered(spec, state, event, view)
    case 'tick':
      return tick(spec, state, view)
    case 'mount':
      return { state }
    case 'stream-ended': {
      // No probe any more: what is underneath the mountpoint would answer.
      const sure = state.candidates.findLast((one) => believable(one) && !spec.confirmAlways?.(one.operation))
      if (sure) return { state, outcome: done('trace', [sure.operation], `${UNCONFIRMED} before the log ended`) }
      return { state, outcome: ended(event) }
    }
    case 'mount-lost':
      return { state, outcome: ended(event) }
  }
}

function started(spec: EffectSpec, state: EffectState, operation: Operation, view: View): Step<EffectState> {
  if (!view.after(operation) || view.capabilities?.end !== 'inferred') return { state }
  const verdict = judgeAny(spec.causes, operation)
  if (verdict === 'no') return { state }
  const next = { ...state, candidates: [...state.candidates, { operation, verdict, ended: false }] }
  return probe(spec, next, view)
}

function finished(spec: EffectSpec, state: EffectState, operation: Operation, view: View): Step<EffectState> {
  if (!view.after(operation)) return { state }
  const others = state.candidates.filter((one) => one.operation.id !== operation.id)
  if (operation.status === 'unfinished') return { state: { ...state, candidates: others } }
  if (spec.undoes && operation.status !== 'error' && judgeAny(spec.undoes, operation) === 'match') {
    const cause = others.findLast((one) => one.ended && one.verdict === 'match' && one.operation.id < operation.id)
    if (cause && !spec.confirmAlways?.(cause.operation)) {
      return { state, outcome: done('trace', [cause.operation], `it was undone again by ${operation.opcode}`) }
    }
  }
  const failed = operation.status === 'error' && !spec.anyOutcome
  const verdict = failed ? 'no' : judgeAny(spec.causes, operation)
  if (verdict === 'no') return { state: { ...state, candidates: others } }
  const inferred = operation.endedBy === 'last-event' || operation.endedBy === 'next-request'
  const certain = spec.anyOutcome || operation.status === 'ok'
  if (verdict === 'match' && certain && !spec.confirmAlways?.(operation) && !spec.needsProbe?.(operation)) {
    const note = inferred ? `its end was inferred (${operation.endedBy})` : undefined
    return { state, outcome: done('trace', [operation], note) }
  }
  const candidates = [...others, { operation, verdict, ended: true }]
  return probe(spec, { ...state, candidates, pauseNs: FIRST_PAUSE_NS }, view)
}

/** Asks the first question, unless one is under way. */
function probe(spec: EffectSpec, state: EffectState, view: View): Step<EffectState> {
  if (state.at >= 0) return { state: { ...state, again: true } }
  const best = pick(state)
  const about = best?.operation ?? null
  const checks = about === null && view.trace === 'log' ? spec.checks(null).map(caughtUp) : spec.checks(about)
  const first = checks[0]
  if (first) return { state: { ...state, checks, at: 0, about, again: false }, ask: first.question }
  if (best?.ended && best.verdict === 'match') {
    return { state, outcome: done('trace', [best.operation], 'its end was inferred, and no look can confirm it') }
  }
  if (!best && view.trace === 'none') return { state, outcome: blind(spec) }
  return { state }
}

function answered(
  spec: EffectSpec,
  before: EffectState,
  event: Extract<WaitEvent, { type: 'answer' }>,
  view: View,
): Step<EffectState> {
  const check = before.checks[before.at]
  if (!check) return { state: before }
  const state = fresh(spec, before)
  const idle = { ...state, at: -1, checks: [] }
  const { answer } = event
  const yes = answer !== 'unknown' && answer.errno === null && check.confirms(answer.value)
  const next = state.checks[state.at + 1]
  if (yes && next) return { state: { ...state, at: state.at + 1 }, ask: next.question }
  const asked = state.candidates.find((one) => one.operation.id === state.about?.id)
  if (yes && asked) return { state: idle, outcome: done('probe', [asked.operation]) }
  if (yes && state.about === null && state.candidates.length === 0) {
    return { state: idle, outcome: done('poll', [], view.trace === 'log' ? THERE : undefined) }
  }
  // The answer may be older than what came in meanwhile, or about one that failed.
  if (state.again) return probe(spec, idle, view)
  if (answer === 'unknown' && asked && believable(asked) && !spec.confirmAlways?.(asked.operation)) {
    return { state: idle, outcome: done('trace', [asked.operation], asked.ended ? UNCONFIRMED : LOGGED) }
  }
  const wakeNs = view.nowNs + state.pauseNs
  const candidates = answer === 'unknown' ? state.candidates : state.candidates.map((one) => ({ ...one, denied: true }))
  return { state: { ...idle, candidates, pauseNs: nextPause(state.pauseNs), wakeNs }, wakeNs }
}

function tick(spec: EffectSpec, before: EffectState, view: View): Step<EffectState> {
  if (before.at >= 0) return { state: before }
  if (view.nowNs < before.wakeNs) return { state: before, wakeNs: before.wakeNs }
  const state = fresh(spec, before)
  if (state.candidates.length > 0) return probe(spec, state, view)
  if (view.trace === 'none') {
    return view.canProbe ? probe(spec, state, view) : { state, outcome: blind(spec) }
  }
  if (view.trace !== 'undecided') return spec.orThere && view.canProbe ? probeThere(spec, state, view) : { state }
  const wakeNs = view.beginNs + UNDECIDED_NS
  return view.nowNs < wakeNs ? { state, wakeNs } : probe(spec, state, view)
}

/** The log has not shown that it came about since: it may be there all the same. */
function probeThere(spec: EffectSpec, state: EffectState, view: View): Step<EffectState> {
  const underWay = view.openOperations().some((one) => view.after(one) && judgeAny(spec.causes, one) !== 'no')
  const wakeNs = view.beginNs + (underWay ? UNDER_WAY_NS : GRACE_NS)
  if (view.nowNs < wakeNs) return { state, wakeNs }
  // Only something that undoes it can change that, and that is in the log too.
  if (view.doneBefore(spec.causes, spec.undoes ?? [])) return { state }
  return probe(spec, { ...state, pauseNs: Math.max(state.pauseNs, UNDER_WAY_NS) }, view)
}

/** Ended as far as the log shows, or logged as a success, and no probe says otherwise. */
function believable(one: Candidate): boolean {
  return (one.ended || one.operation.status === 'ok') && one.verdict === 'match' && !one.denied
}

/** Looks again at what is open: more of it may be known by now. */
function fresh(spec: EffectSpec, state: EffectState): EffectState {
  if (state.candidates.every((one) => one.ended)) return state
  const candidates: Candidate[] = []
  for (const one of state.candidates) {
    if (one.ended) {
      candidates.push(one)
      continue
    }
    if (one.operation.status === 'error' && !spec.anyOutcome) continue
    const verdict = judgeAny(spec.causes, one.operation)
    if (verdict !== 'no') candidates.push({ ...one, verdict })
  }
  return { ...state, candidates }
}

/** The candidate that an answer speaks for: one that has ended before one that only started, the latest of them. */
function pick(state: EffectState): Candidate | undefined {
  const { candidates } = state
  return (
    candidates.findLast((one) => one.ended && one.verdict === 'match') ??
    candidates.findLast((one) => one.verdict === 'match') ??
    candidates.at(-1)
  )
}

function blind(spec: EffectSpec): NonNullable<Step<EffectState>['outcome']> {
  const reason = `${NO_TRACE}, and no look at the file system can tell whether ${spec.awaited}`
  return { kind: 'failed', why: 'impossible', reason }
}
