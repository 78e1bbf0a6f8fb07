import { expect, test } from 'vitest'
import { Budget } from '../../src/recording/packed/budget.js'
import { ByteReader, ByteWriter } from '../../src/recording/packed/bytes.js'
import { Damaged } from '../../src/recording/packed/damaged.js'
import { TextReader, TextWriter } from '../../src/recording/packed/text-pool.js'

test('a number of no text, as damage makes one, is damage', () => {
  const texts = new TextWriter(null)
  texts.id('a')
  const lengths = new ByteWriter()
  const bytes = texts.end(lengths)
  const budget = new Budget(100, 100)
  const first = new TextReader(bytes, new ByteReader(lengths.bytes), budget, null)
  expect(first.text(0)).toBe('a')
  for (const id of [-1, 0.5, 1, 2 ** 40, Number.NaN]) expect(() => first.text(id), String(id)).toThrow(Damaged)
})
