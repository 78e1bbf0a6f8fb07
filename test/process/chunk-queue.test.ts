import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineSplitter } from '../../src/line/splitter.js'
import { type Arrived, ChunkQueue } from '../../src/process/chunk-queue.js'

const text = ({ stream, chunk, atNs, lost }: Arrived<string>): string =>
  `${stream} ${atNs} ${chunk === null ? 'end' : JSON.stringify(chunk)}${lost > 0 ? ` after ${lost} lost` : ''}`

test('chunks are given in the order of arrival, and once', () => {
  const waiting = new Int32Array(1)
  const queue = new ChunkQueue<string>(100, waiting)
  queue.push('stdout', 'a', 1)
  queue.push('stderr', 'b', 2)
  queue.end('stderr', 3)
  expect(waiting[0]).toBe(2)
  expect(queue.take().map(text)).toEqual(['stdout 1 "a"', 'stderr 2 "b"', 'stderr 3 end'])
  expect(queue.take()).toEqual([])
  // Taken is not handed on yet.
  expect(waiting[0]).toBe(2)
})

test('a gap is reported where it is, and lies between lines', () => {
  const waiting = new Int32Array(1)
  const queue = new ChunkQueue<string>(10, waiting)
  queue.push('stdout', 'one\ntw', 1)
  queue.push('stdout', 'o\nthree\nfo', 2)
  queue.push('stdout', 'ur\nfive\n', 3)
  queue.push('stderr', 'e', 4)
  expect(queue.take().map(text)).toEqual(['stdout 1 "one\\ntw"', 'stdout 2 "o\\n"', 'stderr 4 "e"'])
  expect(queue.gaps).toBe(1)
  waiting[0] = 0
  queue.push('stdout', 'six\n', 5)
  queue.end('stdout', 6)
  expect(queue.take().map(text)).toEqual(['stdout 5 "six\\n" after 16 lost', 'stdout 6 end'])
  expect(queue.gaps).toBe(0)
})

test('a gap at the end of a stream is reported with its end', () => {
  const queue = new ChunkQueue<string>(4, new Int32Array(1))
  queue.push('stdout', 'one\n', 1)
  queue.push('stdout', 'two\nthree\n', 2)
  queue.end('stdout', 3)
  expect(queue.take().map(text)).toEqual(['stdout 1 "one\\n"', 'stdout 2 "two\\n"', 'stdout 3 end after 6 lost'])
})

test('whatever the cuts and the limit: bytes given and bytes lost are all bytes, and every line was one', () => {
  const line = fc.integer({ min: 0, max: 30 }).map((length) => 'x'.repeat(length))
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 200 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
      (lines, cuts, limitBytes, takes) => {
        const numbered = lines.map((one, i) => `${i}:${one};`)
        const all = numbered.map((one) => `${one}\n`).join('')
        const got: string[] = []
        let given = 0
        let lost = 0
        const waiting = new Int32Array(1)
        const splitter = new LineSplitter({ onLine: (one) => got.push(one.raw) })
        const queue = new ChunkQueue<'stdout'>(limitBytes, waiting)
        const take = (): void => {
          for (const arrived of queue.take()) {
            lost += arrived.lost
            if (arrived.chunk === null) continue
            given += arrived.chunk.length
            Atomics.sub(waiting, 0, arrived.chunk.length)
            splitter.push('stdout', arrived.chunk, arrived.atNs)
          }
        }
        for (let at = 0, i = 0; at < all.length; i++) {
          const length = cuts[i % cuts.length] ?? 1
          queue.push('stdout', all.slice(at, at + length), i)
          if (takes[i % takes.length]) take()
          at += length
        }
        queue.end('stdout', 0)
        take()
        splitter.end(0)
        // One line feed may be put in to keep the line that was cut apart from the next.
        const cut = got.filter((one) => !numbered.includes(one))
        for (const one of cut) expect(numbered.some((whole) => whole.startsWith(one))).toBe(true)
        expect(given + lost - all.length).toBeGreaterThanOrEqual(0)
        expect(given + lost - all.length).toBeLessThanOrEqual(cut.length)
      },
    ),
  )
})
