import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { OwnClock } from '../../src/operation/own-clock.js'
import { brief, readLog } from './read-log.js'

const at = (ns: number): string => `2022.08.30 16:20:58.${489_000 + ns / 1000} [uid:0,gid:0,pid:9] `
const FILE = '[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12]'

test('both times, nodes and outcomes of each line', () => {
  const operations: Operation[] = []
  const interpreter = new Interpreter({
    candidates: dialects,
    clock: new OwnClock(),
    onEnd: (operation) => operations.push(operation),
  })
  const log = [
    `${at(0)}mkdir (1,d,drwxr-xr-x:0040755): OK (302,[drwxr-xr-x:0040755,1,0,0,1,1,1,12]) <0.000000>`,
    `${at(100_000)}create (302,f,-rw-r--r--:0100644): OK (303,${FILE}) [fh:3] <0.000050>`,
    `${at(200_000)}write (303,5,0): OK <0.000010>`,
    `${at(300_000)}rename (302,f,1,g,0): OK <0.000020>`,
    `${at(400_000)}getattr (303): (303,${FILE}) - OK <0.000009>`,
    '#',
    `${at(500_000)}unlink (1,g): - operation not permitted <0.000009>`,
  ]
  for (const line of linesOf(log.join('\n'))) interpreter.push(line)
  interpreter.end(0)
  expect(interpreter.unparsed).toBe(0)
  expect(operations).toMatchObject([
    { opcode: 'mkdir', path: '/d', status: 'ok', mode: 0o40755 },
    { opcode: 'create', path: '/d/f', startNs: 50_000, endNs: 100_000, endedBy: 'reply', pid: 9, fh: 3 },
    { opcode: 'write', path: '/d/f', size: 5, offset: 0, startNs: 190_000, endNs: 200_000 },
    { opcode: 'rename', path: '/d/f', newPath: '/g' },
    { opcode: 'getattr', path: '/g' },
    { opcode: 'unlink', path: '/g', status: 'error', errno: 'EPERM' },
  ])
})

test('a name with a whole line in it forges none', () => {
  const name = `evil\n${at(0)}rmdir (1,forged): OK <0.000009>\nx): OK (5) <0.1> - OK`
  const log = [
    `${at(0)}lookup (1,${name}): no such file or directory <0.000009>`,
    `${at(0)}create (1,${name},-rw-r--r--:0100644): (303,${FILE}) [fh:3] - OK <0.000179>`,
    `${at(0)}statfs (1): OK (1,2,3,4) <0.000009>`,
  ]
  const { operations, unparsed } = readLog(log.join('\n'))
  expect(brief(operations)).toEqual([`lookup /${name}`, `create /${name}`, 'statfs /'])
  expect(unparsed).toBe(0)
})

test('names that can be cut in two ways are left out', () => {
  const { operations } = readLog(
    `${at(0)}rename (1,a,2,b,1,c,0): OK <0.000350>\n${at(0)}symlink (1,a,b,c): OK (4,${FILE}) <0.1>`,
  )
  expect(operations).toMatchObject([{ opcode: 'rename', path: null, newPath: null }])
})

test('an empty result behind an error, a handle behind a node: the lines after it are not part of a name', () => {
  const at = '2022.08.30 16:20:58.501797 [uid:0,gid:0,pid:9] '
  const lines = [
    'readlink (1): invalid argument () <0.000045>',
    'getxattr (1,security.capability,0): no data available (0) <0.000045>',
    'create (1,f,-rw-r--r--:0100644): file exists [fh:0] <0.000045>',
    'setattr (1[0],0x208,[size=0]): operation not permitted <0.000045>',
    'setattr (1[3],0x208,[size=0]): (1,[-rw-r--r--:0100644,1,0,0,1,1,1,0]) - OK <0.000045>',
    'unlink (1,f): OK <0.000045>',
  ]
  const { operations } = readLog(lines.map((line) => `${at}${line}\n`).join(''))
  expect(operations.map(({ opcode, errno }) => `${opcode} ${errno}`)).toEqual([
    'readlink EINVAL',
    'getxattr ENODATA',
    'create EEXIST',
    'setattr EPERM',
    'setattr null',
    'unlink null',
  ])
})

test.each([
  ['readlink (5): () - input/output error', 'readlink EIO {}'],
  ['rename (1,a,1,b,2) - invalid cross-device link', 'rename2 EXDEV {"flags":2}'],
  ['read (6,131072,4096,8): 12 - OK', 'read ok {"size":131072,"offset":4096,"fh":8}'],
  ['read (6,131072,4096,8): 0 - input/output error', 'read EIO {"size":131072,"offset":4096,"fh":8}'],
  ['write (6,12,0,8) - disk quota exceeded', 'write EDQUOT {"size":12,"offset":0,"fh":8}'],
  ['open (6,0x8000) [fh:8] - OK', 'open ok {"flags":32768,"fh":8}'],
  ['flush (6,8,0000000000001234) - OK', 'flush ok {"fh":8}'],
  ['release (6,8): OK', 'release ok {"fh":8}'],
  ['readdir (1,4096,2,true): (3) - OK', 'readdirplus ok {"size":4096,"offset":2}'],
  ['readdir (1,4096,2): OK (3)', 'readdir ok {"size":4096,"offset":2}'],
  ['setlk (6,8,00000000000012A4,0,9223372036854775807,W,true,12) - OK', 'setlkw ok {"fh":8}'],
  ['getlk (6,8,00000000000012A4): (0,9223372036854775807,U,0) - OK', 'getlk ok {"fh":8}'],
  [`setattr (6[8],0x9,[mode=-rw-------:0600,size=7]): (6,${FILE}) - OK`, 'setattr ok {"size":7,"mode":384,"fh":8}'],
  ['mkdir (1,d,?rwxr-xr-x:00755): - file exists', 'mkdir EEXIST {"mode":493}'],
])('%s, as its sources write it', (line, expected) => {
  const { operations, unparsed } = readLog(`${at(0)}${line} <0.000020>\n${at(0)}unlink (1,next) - OK <0.000001>\n`)
  const [{ opcode, errno, status, size, offset, mode, flags, fh } = {}, next] = operations
  expect(`${opcode} ${errno ?? status} ${JSON.stringify({ size, offset, mode, flags, fh })}`).toBe(expected)
  expect(next).toMatchObject({ opcode: 'unlink', path: '/next' })
  expect(unparsed).toBe(0)
})

test('names are written with escapes where they hold what no line can', () => {
  const names = ['a\\nb', 'caf\\xe9', 'a \\"q\\" `b', 'back\\slash', 'C:\\\\x']
  const { operations } = readLog(names.map((name) => `${at(0)}unlink (1,${name}) - OK <0.000001>\n`).join(''))
  expect(operations.map(({ path }) => path)).toEqual(['/a\nb', '/caf\\xE9', '/a "q" `b', '/back\\slash', '/C:\\\\x'])
})

test('a name that never ends takes none of the lines after it with it', () => {
  const { operations, unparsed } = readLog(`${at(0)}lookup (1,cut\n${at(0)}statfs (1): (1,2,3,4) - OK <0.000001>\n`)
  expect(brief(operations)).toEqual(['statfs /'])
  expect(unparsed).toBeLessThan(2)
})

test('a line that was cut off takes nothing with it that it would not say', () => {
  const removed = `${at(0)}rmdir (1,d): OK <0.000001>`
  const { operations, unparsed } = readLog([removed, `${at(0)}unlink (1,cu`, removed, removed].join('\n'))
  // The third may stand in the second's name: neither is believed.
  expect(operations).toMatchObject([
    { opcode: 'rmdir', path: '/d', status: 'ok' },
    { opcode: 'unlink', path: null, status: 'unknown', errno: null, lines: [1, 1] },
    { opcode: 'rmdir', path: '/d', status: 'ok' },
  ])
  expect(unparsed).toBe(1)
  expect(readLog([removed, `${at(0)}unlink (1,cu`].join('\n'))).toMatchObject({ unparsed: 1 })
})

test('blanks at a line’s end are not the log’s', () => {
  const { operations, unparsed } = readLog(
    `${at(0)}unlink (1,a b ): OK <0.000001>   \n${at(0)}statfs (1): OK (1,2,3,4) <0.000009> \n`,
  )
  expect(brief(operations)).toEqual(['unlink /a b ', 'statfs /'])
  expect(unparsed).toBe(0)
})

test('a log that was cut off at a width: lines that end are read, the others are not understood', () => {
  const long = `${at(0)}unlink (1,${'x'.repeat(60)}): no such file or directory <0.000001>`.slice(0, 120)
  const short = (i: number): string => `${at(0)}rmdir (1,d${i}): OK <0.000001>`
  const log = Array.from({ length: 12 }, (_, i) => [long, short(i)]).flat()
  const { operations, unparsed } = readLog(log.join('\n'))
  expect(brief(operations.slice(3))).toEqual(Array.from({ length: 9 }, (_, i) => `rmdir /d${i + 3}`))
  expect(operations.slice(0, 3)).toMatchObject(Array(3).fill({ opcode: 'unlink', path: null, status: 'unknown' }))
  expect(unparsed).toBe(12)
})
