import { REMOVES_ATTRIBUTE, SETS_ATTRIBUTE } from '../../operation/effects.js'
import { normalPath } from '../../path-pattern.js'
import type { Machine } from '../engine/machine.js'
import { attribute } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** An extended attribute was set; with a value (text as UTF-8, or bytes) a probe must find just that one. */
export function xattrSet(file: string, name: string, value?: string | Uint8Array): Machine<EffectState> {
  const path = normalPath(file)
  const raw = value === undefined ? undefined : Buffer.from(value as string).toString('latin1')
  return effectMachine({
    name: 'xattrSet',
    subject: `${path} ${name}`,
    awaited: `${name} is set on ${path}`,
    causes: [{ opcode: SETS_ATTRIBUTE, path, name }],
    undoes: [{ opcode: REMOVES_ATTRIBUTE, path, name }],
    // No log shows values.
    ...(raw === undefined ? {} : { confirmAlways: () => true }),
    checks: () => [attribute(path, name, raw)],
  })
}
