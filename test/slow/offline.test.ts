import { expect, test } from 'vitest'
import { offline } from '../vitest/offline.js'

test('the suite without FUSE and without daemons passes, and does the same again', async () => {
  const first = await offline('first')
  expect(Object.values(first).filter((state) => state === 'passed').length).toBeGreaterThan(70)
  expect(Object.entries(first).filter(([, state]) => !['passed', 'skipped', 'pending'].includes(state))).toEqual([])
  expect(await offline('second')).toEqual(first)
})
