import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Frames } from '../../src/transport/frames.js'

function message(length: number, says = length): Buffer {
  const bytes = Buffer.alloc(length, length & 0xff)
  bytes.writeUInt32LE(says, 0)
  return bytes
}

test('messages that come in pieces are put together, however they are cut behind their header', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 16, max: 400 }), fc.array(fc.integer({ min: 16, max: 399 }))), {
        maxLength: 8,
      }),
      (messages) => {
        const got: Buffer[] = []
        const frames = new Frames(1000, (whole) => got.push(whole))
        for (const [length, cuts] of messages) {
          const whole = message(length)
          const at = [...new Set(cuts.filter((cut) => cut < length))].sort((a, b) => a - b)
          for (const [i, from] of [0, ...at].entries()) frames.push(whole.subarray(from, at[i] ?? length))
        }
        expect(got.map(({ length }) => length)).toEqual(messages.map(([length]) => length))
        expect(frames.partial).toBe(0)
      },
    ),
  )
})

test('what cannot be a piece is handed on as it came', () => {
  const got: number[] = []
  const frames = new Frames(1000, ({ length }) => got.push(length))
  frames.push(Buffer.alloc(3))
  frames.push(message(20, 16))
  frames.push(message(20, 5000))
  expect(got).toEqual([3, 20, 20])
})
