import { effectsOf, type Named, type NameEffect } from '../../operation/effects.js'
import type { View } from '../engine/machine.js'
import type { OperationMatch } from '../engine/match.js'
import type { Check } from './effect.js'

export const exists = (path: string): Check => ({
  question: { probe: 'exists', path },
  confirms: (value) => value === true,
})

export const absent = (path: string): Check => ({
  question: { probe: 'exists', path },
  confirms: (value) => value === false,
})

export const directory = (path: string): Check => ({
  question: { probe: 'isDirectory', path },
  confirms: (value) => value === true,
})

/** Present, and of this value (raw bytes) where one is asked for. */
export const attribute = (path: string, name: string, value?: string): Check => ({
  question: { probe: 'xattr', path, name },
  confirms: (found) => found !== null && found !== false && (value === undefined || found === value),
})

export const noAttribute = (path: string, name: string): Check => ({
  question: { probe: 'xattr', path, name },
  confirms: (found) => found === null || found === false,
})

/** The probes that confirm that an operation is done; none where it leaves nothing to be seen, or its names are not known. */
export function checksOf(operation: Named): readonly Check[] {
  const checks: Check[] = []
  for (const effect of effectsOf(operation)) {
    if (effect.kind === 'content') continue
    const { path } = effect
    if (path === null) return []
    if (effect.kind === 'appears') checks.push(effect.directory === true ? directory(path) : exists(path))
    else if (effect.kind === 'disappears') checks.push(absent(path))
    else if (effect.name === null) return []
    else checks.push(effect.there ? attribute(path, effect.name) : noAttribute(path, effect.name))
  }
  return checks
}

/** Operations of these opcodes on one name. */
export function onName(effects: readonly NameEffect[], path: string): OperationMatch[] {
  return effects.map(({ slot, opcodes }) => ({ opcode: opcodes, [slot]: path }))
}

/** Whether the log seems to be one that shows no releases: of those that show no ends either, some levels leave them out. */
export function releasesHidden(view: View): boolean {
  return view.capabilities?.end === 'inferred' && !view.shows('release') && !view.shows('releasedir')
}
