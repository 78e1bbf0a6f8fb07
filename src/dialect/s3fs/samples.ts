import type { Sample } from '../core/dialect.js'

const AT = '2023-01-02T03:04:05.678Z [INF] s3fs.cpp:'

export const s3fsSamples: readonly Sample[] = [
  {
    lines:
      '[INF] s3fs.cpp:s3fs_getattr(808): [path=/a b]\n[INF]       curl.cpp:RequestPerform(2323): HTTP response code 200',
    events: [{ kind: 'request', unique: null, opcode: 'lookup', path: '/a b' }],
  },
  {
    lines: `${AT}s3fs_opendir(2507): [path=/][flags=0x18800]\n${AT}s3fs_create(1050): [path=/a][size=1][mode=100644][flags=0x8241]`,
    events: [
      { opcode: 'opendir', path: '/', values: { flags: 0x18800 } },
      { opcode: 'create', path: '/a', values: { size: 1, mode: 0o100644, flags: 0x8241 } },
    ],
  },
  {
    lines: `${AT}s3fs_rename(1: [from=/a][to=/b]\n${AT}s3fs_symlink(2): [from=../t][to=/s]`.replace('(1:', '(1):'),
    events: [
      { opcode: 'rename', path: '/a', newPath: '/b' },
      { opcode: 'symlink', path: '/s', target: '../t' },
    ],
  },
  {
    lines: `${AT}s3fs_mkdir(9): [path=/new\nline][mode=0755]\n${AT}s3fs_chmod(9): [path=/d][mode=100600]`,
    events: [
      { opcode: 'mkdir', path: '/new\nline', lines: [0, 1] },
      { opcode: 'setattr', path: '/d', values: { mode: 0o100600 } },
    ],
  },
  {
    lines: `${AT}s3fs_setxattr(9): [path=/d][name=user.a][value=0x7f][size=3][flags=0x0]\n${AT}s3fs_write(9): [path=/d][size=4096][offset=8192][pseudo_fd=2]`,
    events: [
      { opcode: 'setxattr', path: '/d', xattr: 'user.a', values: { size: 3, flags: 0 } },
      { opcode: 'write', path: '/d', values: { size: 4096, offset: 8192, fh: 2 } },
    ],
  },
  {
    lines: 's3fs_getattr(691): [path=/a]\ns3fs_create(1000): [path=/b][mode=100644][flags=32833]',
    events: [
      { opcode: 'lookup', path: '/a' },
      { opcode: 'create', path: '/b', values: { mode: 0o100644, flags: 32833 } },
    ],
  },
]
