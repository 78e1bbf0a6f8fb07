import { expect, test } from 'vitest'
import { diffOperations } from '../../src/diff/diff-recordings.js'
import type { Operation } from '../../src/operation/operation.js'

function operation(id: number, opcode: string, path: string, errno: string | null = null): Operation {
  return {
    id,
    opcode,
    unique: id,
    path,
    newPath: null,
    name: null,
    startNs: id * 1000,
    endNs: id * 1000 + 500,
    endedBy: 'reply',
    status: errno === null ? 'ok' : 'error',
    errno,
    pid: 1,
    lines: [id, id],
  } as unknown as Operation
}

/** Many operations, made one by one as they are asked for. */
function* run(count: number, change: (id: number) => Operation | null = () => null): Generator<Operation> {
  for (let id = 0; id < count; id++) yield change(id) ?? operation(id, 'create', `/f${id}`)
}

test('what is missing, failed or came in is found also far behind the first window', () => {
  const diff = diffOperations(
    run(20_000),
    run(20_000, (id) =>
      id === 15_000
        ? operation(id, 'create', '/other')
        : id === 18_000
          ? operation(id, 'create', '/f18000', 'EIO')
          : null,
    ),
  )
  expect(diff.same).toBe(19_998)
  expect(diff.counts).toEqual({ onlyA: 1, onlyB: 1, outcomes: 1, moved: 0 })
  expect(diff.onlyA[0]?.path).toBe('/f15000')
  expect(diff.outcomes[0]?.now).toBe('error EIO')
})

test('an operation at another place has moved, however far', () => {
  const moved = run(12_000, (id) => (id === 10 ? operation(id, 'mkdir', '/d') : null))
  const late = run(12_000, (id) => (id === 11_000 ? operation(id, 'mkdir', '/d') : null))
  const diff = diffOperations(moved, late)
  expect(diff.counts).toMatchObject({ moved: 1 })
  expect(diff.moved[0]?.a?.path).toBe('/d')
})

test('two runs of which nothing is the same are counted in full, and not kept in full', () => {
  const diff = diffOperations(
    run(30_000),
    run(30_000, (id) => operation(id, 'unlink', `/g${id}`)),
  )
  expect(diff.counts).toEqual({ onlyA: 30_000, onlyB: 30_000, outcomes: 0, moved: 0 })
  expect(diff.onlyA).toHaveLength(10_000)
  expect(diff.latencies.map(({ opcode, a, b }) => [opcode, a.count, b.count])).toEqual([
    ['create', 30_000, 0],
    ['unlink', 0, 30_000],
  ])
})
