import { effectOf, type OpcodeEffects, opcodesThat } from '../dialect/core/effects.js'
import type { Operation } from './operation.js'

/** What an operation names, as far as it is known. */
export type Named = Pick<Operation, 'opcode' | 'path' | 'newPath' | 'name'>

/**
 * One thing that an operation that succeeded leaves to be seen in the file system. Names are null where the log does not
 * show them.
 */
export type Effect =
  /** Something is at a path; `directory` is null for what was moved there. */
  | { readonly kind: 'appears'; readonly path: string | null; readonly directory: boolean | null }
  /** Nothing is at a path. */
  | { readonly kind: 'disappears'; readonly path: string | null }
  /** An extended attribute is there, or is not. */
  | { readonly kind: 'attribute'; readonly path: string | null; readonly name: string | null; readonly there: boolean }
  /** A file's content or size may be another one. */
  | { readonly kind: 'content'; readonly path: string | null }

const NONE: readonly Effect[] = []

/** What an operation does to the file system, where it succeeds; nothing for those that only ask. */
export function effectsOf(operation: Named): readonly Effect[] {
  const { makes, removes, attribute, writes } = effectOf(operation.opcode)
  if (makes === undefined && removes === undefined && attribute === undefined && writes === undefined) return NONE
  const { path, name } = operation
  const effects: Effect[] = []
  if (makes) {
    const directory = makes.type === 'moved' ? null : makes.type === 'directory'
    effects.push({ kind: 'appears', path: operation[makes.slot], directory })
  }
  if (removes) effects.push({ kind: 'disappears', path: operation[removes.slot] })
  if (attribute === 'sets' || attribute === 'removes') {
    effects.push({ kind: 'attribute', path, name, there: attribute === 'sets' })
  }
  if (writes === 'data' && makes === undefined) effects.push({ kind: 'content', path })
  return effects
}

/** Opcodes that have an effect on one name, and which of the operation's names that is. */
export interface NameEffect {
  readonly slot: 'path' | 'newPath'
  readonly opcodes: readonly string[]
}

/** Opcodes after which something of this type is at a name: made there, or moved there (and then perhaps of the type). */
export function making(type: 'file' | 'directory' | 'any'): readonly NameEffect[] {
  return bySlot(({ makes }) => {
    if (makes === undefined) return null
    const fits = type === 'any' || makes.type === 'moved' || (makes.type === 'directory') === (type === 'directory')
    return fits ? makes.slot : null
  })
}

/** Opcodes after which what was at a name, of this type, is not there any more. They undo those of `making(type)`. */
export function removing(type: 'file' | 'directory' | 'any'): readonly NameEffect[] {
  return bySlot(({ removes }) => {
    if (removes === undefined) return null
    return type === 'any' || removes.type === 'any' || removes.type === type ? removes.slot : null
  })
}

/** Opcodes that move what is at `path` to `newPath`. */
export const MOVES: readonly string[] = opcodesThat(({ makes }) => makes?.type === 'moved')

/** Opcodes that set, and that remove, an extended attribute: each undoes the other. */
export const SETS_ATTRIBUTE: readonly string[] = opcodesThat(({ attribute }) => attribute === 'sets')
export const REMOVES_ATTRIBUTE: readonly string[] = opcodesThat(({ attribute }) => attribute === 'removes')

/** Opcodes that open a file, and that let go of an open file or directory. */
export const OPENS: readonly string[] = opcodesThat(({ handle }) => handle === 'opens')
export const CLOSES: readonly string[] = opcodesThat(({ handle }) => handle === 'closes')

/** Opcodes that a write to a file is known by; and those after which a written file is handed on. */
export const WRITES: readonly string[] = opcodesThat(({ writes }) => writes === 'data')
export const FLUSHES: readonly string[] = opcodesThat(({ writes }) => writes === 'flush')

function bySlot(slotOf: (effects: OpcodeEffects) => 'path' | 'newPath' | null): readonly NameEffect[] {
  return (['path', 'newPath'] as const)
    .map((slot) => ({ slot, opcodes: opcodesThat((effects) => slotOf(effects) === slot) }))
    .filter(({ opcodes }) => opcodes.length > 0)
}
