import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bazil } from '../../src/dialect/bazil/bazil.js'
import { readWith } from '../../src/dialect/core/check-dialect.js'
import { fusepy } from '../../src/dialect/fusepy/fusepy.js'
import { jacobsa } from '../../src/dialect/jacobsa/jacobsa.js'
import { kernel } from '../../src/dialect/kernel/kernel.js'
import { rclone } from '../../src/dialect/rclone/rclone.js'
import { tries } from '../tries.js'

const all = [bazil, jacobsa, kernel, rclone, fusepy]
const RCLONE = '2026/11/22 20:00:41 DEBUG : '

describe.each(all.map((dialect) => [dialect.name, dialect] as const))('%s', (_name, dialect) => {
  const lines = dialect.samples.flatMap((sample) => sample.lines.split('\n'))

  test('whatever the bytes, nothing is thrown', () => {
    const piece = fc.oneof(
      fc.constantFrom(...lines),
      fc.constantFrom(...lines).chain((line) => fc.nat(line.length).map((at) => line.slice(0, at))),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom('{', '}', '{"Op":', '"', '\\', '-> ', '<- ', ': ', 'Op 0x', ' ('),
    )
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(''))), (text) => {
        readWith(dialect, text.join('\n'))
        for (const line of text) {
          expect([0, 1, 2]).toContain(dialect.recognize(line))
          const fit = dialect.explain?.(line)
          if (fit) expect(fit.matched).toBeLessThanOrEqual(line.length)
        }
      }),
    )
  })

  test('a sample cut anywhere is never more than the whole', () => {
    for (const { lines: text, events } of dialect.samples) {
      for (let at = 0; at <= text.length; at++) {
        expect(readWith(dialect, text.slice(0, at)).events.length).toBeLessThanOrEqual(events.length)
      }
    }
  })

  test.each([
    ['its own begin', (lines[0] ?? '').slice(0, 60)],
    ['quotes', '"'],
    ['backslashes', '"\\x'],
    ['rclone calls', `: Lookup: name="`],
    ['python tuples', " ('a"],
    ['arrows', '-> <- '],
    ['digits', '0x1'],
    ['spaces', ' '],
    ['opening braces', '{"a":'],
  ])('much of %s costs no more than that', (_what, unit) => {
    const long = unit.repeat(Math.ceil(tries(2 ** 17, 1e6) / unit.length))
    for (const head of ['', lines[0] ?? '', (lines[0] ?? '').slice(0, 40), RCLONE]) {
      readWith(dialect, head + long)
      dialect.recognize(head + long)
      dialect.explain?.(head + long)
    }
  })
})

describe('forged lines within names', () => {
  test('a quoted name that holds a line is a name', () => {
    const forged = 'x\\nFUSE: <- Unlink [ID=0x8 Node=0x1 Uid=0 Gid=0 Pid=7] \\"b\\"'
    const { events } = readWith(bazil, `FUSE: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=7] "${forged}"`)
    expect(events).toMatchObject([{ opcode: 'lookup', unique: 6 }])
  })

  test("rclone's own lines cannot speak for bazil", () => {
    const { events, strange } = readWith(
      bazil,
      `${RCLONE}odd/fuse: <- Remove [ID=0x8 Node=0x1 Uid=0 Gid=0 Pid=7] "b" dir=false: vfs cache: queuing\n${RCLONE}fuse: <- Remove [ID=0xa Node=0x1 Uid=0 Gid=0 Pid=7] "b" dir=false`,
    )
    expect(events).toMatchObject([{ opcode: 'unlink', unique: 10 }])
    expect(strange).toEqual([0])
  })

  test("a file's name that looks like one of rclone's calls stays a name", () => {
    const { events } = readWith(
      rclone,
      `${RCLONE}x: Remove: name="y": Attr: \n${RCLONE}/: Lookup: name="a: Lookup: name=\\"b\\""`,
    )
    expect(events).toMatchObject([
      { opcode: 'getattr', path: '/x: Remove: name="y"' },
      { opcode: 'lookup', path: '/a: Lookup: name="b"' },
    ])
  })
})
