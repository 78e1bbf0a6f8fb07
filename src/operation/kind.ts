import { effectOf, isRemoval, isRename } from '../dialect/core/effects.js'

/**
 * What a request is about: a `node`, or an entry of the directory `nodeId`, whose name then stands for a node (`bind`; for
 * `link` one that had a name before), for none any more (`unbind`), or moves (`rename`).
 */
export type Kind = 'node' | 'entry' | 'bind' | 'link' | 'unbind' | 'rename'

export function kindOf(opcode: string): Kind {
  const { entry, answer, makes } = effectOf(opcode)
  if (entry !== true) return 'node'
  if (isRename(opcode)) return 'rename'
  if (isRemoval(opcode)) return 'unbind'
  if (answer !== 'named') return 'entry'
  return makes?.slot === 'newPath' ? 'link' : 'bind'
}
