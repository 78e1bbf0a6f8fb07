import type { Operation } from './operation.js'

/** Names of the requests that we make ourselves begin like this, at the root of the mount; nothing has such a name. */
export const OWN_PREFIX = '.fusetrace-fence-'

/** Whether an operation is a request of our own: a fence, or one that brings an end about. */
export function isOwn({ opcode, path }: Pick<Operation, 'opcode' | 'path'>): boolean {
  return opcode === 'lookup' && path !== null && path.startsWith(`/${OWN_PREFIX}`)
}
