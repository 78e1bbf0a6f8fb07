import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { Changes } from '../../src/replay/changes.js'

test('a change reaches all who wait for one, a limit whoever has it', async () => {
  const clock = virtualClock()
  const changes = new Changes(clock)
  const waiting = [changes.next(), changes.next(20), changes.next(10)]
  clock.advanceTo(10e6)
  await expect(waiting[2]).resolves.toBe('late')
  changes.notify()
  await expect(Promise.all(waiting)).resolves.toEqual(['changed', 'changed', 'late'])
  expect(clock.nextTimerNs).toBeNull()
})

test('a change that came before is none', async () => {
  const clock = virtualClock()
  const changes = new Changes(clock)
  changes.notify()
  const next = changes.next(5)
  clock.advanceTo(5e6)
  await expect(next).resolves.toBe('late')
})
