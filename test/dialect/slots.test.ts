import { expect, test } from 'vitest'
import { ArgumentTable, slots } from '../../src/dialect/text/slots.js'

test('a slot that there is not is refused, and those that there are are named', () => {
  expect(() => slots('nodeId newName')).toThrow(
    expect.objectContaining({
      code: 'FT_DIALECT',
      message: expect.stringContaining('there is no slot newName'),
      hint: expect.stringContaining('newPath'),
    }),
  )
  expect(() => new ArgumentTable({ 'path constructor': 'rename' })).toThrow(/there is no slot constructor/)
})
