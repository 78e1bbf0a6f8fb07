import { expect, test } from 'vitest'
import type { SettledWait } from '../../../src/wait/engine/settled.js'
import { replay } from '../../replay/tiny.js'

const settled = (session: ReturnType<typeof replay>): SettledWait[] => {
  const all: SettledWait[] = []
  session.waitFor.pending.onSettled((wait) => all.push(wait))
  return all
}

test('a wait that is satisfied says by what, and what it nearly matched', async () => {
  const session = replay('> 2 create /f.tmp\n< 2 ok\n> 4 create /f\n< 4 ok')
  const all = settled(session)
  await session.waitFor.operation({ opcode: 'create', path: '/f' })
  expect(all).toMatchObject([
    { title: 'operation create /f', end: 'satisfied', by: 'trace', operations: [1], note: null },
  ])
  expect(all[0]?.misses).toMatchObject([{ operation: 0, reasons: [expect.stringContaining('/f.tmp')] }])
  expect(all[0]?.endNs).toBeGreaterThanOrEqual(all[0]?.beginNs ?? Number.NaN)
})

test('a wait that fails keeps its explanation, one that is aborted or throws says so', async () => {
  const session = replay('> 2 create /f\n< 2 error 13\n> 4 lookup /g\n< 4 ok\nexit 0')
  const all = settled(session)
  await expect(session.waitFor.fileVisible('/f', { timeoutMs: 50 })).rejects.toThrow()
  await expect(session.waitFor.idle({ signal: AbortSignal.abort() })).rejects.toThrow()
  const boom = (): boolean => {
    throw new Error('boom')
  }
  await expect(session.waitFor.operation({ where: boom })).rejects.toThrow('boom')
  expect(all.map(({ end }) => end)).toEqual([expect.stringMatching(/^(timeout|stream-ended)$/), 'aborted', 'error'])
  expect(all[0]?.note).toContain('awaited:')
  expect(all[2]?.note).toBe('boom')
})

test('a predicate that throws of an operation which was not asked about does no harm', async () => {
  const session = replay('> 2 create /f\n< 2 ok\n> 4 create /g\n< 4 ok')
  await session.waitFor.operation({ path: '/g' })
  const all = settled(session)
  const where = ({ path }: { path: string | null }): boolean => {
    if (path === '/g') throw new Error('boom')
    return true
  }
  const found = await session.waitFor.operation({ where }, { since: { name: 'begin', line: 0, atNs: 0 } })
  expect(found.operation?.path).toBe('/f')
  expect(all).toMatchObject([{ end: 'satisfied', misses: [] }])
})
