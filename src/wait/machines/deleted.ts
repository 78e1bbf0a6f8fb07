import type { Machine } from '../engine/machine.js'
import { normalPath } from '../engine/match.js'
import { absent } from './checks.js'
import { type EffectState, effectMachine } from './effect.js'

/** What was at this path is gone: unlinked, removed, or renamed away. */
export function deleted(name: string): Machine<EffectState> {
  const path = normalPath(name)
  return effectMachine({
    name: 'deleted',
    subject: path,
    awaited: `what is at ${path} goes away`,
    causes: [{ opcode: ['unlink', 'rmdir', 'rename'], path }],
    undoes: [
      { opcode: ['create', 'mknod', 'symlink', 'mkdir'], path },
      { opcode: ['link', 'rename'], newPath: path },
    ],
    checks: () => [absent(path)],
  })
}
