import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { type Pipe, PipeReader } from '../../src/process/pipe-reader.js'
import type { ThreadData } from '../../src/process/pipe-thread.js'

/** The threads that were asked for, none of which does anything by itself. */
const threads: { data: ThreadData; die(): void }[] = []

vi.mock('../../src/process/reading-thread.js', () => ({
  serveByThread: (data: ThreadData, die: () => void) => {
    threads.push({ data, die })
    return { done: () => undefined }
  },
}))

function openTwo(favour: 'waits' | 'times') {
  const pipes = new PipeReader({ clock: systemClock(), favour })
  const open: number[] = []
  const opening = [1, 2].map((n) =>
    pipes.open({ onChunk: () => undefined, onLoss: () => undefined }).then((pipe: Pipe) => {
      open.push(n)
      pipe.spawned()
    }),
  )
  const { data, die } = threads.at(-1) as (typeof threads)[number]
  const serves = (count: number): void => {
    Atomics.store(data.shared, data.place.served, count)
    Atomics.add(data.shared, data.place.sent, 1)
    data.port.postMessage([])
  }
  return { pipes, open, opening, serves, die, told: once(data.port, 'message') }
}

test('where times are to be exact a pipe is open when the thread reads it, or when there is none', async () => {
  const { pipes, open, opening, serves, die, told } = openTwo('times')
  await told
  await new Promise((resolve) => setImmediate(resolve))
  expect(open).toEqual([])
  serves(1)
  await opening[0]
  expect(open).toEqual([1])
  die()
  await opening[1]
  const third = await pipes.open({ onChunk: () => undefined, onLoss: () => undefined })
  third.spawned()
  pipes.close()
})

test('closing the reader leaves nobody waiting', async () => {
  const { pipes, opening, told } = openTwo('times')
  await told
  pipes.close()
  await Promise.all(opening)
})

test('where waits are to be quick this thread reads, and nobody waits for the other', async () => {
  const { pipes, opening } = openTwo('waits')
  await Promise.all(opening)
  pipes.close()
})
