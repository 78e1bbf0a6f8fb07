import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from '../../src/line/splitter.js'
import { ChunkQueue } from '../../src/source/chunk-queue.js'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

test('chunks are handed on in order, between reads and not within them', async () => {
  const seen: string[] = []
  const queue = new ChunkQueue({
    onChunk: (stream, chunk, atNs) => seen.push(`${stream} ${atNs} ${Buffer.from(chunk).toString()}`),
    onLoss: () => undefined,
  })
  queue.push('stdout', bytes('a'), 1)
  queue.push('stderr', bytes('b'), 2)
  expect(seen).toEqual([])
  expect(queue.bytes).toBe(2)
  await queue.idle()
  expect(seen).toEqual(['stdout 1 a', 'stderr 2 b'])
  expect(queue.bytes).toBe(0)
})

test('a gap is told where it is, and lies between lines', () => {
  const seen: string[] = []
  const queue = new ChunkQueue({
    limitBytes: 10,
    onChunk: (_stream, chunk) => seen.push(Buffer.from(chunk).toString()),
    onLoss: ({ count, atNs }) => seen.push(`lost ${count} by ${atNs}`),
  })
  queue.push('stdout', bytes('one\ntw'), 1)
  queue.push('stdout', bytes('o\nthree\nfo'), 2)
  queue.push('stdout', bytes('ur\nfive\n'), 3)
  queue.flush(4)
  expect(seen).toEqual(['one\ntw', 'o\n', 'lost 16 by 4'])
  queue.push('stdout', bytes('six\n'), 5)
  queue.flush(6)
  expect(seen.slice(3)).toEqual(['six\n'])
})

test('whatever the cuts and the limit: bytes given and bytes lost are all bytes, and every line was one', () => {
  const line = fc.integer({ min: 0, max: 30 }).map((length) => 'x'.repeat(length))
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      (lines, cuts, limitBytes, flushes) => {
        const numbered = lines.map((text, i) => `${i}:${text};`)
        const all = numbered.map((text) => `${text}\n`).join('')
        const got: string[] = []
        let given = 0
        let lost = 0
        const splitter = new LineSplitter({ onLine: (one) => got.push(one.raw) })
        const queue = new ChunkQueue({
          limitBytes,
          onChunk: (stream, chunk, atNs) => {
            given += chunk.byteLength
            splitter.push(stream, chunk, atNs)
          },
          onLoss: ({ count }) => {
            lost += count
          },
        })
        for (let at = 0, i = 0; at < all.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          queue.push('stdout', bytes(all.slice(at, at + length)), i)
          // A drain in the middle, as the event loop does it.
          if (flushes[i % flushes.length]) drain(queue)
          at += length
        }
        queue.flush(0)
        splitter.end(0)
        // One line feed may be put in to keep the line that was cut apart from the next.
        const cut = got.filter((text) => !numbered.includes(text))
        for (const text of cut) expect(numbered.some((whole) => whole.startsWith(text))).toBe(true)
        expect(given + lost - all.length).toBeGreaterThanOrEqual(0)
        expect(given + lost - all.length).toBeLessThanOrEqual(cut.length)
      },
    ),
  )
})

function drain(queue: ChunkQueue): void {
  if (queue.bytes > 50) queue.flush(0)
}
