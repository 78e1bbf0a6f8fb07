import { making, removing } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { directory, onName } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** A directory came to be at this path: made, or renamed to it (a probe shows that it is one, where one can be made). */
export function dirVisible(name: string): Machine<EffectState> {
  const path = normalPath(name)
  return effectMachine({
    name: 'dirVisible',
    subject: path,
    awaited: `a directory comes to be at ${path}`,
    causes: onName(making('directory'), path),
    undoes: onName(removing('directory'), path),
    needsProbe: (operation) => operation.opcode !== 'mkdir',
    orThere: true,
    checks: () => [directory(path)],
  })
}
