import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { PromptReads } from '../../src/transport/prompt-reads.js'

/** A daemon that answers after so many ns, on a clock of its own. */
function begin({ answersAfterNs }: { answersAfterNs: number }) {
  const clock = virtualClock()
  const run = { waits: 0, reads: 0, taken: 0, answersAfterNs, sentNs: Number.POSITIVE_INFINITY, clock }
  const there = (): boolean => clock.nowNs() - run.sentNs >= run.answersAfterNs
  const reads = new PromptReads({
    clock,
    expects: () => (run.sentNs < Number.POSITIVE_INFINITY ? 1 : 0),
    wait(limitNs) {
      run.waits++
      clock.advanceBy(Math.min(limitNs, run.sentNs + run.answersAfterNs - clock.nowNs()))
      return there()
    },
    read() {
      run.reads++
      // To ask without sleeping takes its time too.
      if (!there()) clock.advanceBy(2000)
      if (!there()) return false
      run.taken++
      run.sentNs = Number.POSITIVE_INFINITY
      return true
    },
  })
  return Object.assign(run, {
    send() {
      run.sentNs = clock.nowNs()
      reads.sent()
    },
  })
}

test('an answer that comes at once is taken in the same turn of the event loop', async () => {
  const run = begin({ answersAfterNs: 20_000 })
  run.send()
  await setImmediate()
  expect(run.taken).toBe(1)
  let turned = false
  void setImmediate().then(() => {
    turned = true
  })
  for (let i = 0; i < 10; i++) {
    run.send()
    await Promise.resolve()
    await Promise.resolve()
  }
  expect([run.taken, turned]).toEqual([11, false])
})

test('the event loop has its turn after a millisecond', async () => {
  const run = begin({ answersAfterNs: 60_000 })
  run.send()
  await setImmediate()
  const before = run.taken
  for (let i = 0; i < 40; i++) {
    run.send()
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  expect(run.taken - before).toBeLessThan(20)
  await setImmediate()
  await setImmediate()
  expect(run.taken).toBeGreaterThan(before)
})

test('a daemon that takes its time is waited for less and less, and again once it answers at once', async () => {
  const run = begin({ answersAfterNs: 5_000_000 })
  for (let i = 0; i < 1000; i++) {
    run.send()
    await Promise.resolve()
    if (i % 10 === 0) await setImmediate()
  }
  expect(run.waits).toBeLessThan(20)
  run.answersAfterNs = 0
  for (let i = 0; run.taken === 0 && i < 1000; i++) {
    run.send()
    await setImmediate()
  }
  expect(run.taken).toBe(1)
})

test('answers that come soon are awaited awake; where they come later, asleep', async () => {
  const run = begin({ answersAfterNs: 20_000 })
  const ask = async () => {
    run.send()
    await setImmediate()
  }
  for (let i = 0; i < 10; i++) await ask()
  expect(run.waits).toBe(0)
  run.answersAfterNs = 80_000
  for (let i = 0; i < 1000; i++) await ask()
  expect(run.taken).toBe(1010)
  // Awake it would ask 25 times for each.
  expect(run.reads).toBeLessThan(3 * 1010)
})

test('what nobody waits for is not waited for', async () => {
  const run = begin({ answersAfterNs: 20_000 })
  run.send()
  run.sentNs = Number.POSITIVE_INFINITY
  await setImmediate()
  expect(run.waits).toBe(0)
})
