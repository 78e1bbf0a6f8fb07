import { CLOSES } from '../../operation/effects.js'
import type { Machine } from '../engine/machine.js'
import { normalPath } from '../engine/match.js'
import { type EffectState, effectMachine } from './effect.js'

/** An open file or directory was released: comes after `close()`, which does not wait for it. No probe can show it. */
export function released(name: string): Machine<EffectState> {
  const path = normalPath(name)
  return effectMachine({
    name: 'released',
    subject: path,
    awaited: `an open ${path} is released`,
    causes: [{ opcode: CLOSES, path }],
    checks: () => [],
  })
}
