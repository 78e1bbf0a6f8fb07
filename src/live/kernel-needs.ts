import type { WantedRequest } from '../kernel/kernel-source.js'
import { encodeName } from '../line/text.js'
import { isGlob } from '../path-pattern.js'
import type { OperationMatch } from '../wait/engine/match.js'
import type { PendingWait } from '../wait/engine/pending.js'

/** The requests that these waits are about; null where one has to know of all. */
export function requestsFor(waits: readonly Pick<PendingWait, 'needs'>[]): readonly WantedRequest[] | null {
  const all: WantedRequest[] = []
  for (const { needs } of waits) {
    if (needs === undefined) return null
    for (const match of needs) {
      if (match.opcode === undefined) return null
      const opcodes = typeof match.opcode === 'string' ? [match.opcode] : match.opcode
      for (const opcode of opcodes) {
        all.push({ opcode, name: nameIn(opcode, match) })
        if (opcode === 'rename') all.push({ opcode: 'rename2', name: nameIn(opcode, match) })
      }
    }
  }
  return all
}

/** The name that such a request has in it; null where it cannot be said. */
function nameIn(opcode: string, { path, newPath }: OperationMatch): WantedRequest['name'] {
  // A link's path is that of a node.
  const wanted = opcode === 'link' ? newPath : (newPath ?? path)
  // A backslash may be one, or stand for a byte.
  if (typeof wanted !== 'string' || isGlob(wanted) || wanted.includes('\\')) return null
  const name = wanted.slice(wanted.lastIndexOf('/') + 1)
  return name === '' ? null : encodeName(name)
}
