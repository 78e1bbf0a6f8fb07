import { making, removing } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { exists, onName } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** A file came to be at this path: created, made, linked, or renamed to it. */
export function fileVisible(name: string): Machine<EffectState> {
  const path = normalPath(name)
  return effectMachine({
    name: 'fileVisible',
    subject: path,
    awaited: `a file comes to be at ${path}`,
    causes: onName(making('file'), path),
    undoes: onName(removing('file'), path),
    orThere: true,
    checks: () => [exists(path)],
  })
}
