import type { FsState, ModelOperation } from './fs-state.js'

/** A small set of things that happen, in every order that they can. */
export interface Scenario {
  readonly operations: readonly ModelOperation[]
  /**
   * Whether an operation is what the wait is for, were it to succeed after the mark.
   * @param isAfter whether another operation, by its place, started after the mark
   */
  satisfies(operation: ModelOperation, isAfter: (operation: number) => boolean): boolean
  /** What is there before. */
  readonly fsState?: FsState
  /** How the run may end, at any point. Default: it goes on. */
  readonly end?: 'stream-ended' | 'mount-lost'
  /** The wait has to last: what the log held when the mount was lost is not enough. */
  readonly lasting?: boolean
  /** What probes answer: the truth as of some moment between question and answer, or nothing. Default: the truth. */
  readonly probes?: 'truth' | 'unknown'
  /**
   * Bound of the search.
   * @default 200000
   */
  readonly maxStates?: number
}

/** @deprecated A scenario whose keys have their old names. */
export interface LegacyScenario extends Pick<Scenario, 'satisfies' | 'end' | 'lasting'> {
  readonly deeds: Scenario['operations']
  readonly world?: FsState
  readonly looks?: 'truth' | 'unknown'
  readonly mostStates?: number
}

/** A scenario with today's keys. */
export function modernScenario(scenario: Scenario | LegacyScenario): Scenario {
  if (!('deeds' in scenario)) return scenario
  const { deeds, world, looks, mostStates, ...rest } = scenario
  return {
    ...rest,
    operations: deeds,
    ...(world && { fsState: world }),
    ...(looks && { probes: looks }),
    ...(mostStates !== undefined && { maxStates: mostStates }),
  }
}
