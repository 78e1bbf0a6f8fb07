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
        const frames = new Frames({ maxBytes: 1000, onMessage: (whole) => got.push(whole) })
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
  const frames = new Frames({ maxBytes: 1000, onMessage: ({ length }) => got.push(length) })
  frames.push(Buffer.alloc(3))
  frames.push(message(20, 16))
  frames.push(message(20, 5000))
  expect(got).toEqual([3, 20, 20])
})

/** An answer of so many bytes to a request, its contents from another answer: they look like one. */
function answer(unique: bigint, length: number, contents = 0x61): Buffer {
  const bytes = Buffer.alloc(length, contents)
  bytes.writeUInt32LE(length, 0)
  bytes.writeInt32LE(0, 4)
  bytes.writeBigUInt64LE(unique, 8)
  return bytes
}

test('what other threads answer between the pieces is its own message', () => {
  const got: Buffer[] = []
  const awaited = new Set([2n, 4n, 6n, 8n])
  const frames = new Frames({
    maxBytes: 200_000,
    onMessage: (whole) => got.push(whole),
    awaits: (unique) => awaited.has(unique),
  })
  const long = answer(2n, 131_088, 0x62)
  // Its second piece begins like an answer, to a request that nobody sent.
  answer(99n, 65_536).copy(long, 61_456)
  const other = answer(8n, 70_000, 0x63)
  const notification = answer(0n, 40)
  notification.writeInt32LE(2, 4)
  frames.push(long.subarray(0, 61_456))
  frames.push(answer(4n, 16))
  frames.push(notification)
  frames.push(other.subarray(0, 61_456))
  frames.push(long.subarray(61_456, 126_992))
  frames.push(answer(6n, 120))
  frames.push(long.subarray(126_992))
  frames.push(other.subarray(61_456))
  expect(got.map((bytes) => bytes.readBigUInt64LE(8))).toEqual([4n, 0n, 6n, 2n, 8n])
  expect(got[3]?.equals(long)).toBe(true)
  expect(got[4]?.equals(other)).toBe(true)
  expect(frames.partial).toBe(0)
})
