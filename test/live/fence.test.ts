import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { Fences, type LookupsShown } from '../../src/live/fence.js'
import type { Mark, MonitorEvent } from '../../src/monitor/monitor.js'

/** Fences of a mount whose log shows nothing but what `shows` is given. */
function mounted(lookups?: LookupsShown) {
  const clock = virtualClock()
  const listeners: ((event: MonitorEvent) => void)[] = []
  const monitor = {
    state: 'running',
    capabilities: null,
    hasSeen: () => false,
    subscribe: (listener: (event: MonitorEvent) => void) => {
      listeners.push(listener)
      return () => undefined
    },
  }
  const prober = { ownName: () => 'own', answers: async () => ({ value: 1, errno: null }) }
  const fences = new Fences({
    clock,
    monitor: monitor as never,
    prober: prober as never,
    catchUp: () => undefined,
    ...(lookups && { lookups }),
  })
  const shows = (opcode: string): void => {
    for (const listener of listeners) listener({ type: 'started', operation: { opcode, path: '/a' } } as MonitorEvent)
  }
  return { clock, shows, fence: () => fences.fence(() => ({ name: 'fence', line: 0, atNs: 0 }) as Mark) }
}

test('what one mount has shown of lookups is known to the next: a log that hides them is not waited for again', async () => {
  const lookups: LookupsShown = { hidden: false }
  const first = mounted(lookups)
  const waited = first.fence()
  await new Promise(setImmediate)
  first.clock.advanceTo(1e9)
  expect(await waited).toMatchObject({ exact: false, note: 'the lookup did not appear in the log' })
  const next = mounted(lookups)
  expect(await next.fence()).toMatchObject({ exact: false, note: 'the log does not show the names of lookups' })
  expect(next.clock.nowNs()).toBe(0)
  next.shows('lookup')
  expect(lookups.hidden).toBe(false)
})
