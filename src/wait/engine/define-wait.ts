import type { Machine } from './machine.js'

/**
 * A wait of a user's own: a machine for given arguments, to be run with `waitFor.custom`.
 *
 * @example
 * import { defineWait, done, ended } from 'fusetrace'
 *
 * const writes = defineWait((path: string, count: number) => ({
 *   name: 'writes',
 *   subject: path,
 *   awaited: `${count} writes to ${path}`,
 *   start: () => 0,
 *   step(seen, event, view) {
 *     if (event.type === 'stream-ended' || event.type === 'mount-lost') return { state: seen, outcome: ended(event) }
 *     if (event.type !== 'ended' || !view.after(event.operation)) return { state: seen }
 *     const { opcode, path: at } = event.operation
 *     const now = opcode === 'write' && at === path ? seen + 1 : seen
 *     return now < count ? { state: now } : { state: now, outcome: done('trace', [event.operation]) }
 *   },
 * }))
 * await waitFor.custom(writes('/a.txt', 3))
 */
export function defineWait<Args extends readonly unknown[], S>(
  make: (...args: Args) => Machine<S>,
): (...args: Args) => Machine<S> {
  return make
}
