import { expect, test } from 'vitest'
import { RecentIds } from '../../src/dialect/text/recent-ids.js'

test.each([
  ['one, as long as was asked for', 1, 100],
  ['two, half as long', 2, 50],
])('ids that rise by %s are remembered, and then are not', (_, step, remembered) => {
  const ids = new RecentIds(100)
  const last = 200 * step
  for (let id = step; id <= last; id += step) ids.add(id)
  const oldest = last - (remembered - 1) * step
  expect([step, oldest - step, oldest, last, last + step].map((id) => ids.has(id))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
})

test('an id that was taken out, or added before all were, is not there', () => {
  const ids = new RecentIds(100)
  ids.add(0)
  ids.add(6)
  ids.add(2 ** 53 - 2)
  expect([ids.has(0), ids.has(2 ** 53 - 2), ids.delete(6), ids.delete(6), ids.has(6)]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
  ids.clear()
  expect([ids.has(0), ids.has(2 ** 53 - 2)]).toEqual([false, false])
  ids.add(6)
  expect(ids.has(6)).toBe(true)
})
