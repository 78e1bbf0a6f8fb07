import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Line, Stream } from '../../src/line/line.js'
import { LineSplitter, linesOf } from '../../src/line/splitter.js'

type Loss = { what: 'line-bytes'; count: number; index: number }

function collect(maxLineBytes?: number) {
  const lines: Line[] = []
  const losses: Loss[] = []
  const splitter = new LineSplitter({
    onLine: (line) => lines.push(line),
    onLoss: (loss) => losses.push(loss),
    ...(maxLineBytes !== undefined && { maxLineBytes }),
  })
  return { splitter, lines, losses }
}

const bytes = (raw: string) => Buffer.from(raw, 'latin1')
/** Bytes with many line feeds. */
const log = fc
  .array(
    fc.oneof({ weight: 1, arbitrary: fc.constant(10) }, { weight: 4, arbitrary: fc.integer({ min: 0, max: 255 }) }),
  )
  .map((numbers) => Uint8Array.from(numbers))
const cuts = fc.array(fc.nat({ max: 40 }), { minLength: 1 })

describe('bytes to lines', () => {
  test('however the bytes are cut, the lines are the same and hold every byte', () => {
    fc.assert(
      fc.property(log, cuts, (all, sizes) => {
        const { splitter, lines } = collect()
        for (let from = 0, i = 0; from < all.length; i++) {
          const to = from + (sizes[i % sizes.length] ?? 0) + 1
          splitter.push('stdout', all.subarray(from, to), 0)
          from = to
        }
        splitter.end(0)
        expect(lines).toEqual(linesOf(all))
        const again = lines.map(({ raw, terminated }) => raw + (terminated ? '\n' : '')).join('')
        expect(Buffer.from(again, 'latin1').equals(all)).toBe(true)
      }),
    )
  })

  test('streams do not mix, and the index counts over both', () => {
    const { splitter, lines } = collect()
    splitter.push('stdout', bytes('a'), 1)
    splitter.push('stderr', bytes('x\ny'), 2)
    splitter.push('stdout', bytes('b\nc\n'), 3)
    splitter.end(4)
    expect(lines).toEqual([
      { index: 0, atNs: 2, stream: 'stderr', raw: 'x', terminated: true },
      { index: 1, atNs: 3, stream: 'stdout', raw: 'ab', terminated: true },
      { index: 2, atNs: 3, stream: 'stdout', raw: 'c', terminated: true },
      { index: 3, atNs: 4, stream: 'stderr', raw: 'y', terminated: false },
    ])
  })

  test('bytes that are not UTF-8, carriage returns and empty lines stay as they are', () => {
    expect(linesOf(Uint8Array.of(0xff, 0xfe, 13, 10, 10, 0)).map(({ raw }) => raw)).toEqual(['\xff\xfe\r', '', '\0'])
  })

  test('a line beyond the limit is cut and its loss reported before it, however it came', () => {
    fc.assert(
      fc.property(fc.nat({ max: 30 }), cuts, (length, sizes) => {
        const { splitter, lines, losses } = collect(10)
        const all = bytes(`ok\n${'x'.repeat(length)}\nend\n`)
        for (let from = 0, i = 0; from < all.length; i++) {
          const to = from + (sizes[i % sizes.length] ?? 0) + 1
          splitter.push('stdout' as Stream, all.subarray(from, to), 0)
          from = to
        }
        expect(lines.map(({ raw }) => raw)).toEqual(['ok', 'x'.repeat(Math.min(10, length)), 'end'])
        expect(losses).toEqual(length > 10 ? [{ what: 'line-bytes', count: length - 10, index: 1 }] : [])
      }),
    )
  })

  test('the chunk may be used again after it was pushed', () => {
    const { splitter, lines } = collect()
    const chunk = bytes('one\ntw')
    splitter.push('stdout', chunk, 0)
    chunk.fill(0)
    splitter.push('stdout', bytes('o\n'), 0)
    expect(lines.map(({ raw }) => raw)).toEqual(['one', 'two'])
  })
})
