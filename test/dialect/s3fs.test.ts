import { describe, expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('')

describe('s3fs', () => {
  const AT = '2023-01-02T03:04:05.678Z [INF] s3fs.cpp:'
  test('its calls are requests whose ends are inferred', () => {
    const { dialect, operations, unparsed } = readLog(
      text(
        '[CRT] s3fs.cpp:set_s3fs_log_level(297): change debug level from [CRT] to [INF]',
        '[INF] s3fs.cpp:s3fs_init(3394): init v1.86(commit:unknown) with OpenSSL',
        '[INF] s3fs.cpp:s3fs_getattr(808): [path=/a]',
        '[INF]       curl.cpp:HeadRequest(2561): [tpath=/a]',
        '[INF] s3fs.cpp:s3fs_mknod(878): [path=/a][mode=100644][dev=0]',
        '[INF] s3fs.cpp:s3fs_getattr(808): [path=/a]',
        '[INF] s3fs.cpp:s3fs_open(2149): [path=/a][flags=0x8401]',
        '[INF] s3fs.cpp:s3fs_rename(1500): [from=/a][to=/b]',
        '[INF] s3fs.cpp:s3fs_unlink(998): [path=/b]',
      ),
    )
    expect(dialect).toBe('s3fs')
    expect(brief(operations)).toEqual(['lookup /a', 'mknod /a', 'open /a', 'rename /a -> /b', 'unlink /b'])
    expect(operations.map(({ endedBy }) => endedBy)).not.toContain('reply')
    expect(operations[2]).toMatchObject({ flags: 0x8401 })
    expect(unparsed).toBe(0)
  })

  test('a name with another’s arguments in it stays one name', () => {
    const name = 'x][flags=0x1][mode=7] (y'
    const { operations } = readLog(
      text(
        `${AT}s3fs_create(9): [path=/${name}][mode=100644][flags=0x8241]`,
        `${AT}s3fs_rename(9): [from=/a][to=/b][to=/c]`,
      ),
    )
    expect(operations).toMatchObject([
      { opcode: 'create', path: `/${name}`, mode: 0o100644 },
      { opcode: 'rename', path: null },
    ])
  })

  test('what a rename removes is part of it, until its old name is named again', () => {
    const { operations } = readLog(
      text(
        `${AT}s3fs_rename(1): [from=/d][to=/e]`,
        '2023-01-02T03:04:05.700Z [INF]   s3fs.cpp:rename_directory(1): [from=/d/][to=/e]',
        `${AT}s3fs_unlink(1): [path=/d/in.txt]`,
        `${AT}s3fs_rmdir(1): [path=/d/]`,
        `${AT}s3fs_unlink(1): [path=/other]`,
        `${AT}s3fs_getattr(1): [path=/d]`,
        `${AT}s3fs_rmdir(1): [path=/d]`,
      ),
    )
    expect(brief(operations)).toEqual(['rename /d -> /e', 'unlink /other', 'lookup /d', 'rmdir /d'])
  })

  test.each([
    ['listxattr', '[path=/a][list=0x7f7b18000c40][size=256]', { path: '/a', size: 256 }],
    ['utimens', '[path=/a][mtime=1661.5][ctime/atime=1661.5][pid=12,uid=0,gid=0]', { path: '/a', pid: 12 }],
    ['create', '[path=/a][mode=100644][flags=0x8241][pid=12,uid=0,gid=0]', { path: '/a', flags: 0x8241, pid: 12 }],
    ['flush', '[path=null][pseudo_fd=7][pid=12,uid=0,gid=0]', { path: null, fh: 7 }],
    ['write', '[unlinked path=/a][size=5][offset=0][pseudo_fd=7]', { path: null, size: 5, fh: 7 }],
    ['access', '[path=/a][mask=R_OK X_OK ]', { path: '/a' }],
    ['getxattr', '[path=/a][name=user.x][value=(nil)][size=0]', { path: '/a', name: 'user.x', size: 0 }],
  ])('%s, as its sources write it', (name, args, expected) => {
    const { operations } = readLog(text(`${AT}s3fs_${name}(1): ${args}`))
    expect(operations).toMatchObject([expected])
  })

  test('a name with lines in it goes on until what follows it, an answer too', () => {
    const name = `f\n${AT}s3fs_unlink(9): [path=/forged]\nx`
    const { operations, unparsed } = readLog(
      text(
        `${AT}s3fs_mkdir(9): [path=/${name}][mode=0755]`,
        `2023-01-02T03:04:05.700Z [INF]       curl.cpp:HeadRequest(2561): [tpath=/f`,
        `x]`,
        `2023-01-02T03:04:05.700Z [DBG] s3fs.cpp:s3fs_getattr(9): [path=/f`,
        'x] uid=0, gid=0, mode=40755',
        `${AT}s3fs_open(9): [path=/b][flags=0x0]`,
      ),
    )
    expect(brief(operations)).toEqual([`mkdir /${name}`, 'open /b'])
    expect(unparsed).toBe(0)
  })

  test('what a call says in words is understood, arguments of another form are not', () => {
    const { operations, unparsed } = readLog(
      text(
        `${AT}s3fs_create(9): [path=/a][mode=100644][flags=0x8241]`,
        `${AT}s3fs_create(9): could not open file(/a)`,
        `${AT}s3fs_getattr(9): W3BhdGg9L2FdCg==`,
        `${AT}s3fs_mkdir(9): W3BhdGg9L2FdCg==[mode=0755]`,
      ),
    )
    expect(brief(operations)).toEqual(['create /a'])
    expect(unparsed).toBe(2)
  })

  test('what the store does not know is looked up again, what it knows is asked for', () => {
    const at = (ms: number, what: string): string => `2023-01-02T03:04:05.${ms}Z [INF] ${what}`
    const { operations } = readLog(
      text(
        at(100, 's3fs.cpp:s3fs_getattr(1): [path=/no]'),
        at(110, '      curl.cpp:HeadRequest(3044): [tpath=/no]'),
        at(200, 's3fs.cpp:s3fs_getattr(1): [path=/no]'),
        at(210, '      curl.cpp:HeadRequest(3044): [tpath=/no]'),
        at(300, 's3fs.cpp:s3fs_getattr(1): [path=/yes]'),
        at(310, '      curl.cpp:HeadRequest(3044): [tpath=/yes]'),
        at(320, '      cache.cpp:AddStat(372): add stat cache entry[path=/yes]'),
        at(400, 's3fs.cpp:s3fs_getattr(1): [path=/yes]'),
      ),
    )
    expect(brief(operations)).toEqual(['lookup /no', 'lookup /no', 'lookup /yes', 'getattr /yes'])
  })

  test('with -d libfuse’s lines tell more', () => {
    const own = Array.from({ length: 9 }, () => '[INF]       curl_util.cpp:prepare_url(254): URL is http://x/y')
    const { dialect, operations } = readLog(
      text(
        'unique: 2, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 9',
        'LOOKUP /a',
        '[INF] s3fs.cpp:s3fs_getattr(778): [path=/a]',
        ...own,
        '   unique: 2, error: -2 (No such file or directory), outsize: 16',
      ),
    )
    expect(dialect).toBe('libfuse')
    expect(operations).toMatchObject([{ opcode: 'lookup', path: '/a', errno: 'ENOENT' }])
  })
})
