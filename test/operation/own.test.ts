import { expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { withoutOwn } from '../../src/operation/own.js'

const operation = (opcode: string, path: string, pid: number | null): Operation =>
  ({ opcode, path, pid }) as unknown as Operation

test('what the process asks that looks up fences is our own; what it changes, and what others ask, is not', () => {
  const kept = [
    operation('lookup', '/a', 7),
    operation('mkdir', '/a', 9),
    operation('lookup', '/a', null),
    operation('getattr', '/a', 0),
  ]
  const own = [
    operation('lookup', '/a', 9),
    operation('getattr', '/', 9),
    operation('lookup', '/.fusetrace-fence-1', 9),
    operation('lookup', '/.fusetrace-fence-2', 0),
  ]
  expect(withoutOwn([...own, ...kept])).toEqual(kept)
  // Nobody is known to be us.
  expect(withoutOwn([operation('lookup', '/a', 9)])).toHaveLength(1)
})
