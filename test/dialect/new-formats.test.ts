import { describe, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { brief, readLog } from './read-log.js'

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')
const outcomes = (operations: readonly Operation[]): string[] =>
  operations.map(({ opcode, path, status, errno }) => `${opcode} ${path} ${errno ?? status}`)

describe('virtiofsd', () => {
  const at = (message: string): string => `[2024-01-02T03:04:05Z DEBUG virtiofsd::server] ${message}`
  test('requests and replies by id', () => {
    const { dialect, operations, unparsed } = readLog(
      text(
        '[2024-01-02T03:04:05Z INFO  virtiofsd] Waiting for vhost-user socket connection...',
        at('Received request: opcode=Getattr (3), inode=1, unique=4, pid=836'),
        at('Received request: opcode=Lookup (1), inode=1, unique=6, pid=836'),
        at('Replying OK, header: OutHeader { len: 120, error: 0, unique: 4 }'),
        at('Replying ERROR, header: OutHeader { error: -2 (No such file or directory), unique: 6, len: 16 }'),
      ),
    )
    expect(dialect).toBe('virtiofsd')
    expect(outcomes(operations)).toEqual(['getattr / ok', 'lookup null ENOENT'])
    expect(unparsed).toBe(0)
  })

  test('the C one, which prefixes libfuse’s lines', () => {
    const { dialect, operations } = readLog(
      text(
        '[ID: 00000097] unique: 4, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 9',
        '[ID: 00000098]    unique: 4, success, outsize: 120',
      ),
    )
    expect([dialect, ...outcomes(operations)]).toEqual(['libfuse', 'getattr / ok'])
  })
})

describe('Alluxio', () => {
  const at = (message: string, how = ''): string =>
    `2021-05-06 07:08:09,123 DEBUG AlluxioFuseFileSystem ${how}- ${message}`
  test('calls and returns, with threads between each other', () => {
    const { dialect, operations, unparsed } = readLog(
      text(
        at('Enter: getattr(path=/a)'),
        at('Enter: Fuse.Create(path=/b,mode=100644)', '[Thread-3] '),
        at('Exit (-2): getattr(path=/a) in 1 ms'),
        at('Exit (0): Fuse.Create(path=/b,mode=100644) in 3 ms', '[Thread-3] '),
        at('Enter: unlink(path=/x) in 1 ms)'),
        at('Exit (-13): unlink(path=/x) in 1 ms) in 1 ms'),
      ),
    )
    expect(dialect).toBe('alluxio')
    expect(outcomes(operations)).toEqual(['lookup /a ENOENT', 'create /b ok', 'unlink /x) in 1 ms EACCES'])
    expect(unparsed).toBe(0)
  })

  test('as versions since 2.8 write it: a thread, a file, a comma behind the last argument', () => {
    const since = (message: string): string =>
      `2022-01-13 13:57:14,011 DEBUG [Thread-3](AlluxioFuseUtils.java:401) - ${message}`
    const { dialect, operations, unparsed } = readLog(
      text(
        '2022-01-13 13:57:13,011 INFO  [main](AlluxioFuse.java:150) - Alluxio version: 2.9.0',
        since('Enter: Fuse.Mkdir(path=/d,mode=755,)'),
        since('Exit (0): Fuse.Mkdir(path=/d,mode=755,) in 3 ms'),
        since('Enter: Fuse.Rename(oldPath=/d,newPath=/e,)'),
        since('Exit (-95): Fuse.Rename(oldPath=/d,newPath=/e,) in 3 ms'),
      ),
    )
    expect(dialect).toBe('alluxio')
    expect(operations).toMatchObject([
      { opcode: 'mkdir', path: '/d', mode: 0o755, status: 'ok' },
      { opcode: 'rename', path: '/d', newPath: '/e', errno: 'ENOTSUP' },
    ])
    expect(unparsed).toBe(0)
  })
})

describe('WinFsp', () => {
  const at = (message: string): string => `memfs-x64[TID=0ff4]: ${message}`
  test('requests by their address, which is used again', () => {
    const { dialect, operations, unparsed } = readLog(
      text(
        at('FFFF1234: >>Create [UT---C] "\\a", FILE_OPEN, CreateOptions=40'),
        at('FFFF5678: >>QueryInformation "\\b"0:1F4'),
        at('FFFF1234: <<Create IoStatus=c0000034[0]'),
        at('FFFF1234: >>Create [UT---C] ">>Close", FILE_CREATE, CreateOptions=40'),
        at('FFFF5678: <<QueryInformation IoStatus=0[0]'),
        at('FFFF1234: <<Create IoStatus=0[2]'),
      ),
    )
    expect(dialect).toBe('winfsp')
    expect(outcomes(operations)).toEqual(['open /a ENOENT', 'getattr /b ok', 'create null ok'])
    expect(unparsed).toBe(0)
  })
})

describe('WinFsp, as its source writes it', () => {
  const AT = 'memfs-x64[TID=0ff4]: FFFFD38599230BB0: '
  const ok = (kind: string, info = ''): string => `${AT}<<${kind} IoStatus=0[0]${info}`
  const read = (...lines: string[]): readonly Operation[] => readLog(text(...lines)).operations

  test.each([
    [
      'SetInformation',
      '[RenameEx] "\\a", 0:1, NewFileName="\\b", AccessToken=0[PID=1a4], Flags=3',
      { opcode: 'rename', path: '/a', newPath: '/b' },
    ],
    [
      'SetInformation',
      '[Rename] 00000000000001F4, NewFileName="\\b", AccessToken=0[PID=1a4]',
      { opcode: 'rename', path: null, newPath: '/b' },
    ],
    [
      'SetInformation',
      '[EndOfFile] "\\a", 0:1, FileSize = 1:10',
      { opcode: 'setattr', path: '/a', size: 2 ** 32 + 16 },
    ],
    [
      'QueryDirectory',
      '0:1, Address=0, Length=4096, Pattern="\\x", Marker=NULL',
      { opcode: 'readdir', path: null, size: 4096 },
    ],
    ['QUERYEA', '', { opcode: 'listxattr', status: 'ok' }],
    ['LOCKCONTROL', '', { opcode: 'setlk' }],
    ['Write', '[C] "\\a", 0:1, Address=0, Offset=0:0, Length=5, Key=0', { opcode: 'write', path: '/a', size: 5 }],
  ])('%s %s', (kind, rest, expected) => {
    expect(read(`${AT}>>${kind} ${rest}`.trimEnd(), ok(kind))).toMatchObject([expected])
  })

  test('what was a directory is removed as one', () => {
    const operations = read(
      `${AT}>>Create [UT---C] "\\d", FILE_OPEN, CreateOptions=0, FileAttributes=0, Security=NULL`,
      ok('Create', ' UserContext=0:1, GrantedAccess=1, FileInfo={FileAttributes=10, ReparseTag=0}'),
      `${AT}>>Cleanup [Delete] "\\d", 0:1`,
      ok('Cleanup'),
      `${AT}>>Cleanup [Delete] "\\f", 0:2`,
      ok('Cleanup'),
    )
    expect(brief(operations)).toEqual(['open /d', 'rmdir /d', 'unlink /f'])
  })
})

describe('fuse3', () => {
  test('a name with a whole line in it forges none', () => {
    const name = 'x\\nUNLINK started req.unique=18 uid=0 parent=\\"/\\" parent_id=1 name=\\"y\\"'
    const { dialect, operations } = readLog(
      text(
        `2025-01-02T03:04:05.1Z DEBUG gvfs: LOOKUP started req.unique=16 uid=501 gid=20 pid=435 parent="/" parent_id=1 name="${name}"`,
        '2025-01-02T03:04:05.2Z ERROR gvfs: LOOKUP failed req.unique=16 e=Errno(2)',
        '2025-01-02T03:04:05.3Z DEBUG gvfs: GETATTR started req.unique=18 uid=0 gid=0 pid=1 inode=1 fh=None flags=0',
        '2025-01-02T03:04:05.4Z DEBUG gvfs: GETATTR completed req.unique=18 reply=ReplyAttr { ttl: 1s }',
      ),
    )
    expect(dialect).toBe('fuse3')
    expect(operations).toMatchObject([
      { opcode: 'lookup', unique: 16, errno: 'ENOENT' },
      { opcode: 'getattr', unique: 18, path: '/', status: 'ok' },
    ])
  })
})

test('mountpoint-s3’s copy of fuser', () => {
  const T = '2026-11-22T19:58:09.352282Z'
  const { dialect, operations } = readLog(
    text(
      `${T} DEBUG ThreadId(05) mountpoint_s3_fuser::request: FUSE(  4) ino 0x0000000000000001 LOOKUP name "a"`,
      `${T}  WARN ThreadId(05) lookup{req=4 ino=1 name="a"}: mountpoint_s3_fs::fuse: lookup failed with errno 2: inode error: file does not exist`,
    ),
  )
  expect(dialect).toBe('tracing')
  expect(outcomes(operations)).toEqual(['lookup /a ENOENT'])
})

test('mountpoint-s3’s spans show which process asked, and what it does not offer', () => {
  const at = (level: string, what: string): string => `2026-11-22T19:58:09.352282Z ${level} ThreadId(05) ${what}`
  const { operations } = readLog(
    text(
      at('DEBUG', 'mountpoint_s3_fuser::request: FUSE(  6) ino 0x0000000000000005 GETXATTR name "user.a", size 0'),
      at(
        ' WARN',
        'getxattr{req=6 ino=5 name="user.a" pid=77}: mountpoint_s3_fs::fuse: getxattr failed: operation not supported by Mountpoint',
      ),
      at(
        ' WARN',
        'symlink{req=8 parent=1 link_name="s" target="t" pid=78}: mountpoint_s3_fs::fuse: symlink failed: operation not supported by Mountpoint',
      ),
    ),
  )
  expect(operations).toMatchObject([
    { opcode: 'getxattr', name: 'user.a', errno: 'ENOSYS', pid: 77 },
    { opcode: 'symlink', path: '/s', errno: 'EPERM', pid: 78 },
  ])
})
