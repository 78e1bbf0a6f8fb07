import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { fuser } from '../../src/dialect/fuser/fuser.js'
import { tracingJson } from '../../src/dialect/tracing/json.js'
import { tracingPretty } from '../../src/dialect/tracing/pretty.js'
import { tracing } from '../../src/dialect/tracing/tracing.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { anyText } from '../any-text.js'
import { tries } from '../tries.js'

/** What these logs are made of, to be put together wrongly. */
const PIECES = [
  '2026-11-22T19:58:09.352282Z',
  ' DEBUG ',
  'ThreadId(01) ',
  'fuse::create',
  'fuse::lookup{parent=1 name=',
  '{',
  '}',
  '}:',
  '}: ',
  ': ',
  ':inner{path="',
  '"',
  '\\',
  '\\u{1b}',
  ' name=',
  ' mode=1',
  'mergerfs_rs::fuse_fs: ',
  'src/fuse_fs.rs:12: ',
  'Starting lookup',
  'close time.busy=1.0µs',
  'fuser::request: ',
  'FUSE(  8) ino 0x0000000000000001 CREATE name "a"',
  'FUSE(',
  '    in a::fuse::open with ino: 1, name: ',
  '    at src/x.rs:1 on main',
  '  ',
  '{"level":"DEBUG","fields":{"message":"',
  '"},"span":{"name":"',
  '"}]}',
  '\x1b[2m',
  '\x1b[0m',
  '\x1b',
  ' path=/',
  '\n',
  '\r\n',
]
const text = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...PIECES) }, anyText), {
    maxLength: 40,
  })
  .map((pieces) => Buffer.from(pieces.join(''), 'utf8').toString('latin1'))

function read(dialect: Dialect, raw: string): number {
  let ended = 0
  const interpreter = new Interpreter({ dialect, onEnd: () => ended++ })
  for (const line of linesOf(raw)) interpreter.push(line)
  interpreter.end(0)
  return ended
}

describe.each([tracing, tracingJson, tracingPretty, fuser].map((dialect) => [dialect.name, dialect] as const))(
  '%s',
  (_name, dialect) => {
    test('never throws, whatever the bytes, nor do recognize and explain', () => {
      fc.assert(
        fc.property(text, (raw) => {
          read(dialect, raw)
          for (const line of linesOf(raw)) {
            expect([0, 1, 2]).toContain(dialect.recognize(line.raw))
            const { matched } = dialect.explain?.(line.raw) ?? { matched: 0 }
            expect(matched).toBeLessThanOrEqual(line.raw.length)
          }
        }),
        { numRuns: tries(100, 500) },
      )
    })

    test('reads long lines of anything', () => {
      const header = '2026-11-22T19:58:09.352282Z DEBUG ThreadId(01) '
      for (const piece of [
        ...PIECES.filter((piece) => !piece.includes('\n')),
        'a',
        ' ',
        'name="',
        'x=1 ',
        '}:a{',
        '}: a: b/c:1: ',
      ]) {
        const long = piece.repeat(Math.ceil(tries(2 ** 12, 2 ** 16) / piece.length))
        for (const before of [
          '',
          header,
          `${header}fuse::lookup{parent=1 name=`,
          `  ${header}a: `,
          '    in a::fuse::lookup with name: ',
          '{"level":"DEBUG","x":',
        ]) {
          read(dialect, `${before}${long}\n`)
          dialect.recognize(before + long)
          dialect.explain?.(before + long)
        }
      }
    })

    test('what follows a broken line is read', () => {
      const good = dialect.samples[0]?.lines ?? ''
      // Indented, or behind what could be a prefix: neither may come off the good ones.
      for (const prefix of ['  ', ' mode=1}: ', 'src/fuse_fs.rs:12: ']) {
        const indented = `${prefix}    in a::fuse::open with ino: 1, name: `
        expect(read(dialect, `${indented}\n\n${`${good}\n`.repeat(40)}`)).toBeGreaterThan(0)
      }
      fc.assert(
        fc.property(text, (raw) => {
          // Enough good ones that the first may be taken for the rest of what is broken.
          expect(read(dialect, `${raw}\n\n${`${good}\n`.repeat(40)}`)).toBeGreaterThan(0)
        }),
        { numRuns: tries(40, 200) },
      )
    })
  },
)
