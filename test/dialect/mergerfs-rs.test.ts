import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const at = (us: number): string => `2026-11-27T19:07:40.${789_000 + us}Z`
const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')

describe('the compact format in colour', () => {
  /** An event as the subscriber writes it, in colour or not: the fields of each span are dimmed as a whole. */
  function event(
    colour: boolean,
    us: number,
    opcode: string,
    message: string,
    ...spans: Record<string, string>[]
  ): string {
    const paint = (code: number, words: string): string => (colour ? `\x1b[${code}m${words}\x1b[0m` : words)
    const dim = (words: string): string => paint(2, words)
    const fields = spans.map((span) =>
      dim(
        Object.entries(span)
          .map(([key, value]) => `${paint(3, key)}${dim('=')}${value}`)
          .join(' '),
      ),
    )
    const place = `${paint(1, 'mergerfs_rs::fuse_fs')}${dim(':')} ${paint(1, 'src/fuse_fs.rs')}${dim(':')}${paint(1, message.length.toString())}${dim(':')}`
    return `${dim(at(us))} ${paint(34, 'DEBUG')} ThreadId(01) ${paint(1, `fuse::${opcode}`)}${colour && spans.length > 1 ? `${dim(':')}` : spans.length > 1 ? ':' : ''}${spans.length > 1 ? paint(1, 'inner') : ''}: ${place} ${message} ${fields.join(' ')}`
  }
  const log = (colour: boolean): string =>
    text(
      event(colour, 1, 'getattr', 'Starting getattr', { ino: '1' }),
      event(colour, 2, 'getattr', 'close time.busy=294µs', { ino: '1' }),
      event(colour, 3, 'create', 'Starting create', { parent: '1', name: 'a b', mode: '100644' }),
      event(colour, 4, 'create', 'Looking', { parent: '1', name: 'a b', mode: '100644' }, { n: '1' }),
      event(colour, 5, 'lookup', 'Starting lookup', { parent: '1', name: 'esc\x1b[31mred\x1b[0m' }),
      event(colour, 6, 'lookup', 'Starting lookup', { parent: '1', name: 'new\nline' }),
      event(colour, 7, 'unlink', 'Starting', { parent: '1', name: 'new\nline' }),
      event(colour, 8, 'lookup', 'Starting lookup', { parent: '1', name: 'plain' }),
    )

  test('reads as without', () => {
    const [plain, coloured] = [readLog(log(false)), readLog(log(true))]
    expect(brief(plain.operations)).toEqual([
      'getattr /',
      'create /a b',
      'lookup /esc\x1b[31mred\x1b[0m',
      'lookup /new\nline',
      'unlink /new\nline',
      'lookup /plain',
    ])
    expect(brief(coloured.operations)).toEqual(brief(plain.operations))
    expect(coloured.unparsed).toBe(plain.unparsed)
  })
})

test('what the program prints beside its events, with a level and no time, is understood', () => {
  const { operations, unparsed } = readLog(
    text(
      `${at(1)} DEBUG ThreadId(01) fuse::create{parent=1 name=a}: fs: src/fuse_fs.rs:1: Starting create`,
      'DEBUG FileManager: Using policy ff for creating "/a"',
      `${at(2)} DEBUG ThreadId(01) fuse::create{parent=1 name=a}: fs: src/fuse_fs.rs:2: Creating`,
      'DEBUG FileManager: Using policy ff for creating "/b"',
    ),
  )
  expect(brief(operations)).toEqual(['create /a'])
  expect(unparsed).toBe(0)
})

test.each([
  ['quoted', 'old: "/d/r1.txt", new: "/d/r, 2"'],
  ['as they are', 'old: /d/r1.txt, new: /d/r, 2'],
])('both names of a rename in the words of older versions, %s', (_, words) => {
  const span = 'fuse::rename{parent=7 name=r1.txt newparent=7 newname=r, 2 flags=0}'
  const { operations } = readLog(
    text(
      `${at(1)} DEBUG ThreadId(01) ${span}: fs: src/fuse_fs.rs:1: Starting rename`,
      `${at(2)} DEBUG ThreadId(01) ${span}: fs: src/fuse_fs.rs:2: Resolved paths - ${words}`,
    ),
  )
  expect(brief(operations)).toEqual(['rename /d/r1.txt -> /d/r, 2'])
})

test('fusepy: what a program puts before every path, in a log that begins in the middle', () => {
  const call = (words: string): string => `DEBUG:fuse.log-mixin:${words}`
  const { operations, unparsed } = readLog(
    text(
      call('-> unlink /srv/data/a.txt ()'),
      call('<- unlink None'),
      call('-> statfs /srv/data/ ()'),
      call('<- statfs {}'),
      call('-> rmdir /srv/data/d ()'),
      call("<- rmdir '[Errno 2] No such file or directory'"),
    ),
  )
  expect(brief(operations)).toEqual(['unlink /a.txt', 'statfs /', 'rmdir /d'])
  expect(unparsed).toBe(0)
})
