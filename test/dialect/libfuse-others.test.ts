import { expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')
const opened = (operations: ReturnType<typeof readLog>['operations']): string[] =>
  operations.map(({ opcode, path, status }) => `${opcode} ${path} ${status}`)

test('reads the paths that ntfs-3g prints behind its answers', () => {
  const { operations, unparsed } = readLog(
    text(
      'unique: 8, opcode: CREATE (35), nodeid: 1, insize: 66',
      '   NODEID: 2',
      '   unique: 8, error: 0 (Success), outsize: 160',
      '  CREATE[0] flags: 0x8041 /new',
      'x.txt',
      'unique: 10, opcode: SETXATTR (21), nodeid: 2, insize: 70',
      '   unique: 10, error: 0 (Success), outsize: 16',
      'unique: 12, opcode: OPEN (14), nodeid: 2, insize: 48',
      '   unique: 12, error: 0 (Success), outsize: 32',
      'unique: 14, opcode: RELEASE (18), nodeid: 2, insize: 64',
      'RELEASE[0] flags: 0x8001',
      '   unique: 14, error: 0 (Success), outsize: 16',
    ),
  )
  expect(opened(operations)).toEqual([
    'create /new\nx.txt ok',
    'setxattr /new\nx.txt ok',
    'open /new\nx.txt ok',
    'release /new\nx.txt ok',
  ])
  expect(unparsed).toBe(0)
})

test('takes no request whose id was used before, when another logger prints a name raw', () => {
  const requests = Array.from({ length: 12 }, (_, i) => [
    `unique: ${2 * i + 2}, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 7`,
    'statfs /',
    `   unique: ${2 * i + 2}, success, outsize: 96`,
  ]).flat()
  const { operations } = readLog(
    text(
      ...requests,
      'DEBUG:fuse.log-mixin:-> getattr /w',
      'unique: 12, opcode: UNLINK (10), nodeid: 1, insize: 47, pid: 1',
      'unlink /a.txt',
      '   unique: 12, success, outsize: 16 (None,)',
    ),
  )
  expect(operations.map(({ opcode }) => opcode)).toEqual(Array.from({ length: 12 }, () => 'statfs'))
})

test('finds the name of a file that is hidden instead of unlinked, in a directory that ends in a space', () => {
  const { operations } = readLog(
    text(
      'unique: 4, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 7',
      'LOOKUP /trail ',
      'getattr /trail ',
      '   NODEID: 5',
      '   unique: 4, success, outsize: 144',
      'unique: 6, opcode: UNLINK (10), nodeid: 5, insize: 43, pid: 7',
      'getattr /trail /.fuse_hidden0000004000000001',
      'rename /trail /in /trail /.fuse_hidden0000004000000001',
      '   unique: 6, success, outsize: 16',
    ),
  )
  expect(brief(operations)).toEqual(['lookup /trail ', 'unlink /trail /in'])
})

test('reads a request behind the begin of a line that a program wrote in pieces, if its id is one of the next', () => {
  const head = ['unique: 2, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 7', '   unique: 2, success, outsize: 96']
  const behind = (begin: string, unique: number): string =>
    `${begin}unique: ${unique}, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 7`
  const opcodes = (...lines: string[]): string[] => readLog(text(...head, ...lines)).operations.map((one) => one.opcode)
  expect(opcodes(behind('\x1b[0m', 4), '   unique: 4, success, outsize: 120')).toEqual(['statfs', 'getattr'])
  expect(opcodes(behind('DEBUG:dev ', 4))).toEqual(['statfs', 'getattr'])
  expect(opcodes(behind('opened /', 4))).toEqual(['statfs'])
  expect(opcodes(behind('opened ', 2), behind('opened ', 999), behind('opened ', 5000))).toEqual(['statfs'])
})

test("reads the names of passthrough_hp's lookups", () => {
  const { operations } = readLog(
    text(
      'dev unique: 4, opcode: MKDIR (9), nodeid: 1, insize: 53, pid: 7',
      'DEBUG: lookup(): name=a\nb c, parent=1',
      '   unique: 4, success, outsize: 144',
    ).replace('insize: 53', `insize: ${49 + 'a\nb c'.length}`),
  )
  expect(brief(operations)).toEqual(['mkdir /a\nb c'])
})

test('a request id that comes again right after its answer is another request, and no new mount', () => {
  const rx = (unique: number, name: string): string => `20:00:35.640828 rx ${unique}: UNLINK n2 ["${name}"] 6b`
  const tx = (unique: number, more = ''): string => `20:00:35.640922 tx ${unique}:     OK${more}`
  const { dialect, operations } = readLog(
    text(
      '20:00:35.640828 rx 2: LOOKUP n1 ["d"] 6b',
      tx(2, ', {n2 g1 tE=1s tA=1s {M040755}}'),
      ...Array.from({ length: 5 }, (_, i) => [rx(2, `${i}`), tx(2)]).flat(),
      rx(4, 'b'),
      tx(4),
    ),
  )
  expect(dialect).toBe('go-fuse')
  const unlinked = ['0', '1', '2', '3', '4', 'b'].map((name) => `unlink /d/${name}`)
  expect(brief(operations)).toEqual(['lookup /d', ...unlinked])
})

test("reads macOS's lines, error numbers and sizes", () => {
  const { operations, unparsed } = readLog(
    text(
      'unique: 0, opcode: INIT (26), nodeid: 0, insize: 56, pid: 0',
      '   unique: 0, success, outsize: 40',
      'unique: 2, opcode: LOOKUP (1), nodeid: 1, insize: 43, pid: 408',
      'LOOKUP /ab',
      'getattr /ab',
      '   NODEID: 9',
      '   unique: 2, success, outsize: 160',
      'unique: 3, opcode: SETATTR (4), nodeid: 9, insize: 168, pid: 408',
      'setattr_x /ab',
      'getattr /ab',
      '   unique: 3, success, outsize: 136',
      'unique: 4, opcode: GETXATTR (22), nodeid: 9, insize: 61, pid: 408',
      'getxattr /ab a.b5 32 0',
      '   unique: 4, error: -93 (Attribute not found), outsize: 16',
      'unique: 5, opcode: SETXATTR (21), nodeid: 9, insize: 64, pid: 408',
      'setxattr /ab a.b5 3 0x0 0',
      '   unique: 5, error: -78 (Function not implemented), outsize: 16',
      'unique: 6, opcode: LOOKUP (1), nodeid: 9, insize: 43, pid: 0',
      'LOOKUP-DOTDOT',
      'LOOKUP /',
      'getattr /',
      '   NODEID: 1',
      '   unique: 6, success, outsize: 160',
      'unique: 7, opcode: RENAME (12), nodeid: 1, insize: 53, pid: 408',
      'renamex /ab /c flags: 0x4',
      '   unique: 7, success, outsize: 16',
    ),
  )
  expect(operations.map(({ opcode, path, name, errno }) => [opcode, path, name, errno])).toEqual([
    ['init', null, null, null],
    ['lookup', '/ab', null, null],
    ['setattr', '/ab', null, null],
    ['getxattr', '/ab', 'a.b5', 'ENODATA'],
    ['setxattr', '/ab', 'a.b5', 'ENOSYS'],
    ['lookup', '/', null, null],
    ['rename', '/ab', null, null],
  ])
  expect(unparsed).toBe(0)
})

test('ids that are given again are taken once answers show that it is no forgery', () => {
  const statfs = (unique: number): string[] => [
    `unique: ${unique}, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 7`,
    `   unique: ${unique}, success, outsize: 96`,
  ]
  const fresh = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const { operations } = readLog(text(...[...fresh, 3, 11, 4, 12, 5, 13, 6, 14, 3, 15, 4].flatMap(statfs)))
  expect(operations.map(({ unique }) => unique)).toEqual([...fresh, 11, 12, 13, 6, 14, 3, 15, 4])
})

test('a line that is not as long as its request says swallows nothing at the end of a log', () => {
  const { operations, unparsed } = readLog(
    text(
      'unique: 4, opcode: SETXATTR (21), nodeid: 9, insize: 99, pid: 7',
      'setxattr /ab user.x 3 0x0',
      '   unique: 4, success, outsize: 16',
      'unique: 6, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 7',
      'statfs /',
      '   unique: 6, success, outsize: 96',
    ),
  )
  expect(opened(operations)).toEqual(['setxattr null ok', 'statfs / ok'])
  expect(unparsed).toBe(0)
})

test('passthrough_hp: what it does not find is not there, and names what is made or renamed next', () => {
  const lookup = (unique: number, name: string, found: boolean): string[] => [
    `unique: ${unique}, opcode: LOOKUP (1), nodeid: 1, insize: ${41 + name.length}, pid: 7`,
    `DEBUG: lookup(): name=${name}, parent=1`,
    ...(found ? [`DEBUG: lookup(): created userspace inode ${unique}; fd = 9`] : []),
    `   unique: ${unique}, success, outsize: 144`,
  ]
  const { operations, unparsed } = readLog(
    text(
      ...lookup(2, 'a.txt', true),
      'unique: 4, opcode: GETATTR (3), nodeid: 77, insize: 56, pid: 7',
      '   unique: 4, success, outsize: 120',
      ...lookup(6, 'bb', false),
      'unique: 8, opcode: RENAME (12), nodeid: 1, insize: 57, pid: 7',
      '   unique: 8, success, outsize: 16',
      ...lookup(10, 'hard', false),
      'unique: 12, opcode: LINK (13), nodeid: 1, insize: 53, pid: 7',
      '   unique: 12, success, outsize: 144',
      'unique: 14, opcode: GETATTR (3), nodeid: 77, insize: 56, pid: 7',
      '   unique: 14, success, outsize: 120',
    ),
  )
  expect(brief(operations.filter(({ opcode }) => opcode !== 'lookup'))).toEqual([
    'getattr /a.txt',
    'rename /a.txt -> /bb',
    'link null -> /hard',
    'getattr /bb',
  ])
  expect(unparsed).toBe(0)
})
