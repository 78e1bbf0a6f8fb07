import type { Shape } from '../../template/shape.js'
import type { Loss } from '../compare/losses.js'
import type { FindingCode } from './finding.js'

/** A finding in the making: which kinds of lines it is about, and what was lost by it. */
export interface Draft {
  code: FindingCode
  title: string
  old: Shape | null
  now: Shape | null
  oldTokens: readonly number[]
  newTokens: readonly number[]
  /** All kinds of lines concerned, as they were and as they are. */
  pairs: { old: Shape | null; now: Shape | null }[]
  lines: number
  losses: Loss[]
  /** Takes all losses: the log shows nothing at all. */
  takesAll: boolean
  /** Takes the losses that no other finding explains. */
  takesRest: boolean
  /** Concerns most lines: takes losses that no line explains, where there is no better reason. */
  takesUnexplained: boolean
  /** May be a name that was cut wrongly: nothing to report unless something was lost by it. */
  weak: boolean
  /** A part of a log is missing: what it would have shown cannot be known. */
  damage: boolean
}

/** A draft of nothing but its code and title. */
export function makeDraft(code: FindingCode, title: string, given: Partial<Draft> = {}): Draft {
  return {
    code,
    title,
    old: null,
    now: null,
    oldTokens: [],
    newTokens: [],
    pairs: [],
    lines: 0,
    losses: [],
    takesAll: false,
    takesRest: false,
    takesUnexplained: false,
    weak: false,
    damage: false,
    ...given,
  }
}

/** A draft about kinds of lines, the first of which is shown. */
export function draftOf(
  code: FindingCode,
  title: string,
  pairs: readonly Draft['pairs'][number][],
  given: Partial<Draft> = {},
): Draft {
  const lines = pairs.reduce((sum, { old, now }) => sum + ((old ?? now)?.count ?? 0), 0)
  const [first] = pairs
  return makeDraft(code, title, {
    old: first?.old ?? null,
    now: first?.now ?? null,
    pairs: [...pairs],
    lines,
    ...given,
  })
}

/** Kinds of lines that only one of the logs has, the most frequent first. */
export const onlyIn = (which: 'old' | 'new', shapes: readonly Shape[]): Draft['pairs'] =>
  [...shapes]
    .sort((a, b) => b.count - a.count)
    .map((shape) => (which === 'old' ? { old: shape, now: null } : { old: null, now: shape }))
