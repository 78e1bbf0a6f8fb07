import { describe, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { scoreCapture } from './score.js'

/** Capture, dialect, path-changing calls of the workload, lines that are a program's prose. */
const logs = [
  ['bindfs-d', 'libfuse', 54, 0],
  ['bindfs-d-pty', 'libfuse', 54, 0],
  ['bindfs-mt-d', 'libfuse', 54, 0],
  ['unionfs-d', 'libfuse', 52, 0],
  ['overlayfs-debug', 'libfuse', 54, 9],
  ['libfuse3-passthrough-d', 'libfuse', 52, 1],
  ['libfuse3-passthrough_ll-d', 'libfuse', 54, 1],
  ['libfuse318-passthrough-d', 'libfuse', 54, 1],
  ['libfuse318-passthrough_ll-never', 'libfuse', 52, 1],
  ['gocryptfs-fusedebug', 'go-fuse', 54, 8],
  ['mergerfs242-d', 'mergerfs', 54, 0],
] as const

const ODD = [
  'a name with spaces',
  'ünïcödé-日本-😀',
  'qu"ote\'s`',
  'back\\slash\\n',
  'new\nline',
  'tab\there',
  'esc\x1b[31mred\x1b[0m',
  'bad\\xFF\\xFEutf8',
  'br{ace}[s]=x, y',
  '100%s%n',
  'x}: mergerfs_rs::fuse_fs: src#fuse_fs.rs:522: Starting open',
  'f\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1',
  'L'.repeat(200),
]

/** Every odd name was made and unlinked under exactly that path, and whatever was done in between had it too. */
function oddNames(operations: readonly Operation[]): void {
  const folder = operations.filter((one) => one.path?.startsWith('/odd/'))
  const of = (opcode: string): (string | null)[] => folder.filter((one) => one.opcode === opcode).map((one) => one.path)
  const expected = ODD.map((name) => `/odd/${name}`)
  expect(of('create')).toEqual(expected)
  expect(of('unlink')).toEqual(expected)
  expect(new Set(folder.map((one) => one.path))).toEqual(new Set(expected))
  const bad = folder.find((one) => one.path?.includes('bad'))
  expect(Buffer.from(bad?.pathBytes ?? '', 'base64').toString('latin1')).toBe('/odd/bad\xff\xfeutf8')
}

describe.each(logs)('%s', (name, dialect, paths, prose) => {
  const score = scoreCapture(name)

  test('every request is an operation with its opcode, outcome and path', () => {
    const { missing, badOpcodes, badErrnos, pathMisses } = score
    expect({ missing, badOpcodes, badErrnos, pathMisses }).toEqual({
      missing: [],
      badOpcodes: [],
      badErrnos: [],
      pathMisses: [],
    })
    expect(score).toMatchObject({ dialect, recall: 1, phantom: 0, opcode: 1, errno: 1, errnoKnown: 1, path: 1 })
    expect(score).toMatchObject({ pathCount: paths, unparsed: prose })
  })

  test('odd names are read exactly, and forged lines in them are no operations', () => {
    expect(score.operations.filter((one) => one.unique === 999)).toEqual([])
    oddNames(score.operations)
  })

  test('renames, links and attributes have their names', () => {
    const find = (opcode: string, status = 'ok'): (Operation | undefined)[] =>
      score.operations.filter((one) => one.opcode === opcode && one.status === status)
    expect(find('rename').map((one) => [one?.path, one?.newPath])).toEqual([
      ['/r1.txt', '/r2.txt'],
      ['/r2.txt', '/d1/r3.txt'],
      ['/rd1', '/rd2'],
    ])
    const [symlink] = find('symlink')
    expect(symlink).toMatchObject({ path: '/sym' })
    // The example program prints what it made, not what it says.
    expect(symlink?.target).toBe(name.includes('passthrough_ll') ? null : 'a.txt')
    // These have no attributes: the request is refused without a word about it.
    if (!['libfuse3-passthrough-d', 'unionfs-d', 'libfuse318-passthrough_ll-never'].includes(name)) {
      const attributes = [...find('removexattr'), ...find('setxattr')].filter((one) => one?.path === '/a.txt')
      expect(attributes.map((one) => one?.name)).toEqual(['user.test', dialect === 'mergerfs' ? null : 'user.test'])
    }
  })
})

describe('libfuse318-uring-d', () => {
  const score = scoreCapture('libfuse318-uring-d')

  test('through io_uring every request is an operation with its path; an outcome is known where the answer shows it', () => {
    expect(score).toMatchObject({ dialect: 'libfuse', recall: 1, phantom: 0, opcode: 1, errno: 1, path: 1 })
    expect(score).toMatchObject({ missing: [], badErrnos: [], pathMisses: [], unparsed: 1 })
    expect(score.errnoKnown).toBeGreaterThan(0.6)
    expect(score.operations.some((one) => one.opcode === 'lookup' && one.status === 'error')).toBe(true)
  })

  test('odd names are read exactly', () => oddNames(score.operations))
})

describe('fuser-simple-debug', () => {
  const score = scoreCapture('fuser-simple-debug')

  test('every request is an operation; outcomes are unknown but where fuser answers by itself', () => {
    expect(score).toMatchObject({
      dialect: 'fuser',
      recall: 1,
      phantom: 0,
      opcode: 1,
      errno: 1,
      path: 1,
      pathCount: 54,
    })
    expect(score.missing).toEqual([])
    const told = score.operations.filter((one) => one.status !== 'unknown')
    expect(told.map((one) => [one.opcode, one.errno])).toEqual([
      ['flush', 'ENOSYS'],
      ['fsync', 'ENOSYS'],
    ])
    expect(new Set(score.operations.map((one) => one.endedBy))).toEqual(new Set(['next-request', 'last-event']))
  })

  test('odd names are read exactly', () => oddNames(score.operations))
})

describe('a daemon that is killed', () => {
  test('has all that it has read; what it never read is missing', () => {
    const score = scoreCapture('libfuse3-passthrough-d-killed')
    expect(score).toMatchObject({ dialect: 'libfuse', phantom: 0, opcode: 1, errno: 1, path: 1, unparsed: 1 })
    expect(score.missing).toEqual([['lookup', 1]])
  })
})

test('mergerfs 2.33 logs no requests', () => {
  expect(scoreCapture('mergerfs-d')).toMatchObject({ dialect: 'none', lines: 2, unparsed: 2, operations: [] })
})
