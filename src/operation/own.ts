import type { Operation } from './operation.js'

/** Names of the requests that we make ourselves begin like this, at the root of the mount; nothing has such a name. */
export const OWN_PREFIX = '.fusetrace-fence-'

/** Whether an operation is a request of our own: a fence, or one that brings an end about. */
export function isOwn({ opcode, path }: Pick<Operation, 'opcode' | 'path'>): boolean {
  return opcode === 'lookup' && path !== null && path.startsWith(`/${OWN_PREFIX}`)
}

/** What a probe makes the kernel ask; it changes nothing. */
export const ASKING: ReadonlySet<string> = new Set([
  'lookup',
  'getattr',
  'statx',
  'access',
  'getxattr',
  'listxattr',
  'statfs',
])

/** Operations without our own among them: fences, and, where process ids are known, what the process asked that looks up fences. */
export function withoutOwn(operations: readonly Operation[]): Operation[] {
  const pids = new Set(operations.filter(isOwn).map(({ pid }) => pid ?? 0))
  // The kernel's own requests have none.
  pids.delete(0)
  return operations.filter((one) => !isOwn(one) && !(ASKING.has(one.opcode) && pids.has(one.pid ?? 0)))
}
