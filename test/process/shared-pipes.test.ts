import { expect, test } from 'vitest'
import type { Journal } from '../../src/process/journal.js'
import { SharedPipes } from '../../src/process/shared-pipes.js'

const journal = { spilling: false, active: false, append: () => false } as unknown as Journal

/** Pipes whose reads come to what the test says: numbers of bytes, `null` for what is empty just now. */
function pipes(read: () => number | null) {
  const fs = {
    readSync() {
      const bytes = read()
      if (bytes === null) throw Object.assign(new Error('empty'), { code: 'EAGAIN' })
      return bytes
    },
  } as unknown as ConstructorParameters<typeof SharedPipes>[0]
  const shared = new SharedPipes(fs, new Int32Array(new SharedArrayBuffer(64)), () => 7, journal)
  shared.add({ id: 3, fd: 9, last: false, ended: new Int32Array(new SharedArrayBuffer(4)) })
  const taken: (number | null)[] = []
  const take = (_id: number, chunk: string | null): void => void taken.push(chunk === null ? null : chunk.length)
  return { shared, taken, take }
}

test('a daemon that writes faster than anybody reads is not read for ever: what was there is taken', () => {
  const { shared, taken, take } = pipes(() => 65_536)
  shared.read(take)
  expect(taken).toEqual(Array(16).fill(65_536))
  shared.read(take, 3)
  expect(taken).toHaveLength(32)
})

test('a pipe is read until it is empty, and one that has ended no more', () => {
  const reads = [65_536, 65_536, 10, 65_536, null, 5, 0, 65_536]
  const { shared, taken, take } = pipes(() => reads.shift() ?? null)
  shared.read(take)
  expect(taken).toEqual([65_536, 65_536, 10])
  shared.read(take)
  expect(taken.slice(3)).toEqual([65_536])
  shared.read(take)
  shared.read(take)
  expect(taken.slice(4)).toEqual([5, null])
  shared.read(take)
  expect(taken).toHaveLength(6)
})
