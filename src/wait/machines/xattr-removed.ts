import { REMOVES_ATTRIBUTE, SETS_ATTRIBUTE } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { noAttribute } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** An extended attribute was removed. */
export function xattrRemoved(file: string, name: string): Machine<EffectState> {
  const path = normalPath(file)
  return effectMachine({
    name: 'xattrRemoved',
    subject: `${path} ${name}`,
    awaited: `${name} is removed from ${path}`,
    causes: [{ opcode: REMOVES_ATTRIBUTE, path, name }],
    undoes: [{ opcode: SETS_ATTRIBUTE, path, name }],
    checks: () => [noAttribute(path, name)],
  })
}
