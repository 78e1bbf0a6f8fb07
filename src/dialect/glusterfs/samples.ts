import type { Sample } from '../core/dialect.js'

const at = (level: string, by: string): string =>
  `[2026-11-28 18:04:43.695923 +0000] ${level} [fuse-bridge.c:1074:${by}] 0-glusterfs-fuse: `

export const glusterfsSamples: readonly Sample[] = [
  {
    lines: `${at('W', 'fuse_entry_cbk')}5: LOOKUP() /a => b => -1 (Transport endpoint is not connected)`,
    events: [
      { kind: 'request', unique: null, opcode: 'lookup', path: '/a => b' },
      { kind: 'reply', status: 'error', errno: 'ENOTCONN' },
    ],
  },
  {
    lines: `${at('T', 'fuse_entry_cbk')}38: LOOKUP() /a => 10214735201\n${at('T', 'fuse_attr_cbk')}1: LOOKUP() / => 1\n${at('T', 'fuse_attr_cbk')}31: FSTAT() ERR => 10214735201`,
    events: [
      { opcode: 'lookup', path: '/a' },
      { status: 'ok' },
      { opcode: 'getattr', path: '/' },
      { status: 'ok' },
      { opcode: 'getattr', path: undefined },
      { status: 'ok' },
    ],
  },
  {
    lines: `${at('T', 'fuse_create_cbk')}29: CREATE() /a => 0x7efce80017e8 (ino=10214735201)\n${at('W', 'fuse_create_cbk')}31: /b => -1 (Stale file handle)`,
    events: [
      { opcode: 'create', path: '/a' },
      { status: 'ok' },
      { opcode: 'create', path: '/b' },
      { status: 'error', errno: 'ESTALE' },
    ],
  },
  {
    lines: `${at('T', 'fuse_readv_cbk')}43: READ => 6/4096,0/6\n${at('W', 'fuse_writev_cbk')}44: WRITE => -1 gfid=8ed59b44-8c95-46f2-94f8-46be00000001 fd=0x7f64 (Input/output error)`,
    events: [
      { opcode: 'read', values: { size: 4096, offset: 0 } },
      { status: 'ok' },
      { opcode: 'write' },
      { status: 'error', errno: 'EIO' },
    ],
  },
  {
    lines: `${at('T', 'fuse_rename_cbk')}76: /a -> /d/b => 0 (buf->ia_ino=102147)\n${at('W', 'fuse_rename_cbk')}77: /a -> /c => -1 (No such file or directory)`,
    events: [
      { opcode: 'rename', path: '/a', newPath: '/d/b' },
      { status: 'ok' },
      { opcode: 'rename', path: '/a', newPath: '/c' },
      { status: 'error', errno: 'ENOENT' },
    ],
  },
  {
    lines: `${at('D', 'fuse_xattr_cbk')}90: GETXATTR(user.k) /a => -1 (No data available)\n${at('D', 'fuse_removexattr_cbk')}205: REMOVEXATTR() of user.none on /a => -1 (No data available)`,
    events: [
      { opcode: 'getxattr', path: '/a', xattr: 'user.k' },
      { status: 'error', errno: 'ENODATA' },
      { opcode: 'removexattr', path: '/a', xattr: 'user.none' },
      { status: 'error', errno: 'ENODATA' },
    ],
  },
  {
    lines: `${at('T', 'fuse_listxattr_resume')}92: LISTXATTR /a/1398\n${at('T', 'fuse_xattr_cbk')}93: GETXATTR() /a => 1\n${at('T', 'fuse_readlink_cbk')}89: /s => d/b (size:3)`,
    events: [
      { opcode: 'listxattr', path: '/a' },
      { status: 'ok' },
      { opcode: 'readlink', path: '/s', target: 'd/b' },
      { status: 'ok' },
    ],
  },
  {
    lines: `${at('T', 'fuse_release')}finh->unique: 72: RELEASE 0x7efce80017e8\n${at('T', 'fuse_err_cbk')}31: FLUSH() ERR => 0`,
    events: [{ opcode: 'release', unique: 72 }, { status: 'unknown' }, { opcode: 'flush' }, { status: 'ok' }],
  },
  {
    lines: `${at('T', 'fuse_link_resume')}196: LINK() /d/b -> /hard\n${at('T', 'fuse_entry_cbk')}98: LINK() /hard => 1021\n${at('W', 'fuse_entry_cbk')}99: LINK() /h2 => -1 (File exists)`,
    events: [
      { opcode: 'link', path: '/d/b', newPath: '/hard' },
      { status: 'ok' },
      { opcode: 'link', path: undefined, newPath: '/h2' },
      { status: 'error', errno: 'EEXIST' },
    ],
  },
  { lines: `${at('T', 'fuse_lookup_resume')}8: LOOKUP /a`, events: [] },
  {
    lines:
      '[2022-09-15 15:05:24.293467 +0000] W [MSGID: 114031] [client-rpc-fops_v2.c:2625:client4_0_lookup_cbk] 0-v-client-4: remote operation failed.',
    events: [],
  },
]
