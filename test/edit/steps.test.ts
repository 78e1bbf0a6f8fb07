import { expect, test } from 'vitest'
import { rangeOf } from '../../src/edit/steps.js'
import type { Row } from '../../src/recording/row.js'

test('a recording of hundreds of thousands of rows has an end, which is its latest row', () => {
  const rows = Array.from(
    { length: 300_000 },
    (_, i): Row => ({ kind: 'exit', atNs: (i * 7) % 300_000, code: 0, signal: null }),
  )
  expect(rangeOf(rows, undefined, undefined)).toEqual({ first: 0, last: 299_999, fromNs: 0, toNs: 299_999 })
})
