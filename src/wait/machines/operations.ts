import type { Operation } from '../../operation/operation.js'
import { done, ended, type Machine, NO_TRACE, type Outcome } from '../engine/machine.js'
import { describeMatch, judge, type Match, type OperationMatch, toMatch } from '../engine/match.js'

/** Of `operations`. */
export interface OperationsOptions {
  /** One after the other, by when they started. Default: in any order. */
  ordered?: boolean
  /** Each match by an operation of its own (the default), or `any` one of them. */
  all?: boolean
  any?: boolean
}

export interface OperationsState {
  /** Ended operations that fit some match, in order of start. */
  readonly found: readonly Operation[]
}

/** Several operations have ended. */
export function operations(matches: readonly Match[], options: OperationsOptions = {}): Machine<OperationsState> {
  const wanted = matches.map(toMatch)
  const any = options.any === true || options.all === false
  const ordered = options.ordered === true
  const words = wanted.map(describeMatch)
  return {
    name: 'operations',
    subject: words.join(', '),
    awaited: any ? `any of ${words.join(', ')}` : `all of ${words.join(ordered ? ', then ' : ', ')}`,
    wanted,
    start: () => ({ found: [] }),
    step(state, event, view) {
      switch (event.type) {
        case 'ended': {
          const { operation } = event
          if (!view.after(operation) || operation.status === 'unfinished') return { state }
          if (!wanted.some((match) => judge(match, operation) === 'match')) return { state }
          const found = [...state.found, operation].sort((a, b) => a.id - b.id)
          const enough = any ? [operation] : ordered ? inOrder(wanted, found) : assign(wanted, found)
          const next = { ...state, found }
          return enough ? { state: next, outcome: done('trace', enough) } : { state: next }
        }
        case 'tick':
          return view.trace === 'none' ? { state, outcome: noTrace } : { state }
        case 'started':
        case 'answer':
        case 'mount':
          return { state }
        case 'stream-ended':
        case 'mount-lost':
          return { state, outcome: ended(event) }
      }
    },
  }
}

export const noTrace: Outcome = {
  kind: 'failed',
  why: 'impossible',
  reason: `${NO_TRACE}, and only a trace can tell this`,
}

/** The first operations that fit the matches one after the other. */
function inOrder(wanted: readonly OperationMatch[], found: readonly Operation[]): Operation[] | null {
  const chosen: Operation[] = []
  for (const operation of found) {
    const next = wanted[chosen.length]
    if (next === undefined) break
    if (judge(next, operation) === 'match') chosen.push(operation)
  }
  return chosen.length === wanted.length ? chosen : null
}

/** An operation of its own for each match (a bipartite matching: the first that fits need not be the right one). */
function assign(wanted: readonly OperationMatch[], found: readonly Operation[]): Operation[] | null {
  const takenBy = new Map<Operation, number>()
  const take = (which: number, tried: Set<Operation>): boolean => {
    for (const operation of found) {
      if (tried.has(operation) || judge(wanted[which] as OperationMatch, operation) !== 'match') continue
      tried.add(operation)
      const holder = takenBy.get(operation)
      if (holder === undefined || take(holder, tried)) {
        takenBy.set(operation, which)
        return true
      }
    }
    return false
  }
  for (let which = 0; which < wanted.length; which++) if (!take(which, new Set())) return null
  return [...takenBy.keys()].sort((a, b) => a.id - b.id)
}
