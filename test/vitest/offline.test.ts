import { expect, test } from 'vitest'
import { offline } from './offline.js'

// All of it, and that it does the same again: test/slow/offline.test.ts.
test('the suite passes without FUSE and without daemons', async () => {
  const states = await offline('once', 'test/suite/bindfs.test.ts')
  expect(Object.values(states).filter((state) => state === 'passed').length).toBeGreaterThan(20)
  expect(Object.entries(states).filter(([, state]) => !['passed', 'skipped', 'pending'].includes(state))).toEqual([])
})
