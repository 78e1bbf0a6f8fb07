import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readWith } from '../../src/dialect/core/check-dialect.js'
import type { Dialect, DialectEvent } from '../../src/dialect/core/dialect.js'
import { fuser } from '../../src/dialect/fuser/fuser.js'
import { goFuse } from '../../src/dialect/go-fuse/go-fuse.js'
import { libfuse } from '../../src/dialect/libfuse/libfuse.js'
import { mergerfs } from '../../src/dialect/mergerfs/mergerfs.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { tries } from '../tries.js'

const all = [libfuse, goFuse, mergerfs, fuser]

function operationsOf(dialect: Dialect, text: string): { operations: Operation[]; unparsed: number } {
  const operations: Operation[] = []
  const interpreter = new Interpreter({ dialect, onEnd: (one) => operations.push(one) })
  for (const line of linesOf(text)) interpreter.push(line)
  interpreter.end(0)
  return { operations: operations.sort((a, b) => a.id - b.id), unparsed: interpreter.unparsed }
}

/** What libfuse's high level prints of a file's life; sizes as the kernel makes them. */
function highLevel(directory: string, name: string, first: number, parent = 1): string {
  const path = `${directory}/${name}`
  const request = (unique: number, opcode: string, insize: number, node = parent): string =>
    `unique: ${unique}, opcode: ${opcode}, nodeid: ${node}, insize: ${insize}, pid: 7`
  return [
    request(first, 'LOOKUP (1)', 41 + name.length),
    `LOOKUP ${path}`,
    `getattr ${path}`,
    `   unique: ${first}, error: -2 (No such file or directory), outsize: 16`,
    request(first + 2, 'CREATE (35)', 57 + name.length),
    `create flags: 0x8241 ${path} 0100644 umask=0022`,
    `   create[5] flags: 0x8241 ${path}`,
    `fgetattr[5] ${path}`,
    '   NODEID: 9',
    `   unique: ${first + 2}, success, outsize: 160`,
    request(first + 4, 'GETXATTR (22)', 49 + 19, 9),
    `getxattr ${path} security.capability 0`,
    `   unique: ${first + 4}, error: -61 (No data available), outsize: 16`,
    request(first + 6, 'SETATTR (4)', 128, 9),
    `chmod ${path} 100600`,
    `getattr ${path}`,
    `   unique: ${first + 6}, success, outsize: 120`,
    request(first + 8, 'RENAME (12)', 50 + 2 * name.length + 1),
    `rename ${path} ${path}~`,
    `   unique: ${first + 8}, success, outsize: 16`,
    request(first + 10, 'UNLINK (10)', 41 + name.length + 1),
    `unlink ${path}~`,
    `   unique: ${first + 10}, success, outsize: 16`,
    request(first + 12, 'FORGET (2)', 48, 9),
    'FORGET 9/2',
    'DELETE: 9',
    '',
  ].join('\n')
}

const raw = (one: Operation, field: 'path' | 'newPath'): string | null => {
  const bytes = one[`${field}Bytes`]
  return bytes === undefined
    ? one[field] && Buffer.from(one[field] ?? '', 'utf8').toString('latin1')
    : Buffer.from(bytes, 'base64').toString('latin1')
}

/** Names that forge lines of libfuse, or whole conversations. */
const FORGED = [
  'f\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1',
  'f\nunique: 1000, opcode: UNLINK (10), nodeid: 1, insize: 42, pid: 1\n   unique: 1000, success, outsize: 16',
  'f\nunique: 104, opcode: UNLINK (10), nodeid: 1, insize: 42, pid: 1\nunlink x\n   unique: 104, success, outsize: 16',
  'f\n   unique: 100, success, outsize: 144',
  'f\n   NODEID: 3',
  'f\nDELETE: 9',
  'f\nLOOKUP x',
  'f\n',
  '\n',
  '\n\n\n',
  ' 0100644 umask=0022',
  'a security.capability 0',
]

describe('names in libfuse', () => {
  const sane = highLevel('', 'plain', 120)
  const calm = operationsOf(libfuse, highLevel('', 'x', 100) + sane)

  const holds = (name: string): void => {
    const { operations, unparsed } = operationsOf(libfuse, highLevel('', name, 100) + sane)
    expect(unparsed).toBe(0)
    expect(operations.map((one) => [one.unique, one.opcode, one.status, one.errno])).toEqual(
      calm.operations.map((one) => [one.unique, one.opcode, one.status, one.errno]),
    )
    const path = `/${name}`
    expect(operations.slice(0, 6).map((one) => raw(one, 'path'))).toEqual([path, path, path, path, path, `${path}~`])
    expect(raw(operations[4] as Operation, 'newPath')).toBe(`${path}~`)
    expect(operations.slice(7, 13).map((one) => one.path)).toEqual(calm.operations.slice(7, 13).map((one) => one.path))
  }

  test.each(FORGED)('%j is a name and nothing else', holds)

  test.each([
    ['bytes that are not UTF-8', '\xff\xfe\x80'],
    ['254 bytes', 'L'.repeat(254)],
    ['254 newlines', '\n'.repeat(254)],
    ['spaces at the ends', '  a  '],
    ['a backslash and quotes', '\\"\'`'],
    ['a carriage return', 'a\r'],
  ])('%s', (_what, name) => holds(name))

  test('any bytes', () => {
    const piece = fc.oneof(fc.constantFrom('\n', ' ', '   unique: 100, success, outsize: 16', '0'), fc.string())
    const name = fc
      .array(piece, { minLength: 1, maxLength: 6 })
      .map((parts) => Buffer.from(parts.join('').replace(/[/\0]/g, '_')).toString('latin1').slice(0, 254))
      .filter((name) => name !== '')
    fc.assert(fc.property(name, holds))
  })

  test('a directory whose name holds a newline and a request', () => {
    const directory = FORGED[0] ?? ''
    const made = `unique: 90, opcode: MKDIR (9), nodeid: 1, insize: ${49 + directory.length}, pid: 7
mkdir /${directory} 0755 umask=0022
getattr /${directory}
   NODEID: 4
   unique: 90, success, outsize: 144
`
    const below = highLevel(`/${directory}`, 'a\nb', 100, 4)
    const { operations, unparsed } = operationsOf(libfuse, made + below)
    expect(operations.map((one) => one.unique)).toEqual([90, 100, 102, 104, 106, 108, 110, 112])
    expect(operations.slice(1, 6).map((one) => one.path)).toEqual(Array(5).fill(`/${directory}/a\nb`))
    expect(unparsed).toBe(0)
  })

  test('a program that says nothing of a name leaves it unknown, and a forged line in it is not even there', () => {
    const { operations } = operationsOf(
      libfuse,
      'unique: 8, opcode: UNLINK (10), nodeid: 1, insize: 60, pid: 7\n   unique: 8, success, outsize: 16\n',
    )
    expect(operations).toMatchObject([{ unique: 8, opcode: 'unlink', path: null, status: 'ok' }])
  })

  test('an odd id far from the last is no request, a neighbour is', () => {
    const requests = Array.from({ length: 12 }, (_, i) => highLevel('', `n${i}`, 100 + 20 * i)).join('')
    const stray = (unique: number): string => `unique: ${unique}, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 1\n`
    for (const [unique, count] of [
      [999, 0],
      [340, 1],
      [9_000_000, 0],
    ] as const) {
      const { operations } = operationsOf(libfuse, requests + stray(unique))
      expect(operations.filter((one) => one.opcode === 'statfs').length, String(unique)).toBe(count)
    }
  })
})

describe('lines of requests that overlap', () => {
  test('are distinguished by the length of the name and by the node', () => {
    const { events } = readWith(
      libfuse,
      `unique: 8, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 1
unique: 10, opcode: LOOKUP (1), nodeid: 1, insize: 43, pid: 2
LOOKUP /bb
LOOKUP /a
getattr /bb
   NODEID: 3
getattr /a
   NODEID: 2
   unique: 8, success, outsize: 144
   unique: 10, success, outsize: 144
unique: 12, opcode: GETXATTR (22), nodeid: 2, insize: 53, pid: 1
unique: 14, opcode: GETXATTR (22), nodeid: 3, insize: 53, pid: 2
getxattr /bb user 0
getxattr /a user 0`,
    )
    const told = events.filter((event) => event.kind === 'detail' && event.path !== undefined)
    expect(told).toMatchObject([
      { key: 10, path: '/bb' },
      { key: 8, path: '/a' },
      { key: 14, path: '/bb' },
      { key: 12, path: '/a' },
    ])
    expect(events.filter((event) => event.kind === 'reply')).toMatchObject([
      { key: 8, childNodeId: '2' },
      { key: 10, childNodeId: '3' },
    ])
  })
})

describe('names that a program quotes', () => {
  test('go-fuse: a reply within a name, or in what a link says', () => {
    const { operations } = operationsOf(
      goFuse,
      `10:00:00.000001 rx 16: LOOKUP n1 ["a\\ntx 16:     OK\\xff"] 6b
10:00:00.000002 tx 16:     OK, {n5 g1 tE=1s tA=1s {M0120777 SZ=0}}
10:00:00.000003 rx 18: READLINK n5 
10:00:00.000004 tx 18:     OK,  "x rx 20: UNLINK n1 [\\"a\\"]"
`,
    )
    expect(operations.map((one) => [one.unique, one.opcode, one.status])).toEqual([
      [16, 'lookup', 'ok'],
      [18, 'readlink', 'ok'],
    ])
    expect(raw(operations[1] as Operation, 'path')).toBe('/a\ntx 16:     OK\xff')
  })

  test('mergerfs: a record within a name, over lines', () => {
    const name =
      'f"\nts=1 dir=IN unique=0x0000000000000066 opcode=UNLINK opcode_id=10 nodeid=1 uid=0 gid=0 pid=1 name="x'
    const quoted = name.replace(/["\\]/g, '\\$&')
    const { operations, unparsed } = operationsOf(
      mergerfs,
      `ts=5 dir=IN unique=0x0000000000000064 opcode=LOOKUP opcode_id=1 nodeid=1 uid=0 gid=0 pid=5589 name="${quoted}"
ts=6 dir=OUT unique=0x0000000000000064 error=-2 error_str="No such file or directory" len=16
`,
    )
    expect(operations).toMatchObject([{ unique: 100, path: `/${name}`, status: 'error', errno: 'ENOENT' }])
    expect(operations.length).toBe(1)
    expect(unparsed).toBe(0)
  })

  test('mergerfs: of several answers in pieces, none is lost', () => {
    const entry = (id: number, mode: string): string =>
      `nodeid=0x${id.toString(16).padStart(16, '0')} generation=0x01 entry_valid=1 ino=0x05 mode=${mode} nlink=1`
    const begin = (id: number, opcode: string, number: number, name: string): string =>
      `ts=1 dir=IN unique=0x${id.toString(16)} opcode=${opcode} opcode_id=${number} nodeid=1 uid=0 gid=0 pid=5 name="${name}"\n`
    const { operations, unparsed } = operationsOf(
      mergerfs,
      `${begin(100, 'LOOKUP', 1, 'a')}${begin(102, 'MKDIR', 9, 'd')}${begin(104, 'CREATE', 35, 'c')}
ts=2 dir=OUT unique=0x66 error=0 len=144 ts=2 dir=OUT unique=0x68 error=0 len=144 ts=2 dir=OUT unique=0x64 error=0 len=144 
${entry(7, '100644')} fh=0x01 open_flags=0x0
${entry(6, '40755')}
${entry(5, '100644')}
${begin(106, 'GETATTR', 3, '')}ts=3 dir=OUT unique=0x6a error=0 len=120 attr_valid=1
`.replace('nodeid=1 uid=0 gid=0 pid=5 name=""', 'nodeid=6 uid=0 gid=0 pid=5'),
    )
    expect(operations.map((one) => [one.opcode, one.path, one.status])).toEqual([
      ['lookup', '/a', 'ok'],
      ['mkdir', '/d', 'ok'],
      ['create', '/c', 'ok'],
      ['getattr', '/d', 'ok'],
    ])
    expect(unparsed).toBe(0)
  })
})

describe('nodes that fuser does not show', () => {
  const at = '[2026-11-22T20:00:54Z DEBUG fuser::request] '
  const request = (unique: number, ino: number, text: string): string =>
    `${at}FUSE(${String(unique).padStart(3)}) ino 0x${ino.toString(16).padStart(16, '0')} ${text}\n`

  test('are those that are used next', () => {
    const { operations } = operationsOf(
      fuser,
      request(2, 1, 'LOOKUP name "d"') +
        request(4, 7, 'LOOKUP name "e"') +
        request(6, 7, 'MKDIR name "e", mode 0o755') +
        request(8, 9, 'CREATE name "f", mode 0o100644, flags 0x8241') +
        request(10, 11, 'WRITE fh FileHandle(1), offset 0, size 5, write flags 0x0'),
    )
    expect(operations.map((one) => one.path)).toEqual(['/d', '/d/e', '/d/e', '/d/e/f', '/d/e/f'])
    expect(new Set(operations.map((one) => one.status))).toEqual(new Set(['unknown']))
  })

  test('stay unknown when two could be meant', () => {
    const { operations } = operationsOf(
      fuser,
      request(2, 1, 'CREATE name "a", mode 0o100644, flags 0x8241') +
        request(4, 1, 'CREATE name "b", mode 0o100644, flags 0x8241') +
        request(6, 5, 'WRITE fh FileHandle(1), offset 0, size 5, write flags 0x0'),
    )
    expect(operations[2]?.path).toBe(null)
  })
})

describe.each(all.map((dialect) => [dialect.name, dialect] as const))('%s', (_name, dialect) => {
  const lines = dialect.samples.flatMap((sample) => sample.lines.split('\n'))

  test('whatever the bytes, nothing is thrown', () => {
    const piece = fc.oneof(
      fc.constantFrom(...lines),
      fc.constantFrom(...lines).chain((line) => fc.nat(line.length).map((cut) => line.slice(0, cut))),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom('"', '\\', ' /', 'name=', ' -> ', ')', 'ts=1 dir=', '   unique: '),
    )
    const text = fc.array(fc.array(piece, { maxLength: 4 }).map((parts) => parts.join('')))
    fc.assert(
      fc.property(text, (parts) => {
        const events: DialectEvent[] = readWith(dialect, parts.join('\n')).events
        for (const {
          lines: [first, last],
        } of events)
          expect(first).toBeLessThanOrEqual(last)
        for (const line of parts) {
          expect([0, 1, 2]).toContain(dialect.recognize(line))
          const fit = dialect.explain?.(line)
          if (fit) expect(fit.matched).toBeLessThanOrEqual(line.length)
        }
      }),
    )
  })

  test.each([
    ['quotes', '"'],
    ['backslashes', '"\\x'],
    ['slashes', ' /'],
    ['digits', '0x1'],
    ['spaces', ' '],
    ['its own lines', `${lines[0] ?? ''} `],
    ['records', 'ts=1 dir='],
    ['pairs', 'a=b '],
    ['requests', 'FUSE( 1) rx 1: '],
  ])('much of %s is read like any line', (_what, unit) => {
    const long = unit.repeat(Math.ceil(tries(2 ** 17, 1e6) / unit.length))
    const rename = 'unique: 2, opcode: RENAME (12), nodeid: 1, insize: 500, pid: 7\nrename '
    for (const head of [
      '',
      lines[0] ?? '',
      (lines[0] ?? '').slice(0, 40),
      dialect === libfuse ? rename : 'rx 16: LOOKUP n1 "',
    ]) {
      readWith(dialect, head + long)
      dialect.recognize(head + long)
      dialect.explain?.(head + long)
    }
  })
})
