import { describe, expect, test } from 'vitest'
import { dialects } from '../../../src/dialect/builtin.js'
import { none } from '../../../src/dialect/core/choose.js'
import { Framing } from '../../../src/dialect/framing/framing.js'
import { juicefs } from '../../../src/dialect/juicefs/juicefs.js'
import { linesOf } from '../../../src/line/splitter.js'
import { explain } from '../../../src/operation/explain.js'
import { Interpreter } from '../../../src/operation/interpreter.js'
import { brief, readLog } from '../read-log.js'

const LIBFUSE = [
  'FUSE library version: 3.14.0',
  'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 7',
  'LOOKUP /b\r.txt',
  'getattr /b\r.txt',
  '   unique: 4, error: -2 (No such file or directory), outsize: 16',
  'unique: 6, opcode: MKDIR (9), nodeid: 1, insize: 51, pid: 7',
  'mkdir /d1 0755 umask=0022',
  '   NODEID: 2',
  '   unique: 6, success, outsize: 144',
]
const PRETTY = [
  '  2026-11-22T19:58:36.2Z  INFO mergerfs_rs: Starting mergerfs-rs mount',
  '    at src/main.rs:223',
  '',
  '  2026-11-22T19:58:36.3Z DEBUG mergerfs_rs::fuse_fs: Creating directory',
  '    at src/fuse_fs.rs:402',
  '    in mergerfs_rs::fuse_fs::fuse::mkdir with parent: 1, name: d1',
  '',
]

describe.each([
  ['syslog', 'Nov 22 20:00:41 host mount.prog[123]: ', ''],
  ['journald with microseconds', '2026-11-22T20:00:41.123456+0100 my-host.lan prog[77]: ', ''],
  ['Kubernetes', '2026-11-22T20:00:41.123456789Z stderr F ', ''],
  ['docker logs -t', '2026-11-22T20:00:41.123456789Z ', ''],
  ['docker compose', 'mount-1  | ', ''],
  ['docker compose in colour', '\x1b[36mmount-1  | \x1b[0m', ''],
  ['a supervisor', 'prog[123]: ', ''],
  ['ts', '[2026-11-22 20:00:41] ', ''],
  ['a process id', '[1234] ', ''],
  ['carriage returns', '', '\r'],
  ['next lines', '', '\u0085'],
  ['vertical tabs', '', '\v'],
  ['line separators', '', '\u2028'],
  ['zeros', '', '\0'],
  ['marks of byte order', '\ufeff', ''],
  ['blanks of no width', '\u200b', ''],
  ["systemd's priorities", '<7>', ''],
  ['Buildkite', '\x1b_bk;t=1700000000123\x07', ''],
  ["Azure's jobs", '2026-11-22T20:00:41.1234567Z ##[debug]', ''],
  ['numbers and arrows', '12→', ''],
  ['grep in colour', '\x1b[35mdaemon.log\x1b[0m\x1b[36m:\x1b[0m\x1b[32m12\x1b[0m\x1b[36m:\x1b[0m', ''],
])('lines with %s around them', (_, before, after) => {
  test('are read as without', () => {
    const { dialect, operations, unparsed } = readLog(LIBFUSE.map((line) => `${before}${line}${after}\n`).join(''))
    expect(dialect).toBe('libfuse')
    expect(brief(operations)).toEqual(['lookup /b\r.txt', 'mkdir /d1'])
    expect(unparsed).toBe(0)
  })

  test("are read as without where the log's own lines begin with times", () => {
    const { dialect, operations } = readLog(PRETTY.map((line) => `${before}${line}${after}\n`).join(''))
    expect(dialect).toBe('tracing-pretty')
    expect(brief(operations)).toEqual(['mkdir /d1'])
  })
})

test('a name that looks like a prefix takes nothing off', () => {
  const name = 'x\nNov 22 20:00:41 host prog[1]: FLUSH'
  const { operations } = readLog(
    `unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: ${41 + name.length}, pid: 7\nLOOKUP /${name}\n   unique: 4, success, outsize: 144\n`,
  )
  expect(brief(operations)).toEqual([`lookup /${name}`])
})

test('explains a strange line behind a prefix with the caret where it belongs', () => {
  const before = 'Nov 22 20:00:41 host prog[1]: '
  const lines = linesOf(`${before}${LIBFUSE[1]}\n${before}unique: 4, opcode: LOOKUP (1), node: 1\n`)
  const { chosen, unmatched } = explain([...lines], dialects)
  expect(chosen).toBe('libfuse')
  const [strange] = unmatched
  expect(strange?.line.raw.slice(strange.matched)).toBe('node: 1')
})

test('explains an answer without its request as that, however well it fits', () => {
  const at = 'D1122 20:59:57.387734 fuse_debug: Op'
  const { unmatched } = explain(
    linesOf(
      [
        `${at} 0x00000086        connection.go:498] -> OK ()`,
        `${at} 0x00000088        connection.go:416] <- LookUpInode (parent 1, name "a", PID 7)`,
        `${at} 0x00000088        connection.go:498] -> OK (inode 2)`,
      ].join('\n'),
    ),
    dialects,
  )
  expect(unmatched).toMatchObject([{ expected: 'the request that this belongs to, in a line before' }])
})

test('a log whose dialect is given is read from its first line on, also behind a prefix that the second confirms', () => {
  const paths: (string | null)[] = []
  const interpreter = new Interpreter({ dialect: juicefs, onEnd: ({ path }) => paths.push(path) })
  const lines = ['a', 'b', 'c'].map(
    (name, i) =>
      `cpu=${i} 2022.08.30 03:04:06.48932${i} [uid:0,gid:0,pid:9] mkdir (1,${name},drwxr-xr-x:040755): OK (10,[drwxr-xr-x:040755,2,0,0,1661,1661,1661,0]) <0.000179>`,
  )
  for (const line of linesOf(lines.join('\n'))) interpreter.push(line)
  interpreter.end(0)
  expect(paths).toEqual(['/a', '/b', '/c'])
})

test('lines between quotation marks that are not escaped keep what stands between their own', () => {
  const at = 'memfs-x64[TID=0ff4]: FFFF1004: '
  const { operations } = readLog(
    [
      `${at}>>Create [UT---C] "\\a", FILE_CREATE, CreateOptions=40`,
      `${at}<<Create IoStatus=0[2]`,
      `${at}>>Close "\\a", 0:1`,
    ]
      .map((line) => `"${line}"\n`)
      .join(''),
  )
  expect(brief(operations)).toEqual(['create /a', 'release /a'])
})

test.each([
  ['journald, as bytes', (line: string) => JSON.stringify({ MESSAGE: [...Buffer.from(line)], PRIORITY: '6' })],
  ['go test -json', (line: string) => JSON.stringify({ Action: 'output', Test: 'T', Output: `${line}\n` })],
  ['a table in CSV', (line: string) => `"2026-11-22T20:00:41Z","fs","${line.replaceAll('"', '""')}"`],
])('lines of a name in quotes within records of %s', (_, write) => {
  const lines = [
    '20:00:35.640828 rx 18: LOOKUP n1  ["a \\\\ b"] 6b',
    '20:00:35.640922 tx 18:     2=no such file or directory',
  ]
  const { operations } = readLog(lines.map((line) => `${write(line)}\n`).join(''))
  expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a \\ b', errno: 'ENOENT' }])
})

test('one line that another program passed on takes nothing off a log whose own lines begin in such a way', () => {
  const lines = [
    'Nov 22 20:00:41 host prog[123]: *fuseops.LookUpInodeOp error: no such file or directory',
    '20:00:35.640482 rx 16: LOOKUP n1 ["a.txt"] 6b',
    '20:00:35.640754 tx 16:     2=no such file or directory, {n0 g0 tE=1s tA=0s {M00 SZ=0 L=0 0:0 B0*0 i0:0 A 0.000000 M 0.000000 C 0.000000}}',
  ]
  const { dialect, operations } = readLog(lines.join('\n'))
  expect(dialect).toBe('go-fuse')
  expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a.txt', status: 'error', errno: 'ENOENT' }])
})

test('a single line behind words that nobody knows is read all the same', () => {
  const { dialect, operations } = readLog('so we see unique: 4, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 7')
  expect(dialect).toBe('libfuse')
  expect(brief(operations)).toEqual(['getattr /'])
})

describe('a log that no dialect knows', () => {
  const counted = () => {
    let asked = 0
    const recognize = () => {
      asked++
      return 0 as const
    }
    return { framing: new Framing([{ ...none, recognize }]), asked: () => asked }
  }
  const observe = (framing: Framing, raw: string, count = 1) => {
    for (let index = 0; index < count; index++)
      framing.observe({ index, atNs: 0, stream: 'stdout', raw, terminated: true })
  }

  test('is held against all that may stand around a line for some thousands of lines, no longer', () => {
    const { framing, asked } = counted()
    observe(framing, '> 2026-11-22T20:00:41Z some words', 6000)
    const before = asked()
    observe(framing, '> 2026-11-22T20:00:41Z some words', 1000)
    expect([before > 0, asked() - before]).toEqual([true, 0])
  })

  test('costs little where a line seems to be wrapped again and again', () => {
    const { framing, asked } = counted()
    observe(framing, `${'> '.repeat(30)}${'    12: '.repeat(30)}x`)
    framing.end()
    expect(asked()).toBeLessThan(5000)
  })
})
