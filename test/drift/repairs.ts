import { dialects } from '../../src/dialect/builtin.js'
import { none } from '../../src/dialect/core/choose.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { rewritten } from '../../src/dialect/text/rewritten.js'
import type { Line } from '../../src/line/line.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { suggest } from '../../src/suggest/suggest.js'
import { mutatedBy, original } from './mutate.js'
import type { Grammar, Mutation } from './mutations.js'
import { knowledge, lost } from './oracle.js'

export interface Repair {
  capture: string
  mutation: string
  /** What the dialect no longer reads, by the oracle. */
  lost: string[]
  /** A dialect was suggested. */
  text: string | null
  /** What is not read with it either. */
  still: string[]
  /** Share of the old log's operations that are read again, each with all that was known of it. */
  same: number
}

/** What a suggested dialect file exports, loaded as `--dialect` does. */
export async function loaded(text: string): Promise<Dialect> {
  Object.assign(globalThis, { fusetraceForSuggestions: { dialects, rewritten } })
  const source = text.replace(
    "import { dialects, rewritten } from 'fusetrace'",
    'const { dialects, rewritten } = globalThis.fusetraceForSuggestions',
  )
  const module = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`
  )
  return module.default
}

/** Null where the change loses nothing. */
export async function tryRepair(grammar: Grammar, mutation: Mutation): Promise<Repair | null> {
  const { lines, profile: before } = original(grammar.capture)
  const done = mutatedBy(grammar, mutation, lines)
  if (done === null || done.changed === 0) return null
  const dialect = dialects.find(({ name }) => name === before.dialect) ?? none
  const was = knowledge(lines, dialect)
  const gone = lost(was, knowledge(done.mutated, dialect))
  if (gone.length === 0) return null
  const text = suggest(lines, done.mutated, dialect)
  const repair = { capture: grammar.capture, mutation: mutation.name, lost: gone, text, still: gone, same: 0 }
  if (text === null) return repair
  const patched = await loaded(text)
  const now = knowledge(done.mutated, patched)
  return {
    ...repair,
    still: lost(was, now),
    same: shared(operations(lines, dialect), operations(done.mutated, patched)),
  }
}

/** What is read of every operation, as text. */
export function operations(lines: readonly Line[], dialect: Dialect): string[] {
  const all: string[] = []
  const interpreter = new Interpreter({
    dialect,
    onEnd: ({ opcode, unique, path, newPath, name, pid, status, errno }) =>
      all.push(JSON.stringify([opcode, unique, path, newPath, name, pid, status, errno])),
  })
  for (const line of lines) interpreter.push(line)
  interpreter.end(0)
  return all
}

function shared(old: readonly string[], now: readonly string[]): number {
  const left = new Map<string, number>()
  for (const one of now) left.set(one, (left.get(one) ?? 0) + 1)
  let found = 0
  for (const one of old) {
    const times = left.get(one) ?? 0
    if (times === 0) continue
    found++
    left.set(one, times - 1)
  }
  return found / Math.max(1, old.length)
}
