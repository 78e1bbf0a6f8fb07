import { describe, expect, test } from 'vitest'
import { encodingOf, utf8 } from '../../src/input/utf8.js'

const TEXT = 'unique: 4, opcode: LOOKUP (1), nodeid: 1\nLOOKUP /é 😀\n   unique: 4, success, outsize: 144\n'

/** Characters of so many bytes each, the lowest first unless `big`. */
function encoded(text: string, width: 2 | 4, big: boolean): Buffer {
  const units = width === 2 ? [...Buffer.from(text, 'utf16le')] : []
  const bytes =
    width === 2
      ? units
      : [...text].flatMap((c) => [0, 8, 16, 24].map((shift) => ((c.codePointAt(0) ?? 0) >> shift) & 255))
  const buffer = Buffer.from(bytes)
  return big ? (width === 2 ? buffer.swap16() : buffer.swap32()) : buffer
}

async function read(bytes: Buffer, size: number): Promise<string> {
  async function* cut(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const parts: Buffer[] = []
  for await (const part of utf8(cut())) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

describe.each([
  ['utf-16le', 2, false],
  ['utf-16be', 2, true],
  ['utf-32le', 4, false],
  ['utf-32be', 4, true],
] as const)('a log in %s', (name, width, big) => {
  test.each([
    ['with a mark', '\ufeff'],
    ['without', ''],
  ])('%s is read as in UTF-8, however it is cut', async (_, mark) => {
    const bytes = encoded(mark + TEXT, width, big)
    expect(encodingOf(bytes)).toBe(name)
    for (const size of [5, 7, 64, bytes.length]) expect(await read(bytes, Math.max(size, 32))).toBe(TEXT)
    expect(await read(bytes, 1)).toBe(TEXT)
  })
})

test.each([
  ['carriage returns', '\r'],
  ['next lines', '\u0085'],
  ['line separators', '\u2028'],
  ['vertical tabs', '\v'],
])('a log whose lines end in %s only has lines, however it is cut', async (_, separator) => {
  const bytes = Buffer.from(TEXT.replaceAll('\n', separator))
  for (const size of [200, bytes.length]) expect(await read(bytes, size)).toBe(TEXT)
})

test('where line feeds end lines, all else stays in them, and a mark at the begin goes', async () => {
  expect(await read(Buffer.from('\ufeffa\rb\u0085\nc\v\r\n'), 8)).toBe('a\rb\u0085\nc\v\r\n')
  expect(await read(Buffer.from('\ufeff'), 1)).toBe('')
})
