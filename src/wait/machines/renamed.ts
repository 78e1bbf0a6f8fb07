import { MOVES, removing } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { absent, exists, onName } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** What was at `from` is now at `to`. */
export function renamed(from: string, to: string): Machine<EffectState> {
  const path = normalPath(from)
  const newPath = normalPath(to)
  return effectMachine({
    name: 'renamed',
    subject: `${path} → ${newPath}`,
    awaited: `${path} is renamed to ${newPath}`,
    causes: [{ opcode: MOVES, path, newPath }],
    undoes: onName(removing('any'), newPath),
    checks: () => (path === newPath ? [exists(newPath)] : [exists(newPath), absent(path)]),
  })
}
