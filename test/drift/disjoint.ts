import type { Line } from '../../src/line/line.js'
import { numbered } from './captures.js'
import { operationsOf } from './workload.js'

/** Opcodes of a log, and the log without the operations of one of them. */
export function opcodesAndRest(lines: readonly Line[], dialect: string): Map<string, Line[]> {
  const operations = operationsOf(lines, dialect)
  const rest = new Map<string, Line[]>()
  for (const opcode of new Set(operations.map((operation) => operation.opcode))) {
    const gone = new Set<number>()
    for (const operation of operations) {
      if (operation.opcode !== opcode) continue
      for (let i = operation.lines[0]; i <= operation.lines[1]; i++) gone.add(i)
    }
    rest.set(opcode, numbered(lines.filter(({ index }) => !gone.has(index))))
  }
  return rest
}

/** The same log as two workloads: its first and its second half. */
export function halves(lines: readonly Line[]): [Line[], Line[]] {
  const middle = lines.length >> 1
  return [numbered(lines.slice(0, middle)), numbered(lines.slice(middle))]
}
