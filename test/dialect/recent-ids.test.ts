import { expect, test } from 'vitest'
import { RecentIds } from '../../src/dialect/text/recent-ids.js'

test('ids that rise by two are remembered as long as was asked for, and then are not', () => {
  const ids = new RecentIds(100)
  for (let id = 2; id <= 400; id += 2) ids.add(id)
  expect([2, 200, 202, 400, 402].map((id) => ids.has(id))).toEqual([false, false, true, true, false])
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
