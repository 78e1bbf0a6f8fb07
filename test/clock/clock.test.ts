import { expect, test } from 'vitest'
import { systemClock, virtualClock } from '../../src/clock.js'

test('virtual time stands still, and timers fire in order of time, then of arming', () => {
  const clock = virtualClock()
  const seen: [string, number][] = []
  const note = (name: string) => () => seen.push([name, clock.nowNs()])
  clock.at(20, note('c'))
  clock.at(10, note('a'))
  clock.at(10, note('b'))
  clock.at(30, note('cancelled')).cancel()
  expect(clock.nextTimerNs).toBe(10)
  clock.advanceTo(25)
  expect(seen).toEqual([
    ['a', 10],
    ['b', 10],
    ['c', 20],
  ])
  expect([clock.nowNs(), clock.nextTimerNs]).toEqual([25, null])
  clock.advanceTo(5)
  expect(clock.nowNs()).toBe(25)
})

test('a timer armed by a timer fires in the same advance when it is due', () => {
  const clock = virtualClock({ startNs: 100 })
  const seen: number[] = []
  clock.at(110, () => clock.at(115, () => seen.push(clock.nowNs())))
  clock.advanceBy(50)
  expect(seen).toEqual([115])
})

test('approach leaves what is due exactly then', () => {
  const clock = virtualClock()
  const seen: number[] = []
  clock.at(10, () => seen.push(10))
  clock.at(9, () => seen.push(9))
  clock.approach(10)
  expect([seen, clock.nowNs()]).toEqual([[9], 10])
  clock.advanceTo(10)
  expect(seen).toEqual([9, 10])
})

test('real time counts from its origin, and timers are never early', async () => {
  const originNs = process.hrtime.bigint() - 1_000_000_000n
  const clock = systemClock({ originNs })
  expect(clock.nowNs()).toBeGreaterThanOrEqual(1e9)
  const atNs = clock.nowNs() + 3e6
  const firedNs = await new Promise<number>((resolve) => clock.at(atNs, () => resolve(clock.nowNs())))
  expect(firedNs).toBeGreaterThanOrEqual(atNs)
  expect(clock.originNs).toBe(originNs)
})

test('a real timer can be cancelled', async () => {
  const clock = systemClock()
  let fired = false
  clock
    .at(clock.nowNs(), () => {
      fired = true
    })
    .cancel()
  await new Promise<void>((resolve) => clock.at(clock.nowNs() + 5e6, resolve))
  expect(fired).toBe(false)
})

test('approach leaves it also when it is called again for that time', () => {
  const clock = virtualClock()
  const seen: number[] = []
  clock.at(10, () => seen.push(10))
  clock.approach(10)
  clock.approach(10)
  clock.approach(3)
  expect([seen, clock.nowNs()]).toEqual([[], 10])
  clock.approach(10.5)
  expect([seen, clock.nowNs()]).toEqual([[10], 10.5])
})
