import type { Operation } from '../../operation/operation.js'

/** Operations that are kept of a run. Of longer ones the beginning is compared. */
const KEPT = 8192

/** What can be known of one operation and not of its counterpart; a bit each. */
export const KNOWN = ['path', 'newPath', 'name', 'pid', 'unique', 'outcome', 'errno', 'end'] as const
export type Known = (typeof KNOWN)[number]

interface Entry {
  opcode: string
  unique: number | null
  /** The names, as one text; null when none is known. */
  names: string | null
  known: number
  /** No other operation was open during it: which line is whose is certain. */
  alone: boolean
}

/** The first operations of a log in order of their start, to show whether another log is of the very same run. */
export class RunTrace {
  readonly #entries: (Entry | undefined)[] = []

  /** Those of which something is known, in order. */
  get entries(): readonly Entry[] {
    return this.#entries.filter((entry) => entry !== undefined)
  }

  /** @param number which request of the log it is, from 0 */
  operation(operation: Operation, number: number, alone: boolean): void {
    if (number >= KEPT) return
    const { opcode, unique, path, newPath, name } = operation
    const names = path === null ? null : [path, newPath, name].join('\0')
    this.#entries[number] = { opcode, unique, names, known: knownOf(operation), alone }
  }
}

function knownOf({ path, paths, newPath, name, pid, unique, status, errno, endedBy }: Operation): number {
  const known = [
    // Of a node with several names the log shows all, and not which one is meant.
    path !== null || (paths?.length ?? 0) > 1,
    newPath !== null,
    name !== null,
    pid !== null,
    unique !== null,
    status === 'ok' || status === 'error',
    errno !== null,
    endedBy === 'reply' || endedBy === 'span',
  ]
  return known.reduce((bits, is, i) => bits | (is ? 1 << i : 0), 0)
}

/** Fewer operations than this show no run. */
const LEAST = 20
/** Operations of the same run that may be read as others, or with other names. */
const DIFFERENT = 0.02
/** Different calls that both runs have, of those of either, when they are of the same workload in another order. */
const SHARED = 0.85

/** What was known of an operation and is not known of the same one in the other log: opcode, what, how many times. */
export type Forgotten = Map<string, Map<Known | 'operation', number>>

/**
 * Where both logs show the same operations in the same order, each is held against its counterpart. Then a single operation
 * of which less is known is no accident of the workload, because there is no other workload. Where a few were read as
 * others, only those count during which no other was open: the runs may have been parallel. Where the order is another, only
 * failures whose outcome is not known any more, of opcodes of which none fails.
 */
export function forgotten({ entries: old }: RunTrace, { entries: now }: RunTrace): Forgotten {
  const lost: Forgotten = new Map()
  if (old.length < LEAST || now.length < LEAST) return lost
  const same = old.map(({ opcode }, i) => opcode === now[i]?.opcode)
  const others = same.filter((is) => !is).length
  const isShifted = old.some(({ unique }, i) =>
    unique === null ? !same[i] : unique !== (now[i]?.unique ?? (same[i] ? unique : null)),
  )
  const renamed = old.filter(({ names }, i) => names !== null && names !== (now[i]?.names ?? names)).length
  if (old.length !== now.length || isShifted || Math.max(others, renamed) > old.length * DIFFERENT) {
    if (isSameWorkload(old, now)) silenced(old, now, lost)
    return lost
  }
  for (const [i, was] of old.entries()) {
    const is = now[i] as Entry
    if (!same[i]) add(lost, was.opcode, 'operation', 1)
    else if (others + renamed === 0 || (was.alone && is.alone))
      for (const [bit, what] of KNOWN.entries()) if (was.known & ~is.known & (1 << bit)) add(lost, was.opcode, what, 1)
  }
  return lost
}

function silenced(old: readonly Entry[], now: readonly Entry[], lost: Forgotten): void {
  const failed = 1 << KNOWN.indexOf('errno')
  const unknown = new Set(now.filter(({ known }) => !(known & OUTCOME)).map(keyOf))
  const still = new Set(now.filter(({ known }) => known & failed).map(({ opcode }) => opcode))
  for (const was of old)
    if (was.known & failed && !still.has(was.opcode) && unknown.has(keyOf(was))) add(lost, was.opcode, 'errno', 1)
}

const OUTCOME = 1 << KNOWN.indexOf('outcome')
const keyOf = ({ opcode, names }: Entry): string => `${opcode} ${names}`

/** Nearly all calls of the old log are in the new one, and the other way. */
function isSameWorkload(old: readonly Entry[], now: readonly Entry[]): boolean {
  const [a, b] = [old, now].map((all) => new Set(all.map(keyOf))) as [Set<string>, Set<string>]
  return [...a].filter((key) => b.has(key)).length >= SHARED * Math.max(a.size, b.size)
}

function add(lost: Forgotten, opcode: string, what: Known | 'operation', times: number): void {
  const of = lost.get(opcode) ?? new Map()
  of.set(what, (of.get(what) ?? 0) + times)
  lost.set(opcode, of)
}
