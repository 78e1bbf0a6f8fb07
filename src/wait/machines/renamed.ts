import type { Machine } from '../engine/machine.js'
import { normalPath } from '../engine/match.js'
import { absent, exists } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** What was at `from` is now at `to`. */
export function renamed(from: string, to: string): Machine<EffectState> {
  const path = normalPath(from)
  const newPath = normalPath(to)
  return effectMachine({
    name: 'renamed',
    subject: `${path} → ${newPath}`,
    awaited: `${path} is renamed to ${newPath}`,
    causes: [{ opcode: 'rename', path, newPath }],
    undoes: [{ opcode: ['unlink', 'rmdir', 'rename'], path: newPath }],
    checks: () => (path === newPath ? [exists(newPath)] : [exists(newPath), absent(path)]),
  })
}
