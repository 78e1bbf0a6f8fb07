import { making, removing } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { absent, onName } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** What was at this path is gone: unlinked, removed, or renamed away. */
export function deleted(name: string): Machine<EffectState> {
  const path = normalPath(name)
  return effectMachine({
    name: 'deleted',
    subject: path,
    awaited: `what is at ${path} goes away`,
    causes: onName(removing('any'), path),
    undoes: onName(making('any'), path),
    checks: () => [absent(path)],
  })
}
