import { expect, test } from 'vitest'
import { json } from '../../src/cli/output.js'

test('JSON stays on one line for readers that know more line ends than JSON', () => {
  const value = { path: '/a\u2028b\u2029c\u0085d\u009be\u007ff', at: 12345678901234567890n }
  const text = json(value)
  expect(text).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(text)).toEqual({ ...value, at: '12345678901234567890' })
})
