import type { Operation } from '../operation/operation.js'
import type { Row } from '../recording/row.js'
import { type Unit, unitsOf } from './units.js'

/** One thing that happens at another moment than it was recorded at. */
export interface Move {
  /** The operation that it is about. */
  readonly operation: Operation
  /** `log`: all that the log says of it. `end`: its last line only, it takes longer. */
  readonly what: 'log' | 'end'
  /** Rows that move, by their positions, and the row that they then stand behind (-1: at the begin). */
  readonly rows: readonly [from: number, to: number]
  readonly behind: number
}

/** Requests that the kernel sends when it likes: nobody waits for their answers. */
const ASYNCHRONOUS: ReadonlySet<string> = new Set(['release', 'releasedir', 'forget', 'batch_forget'])

/** Whether the kernel chooses the moment of a request. */
export const isAsynchronous = (opcode: string): boolean => ASYNCHRONOUS.has(opcode)

/** What nothing passes: the file system is not there before it, or not any more. */
const BORDERS: ReadonlySet<string> = new Set(['init', 'destroy'])

/** Places that one thing is tried at, in each direction. */
const MAX_PLACES = 12

/**
 * All that could have come at another moment, one at a time: requests that the kernel sends on its own (RELEASE, RELEASEDIR,
 * FORGET) earlier or later, as far as nothing else depends on them, and the ends of operations that were in flight together.
 */
export function movesOf(rows: readonly Row[], operations: readonly Operation[]): Move[] {
  const units = unitsOf(rows, operations)
  const moves: Move[] = []
  for (const [i, unit] of units.entries()) {
    if (unit.operations.length > 0 && unit.operations.every(({ opcode }) => isAsynchronous(opcode)))
      moves.push(...passes(rows, units, i))
    if (unit.operations.length > 1) moves.push(...laterEnds(rows, unit))
  }
  return moves
}

/** An asynchronous request passes what comes before or after it. */
function passes(rows: readonly Row[], units: readonly Unit[], i: number): Move[] {
  const unit = units[i] as Unit
  const moves: Move[] = []
  for (const step of [1, -1]) {
    for (let at = i + step, places = 0; places < MAX_PLACES; at += step) {
      const other = units[at]
      if (other === undefined || !passesBy(rows, unit, other, step)) break
      // A place among rows that say nothing is no other place.
      if (!counts(rows, other)) continue
      places++
      const behind = step === 1 ? other.to - 1 : other.from - 1
      moves.push({ operation: unit.operations[0] as Operation, what: 'log', rows: [unit.from, unit.to], behind })
    }
  }
  return moves
}

/** Whether there is a difference in coming before or after it: operations and marks, not a probe or a line of no operation. */
const counts = (rows: readonly Row[], { from, operations }: Unit): boolean =>
  operations.length > 0 || rows[from]?.kind === 'mark'

function passesBy(rows: readonly Row[], unit: Unit, other: Unit, step: number): boolean {
  const row = rows[other.from]
  if (row?.kind === 'mount' || row?.kind === 'exit' || row?.kind === 'loss') return false
  // A step's own requests do not come before it; and what a test does next may have waited for what came before.
  if (row?.kind === 'mark' && (step === -1 || row.edge !== 'end')) return false
  return unit.operations.every((one) => other.operations.every((two) => independent(one, two, step)))
}

/** Whether an asynchronous request may come on the other side of another operation. */
function independent(one: Operation, other: Operation, step: number): boolean {
  if (BORDERS.has(other.opcode)) return false
  const sameNode =
    (one.nodeId !== undefined && one.nodeId === other.nodeId) ||
    (one.path !== null && (one.path === other.path || one.path === other.newPath))
  if (!sameNode) return true
  // Later, only what gives the node up, or a descriptor out again, has to wait for it.
  if (step === -1 || one.opcode.includes('forget') || other.opcode.includes('forget')) return false
  return one.fh === undefined || one.fh !== other.fh || !/^(open|create|opendir)/.test(other.opcode)
}

/** An operation among others that are in flight ends later than they do. */
function laterEnds(rows: readonly Row[], { from, to, operations }: Unit): Move[] {
  const moves: Move[] = []
  const firstLine = operations[0]?.lines[0] ?? 0
  const positions: number[] = []
  for (let at = from; at < to; at++) if (rows[at]?.kind === 'line') positions.push(at)
  const starts = new Set(operations.map(({ lines }) => lines[0]))
  for (const operation of operations) {
    const [first, last] = operation.lines
    if (first === last || (operation.endedBy !== 'reply' && operation.endedBy !== 'span')) continue
    const own = positions[last - firstLine] as number
    for (const other of operations) {
      const end = other.lines[1]
      if (other === operation || end <= last || other.lines[0] > last) continue
      // What started after its end may have waited for it.
      let free = true
      for (let line = last + 1; line <= end; line++) if (starts.has(line)) free = false
      if (free)
        moves.push({ operation, what: 'end', rows: [own, own + 1], behind: positions[end - firstLine] as number })
    }
  }
  return moves
}
