import { expect, test } from 'vitest'
import { offline } from './offline.js'

// That it does the same again is looked at in test/slow/offline.test.ts.
test('the suite passes without FUSE and without daemons', async () => {
  const states = await offline('once')
  expect(Object.values(states).filter((state) => state === 'passed').length).toBeGreaterThan(70)
  expect(Object.entries(states).filter(([, state]) => !['passed', 'skipped', 'pending'].includes(state))).toEqual([])
})
