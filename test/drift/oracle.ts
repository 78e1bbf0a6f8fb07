import type { Dialect } from '../../src/dialect/core/dialect.js'
import type { Line } from '../../src/line/line.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'

/** How much of each thing a log tells. */
export interface Knowledge {
  operations: number
  paths: number
  newPaths: number
  names: number
  ends: number
  outcomes: number
  errnos: number
  pids: number
  ids: number
  opcodes: Map<string, number>
}

/** What a dialect reads in lines, counted without any of the checker's own code. */
export function knowledge(lines: readonly Line[], dialect: Dialect): Knowledge {
  const all: Operation[] = []
  const interpreter = new Interpreter({ dialect, onEnd: (operation) => all.push({ ...operation }) })
  for (const line of lines) interpreter.push(line)
  interpreter.end(0)
  const counted = (test: (operation: Operation) => boolean): number => all.filter(test).length
  const opcodes = new Map<string, number>()
  for (const { opcode } of all) opcodes.set(opcode, (opcodes.get(opcode) ?? 0) + 1)
  return {
    operations: all.length,
    paths: counted(({ path }) => path !== null),
    newPaths: counted(({ newPath }) => newPath !== null),
    names: counted(({ name }) => name !== null),
    ends: counted(({ endedBy }) => endedBy === 'reply' || endedBy === 'span'),
    outcomes: counted(({ status }) => status === 'ok' || status === 'error'),
    errnos: counted(({ errno }) => errno !== null),
    pids: counted(({ pid }) => pid !== null),
    ids: counted(({ unique }) => unique !== null),
    opcodes,
  }
}

/** What is known of less, or doubled. Empty: nothing was lost. */
export function lost(before: Knowledge, after: Knowledge): string[] {
  const out: string[] = []
  for (const key of [
    'paths',
    'newPaths',
    'names',
    'ends',
    'outcomes',
    'errnos',
    'pids',
    'ids',
    'operations',
  ] as const) {
    if (after[key] < before[key]) out.push(key)
  }
  for (const [opcode, count] of before.opcodes) if ((after.opcodes.get(opcode) ?? 0) < count) out.push(opcode)
  for (const [opcode, count] of before.opcodes)
    if ((after.opcodes.get(opcode) ?? 0) > Math.max(3, count * 1.5)) out.push('doubled')
  return out
}
