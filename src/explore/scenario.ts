import type { Deed, World } from './world.js'

/** A small set of things that happen, in every order that they can. */
export interface Scenario {
  readonly deeds: readonly Deed[]
  /**
   * Whether a deed is what the wait is for, were it to succeed after the mark.
   * @param isAfter whether another deed, by its place, started after the mark
   */
  satisfies(deed: Deed, isAfter: (deed: number) => boolean): boolean
  /** What is there before. */
  readonly world?: World
  /** How the run may end, at any point. Default: it goes on. */
  readonly end?: 'stream-ended' | 'mount-lost'
  /** The wait has to last: what the log held when the mount was lost is not enough. */
  readonly lasting?: boolean
  /** What looks tell: the truth as of some moment between question and answer, or nothing. Default: the truth. */
  readonly looks?: 'truth' | 'unknown'
  /**
   * Bound of the search.
   * @default 200000
   */
  readonly mostStates?: number
}
