import type { Shape } from '../../template/shape.js'
import type { Profile } from '../profile/profile.js'
import { isReply } from './left-over.js'
import type { Pairing } from './pair.js'

/** A part of a log that can be switched off as a whole: a level, or what a module prints. */
export interface Source {
  kind: 'level' | 'module'
  name: string
  has(shape: Shape): boolean
}

/** Operations of a kind that must be there before the absence of lines says anything. */
const LEAST = 3

/**
 * Levels and modules whose lines stood in nearly every operation of some kind and stand in none of that kind now. That they
 * are switched off is then certain, and what was only to be seen in such lines cannot be seen any more.
 */
export function goneSources(before: Profile, after: Profile, { changed }: Pairing): Source[] {
  const levels = [...before.levels.keys()].filter((level) => level !== '').map(ofLevel)
  const modules = [...new Set(before.shapes.filter(namesModules).map(moduleOf))]
    .filter((name) => name !== '')
    .map(ofModule)
  const lives = (source: Source): boolean =>
    changed.some(({ old }) => source.has(old)) ||
    [...after.contract.opcodes].some(([opcode, { count }]) => count > 0 && isOnlySeenIn([source], opcode, before))
  return [...levels, ...modules].filter((source) => !lives(source) && isGone(source, before, after))
}

/** All lines that report anything of an opcode, but for replies, come from these. */
export function isOnlySeenIn(sources: readonly Source[], opcode: string, { shapes }: Profile): boolean {
  const spoken = shapes.filter((shape) => shape.spoken > 0 && !isReply(shape))
  const weight = (all: readonly Shape[]): number =>
    all.reduce((sum, { opcodes }) => sum + (opcodes.get(opcode) ?? 0), 0)
  const within = weight(spoken.filter((shape) => sources.some((source) => source.has(shape))))
  return within > 0 && within >= 0.9 * weight(spoken)
}

const ofLevel = (name: string): Source => ({
  kind: 'level',
  name,
  has: ({ levels, count }) => (levels.get(name) ?? 0) > count * 0.9,
})

const ofModule = (name: string): Source => ({ kind: 'module', name, has: (shape) => moduleOf(shape) === name })

/** The program or library that printed a line, as `fuser` in `fuser::request: …` and in `fuser: …`; '' when it is not named. */
function moduleOf({ id }: Shape): string {
  const found =
    /"target":"(\w+)/.exec(id) ?? (id.startsWith('{') ? null : /(?:^|\s)(\w+)(?:::\w+)*: /.exec(id.slice(0, 120)))
  return found?.[1] ?? ''
}

/** Only where paths of modules are written, the word before a colon is a module. */
const namesModules = ({ id }: Shape): boolean => /\w::\w+(: |")/.test(id)

/** Nearly all lines that stood in every operation of a kind are gone, where the kind is still seen. */
function isGone(source: Source, before: Profile, after: Profile): boolean {
  const left = new Set(after.shapes.map(({ id }) => id))
  let expected = 0
  let gone = 0
  for (const shape of before.shapes) {
    if (!source.has(shape)) continue
    for (const [context, times] of before.contexts) {
      const here = shape.contexts.get(context) ?? 0
      if (times < LEAST || here < times * 0.9 || (after.contexts.get(context) ?? 0) < LEAST) continue
      expected += here
      if (!left.has(shape.id)) gone += here
    }
  }
  return expected > 0 && gone > expected * 0.8
}
