import { expect, test } from 'vitest'
import { offline } from '../vitest/offline.js'

test('the suite without FUSE and without daemons does the same again', async () => {
  expect(await offline('second')).toEqual(await offline('first'))
})
