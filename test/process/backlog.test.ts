import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { Backlog, type BacklogOptions, SLICE_BYTES } from '../../src/process/backlog.js'

/** A backlog that notes what it hands on, by stream. */
function made(options: Partial<BacklogOptions> = {}): { backlog: Backlog; given: number[] } {
  const given: number[] = []
  const backlog = new Backlog({
    clock: virtualClock(),
    handOn: ({ stream, chunk }) => {
      given.push(stream)
      return chunk?.length ?? 0
    },
    refill: () => false,
    more: () => false,
    onTurn: () => undefined,
    ...options,
  })
  return { backlog, given }
}

const arrived = (stream: number, bytes = 1) => ({ stream, chunk: 'x'.repeat(bytes), atNs: 0, lost: 0 })

test('a slice a turn is handed on, in order, until nothing waits', async () => {
  const { backlog, given } = made()
  for (const stream of [1, 2, 3]) backlog.add(arrived(stream, SLICE_BYTES))
  backlog.work()
  expect([given, backlog.empty]).toEqual([[1], false])
  await turn()
  expect(given).toEqual([1, 2])
  await turn()
  expect([given, backlog.empty, backlog.scheduled]).toEqual([[1, 2, 3], true, false])
})

test('a slice ends when its time is up, however little it was', () => {
  const clock = virtualClock()
  const given: number[] = []
  const { backlog } = made({
    clock,
    handOn: ({ stream }) => {
      given.push(stream)
      clock.advanceTo(clock.nowNs() + 6e6)
      return 1
    },
  })
  for (const stream of [1, 2, 3]) backlog.add(arrived(stream))
  backlog.work()
  expect(given).toEqual([1, 2])
})

test('up to a position all is handed on at once, what waits elsewhere too', () => {
  const elsewhere = [3, 4]
  const { backlog, given } = made({
    refill: () => {
      const stream = elsewhere.shift()
      if (stream !== undefined) backlog.add(arrived(stream, SLICE_BYTES))
      return stream !== undefined
    },
  })
  for (const stream of [1, 2]) backlog.add(arrived(stream, SLICE_BYTES))
  backlog.work([0, 0])
  expect(given).toEqual([1, 2, 3, 4])
})

test('who asks for more while being handed something gets it after that', () => {
  const given: string[] = []
  const { backlog } = made({
    handOn: ({ stream }) => {
      given.push(`${stream} begins`)
      backlog.work([0, 0])
      given.push(`${stream} ends`)
      return 1
    },
  })
  for (const stream of [1, 2]) backlog.add(arrived(stream))
  backlog.work()
  expect(given).toEqual(['1 begins', '1 ends', '2 begins', '2 ends'])
})
