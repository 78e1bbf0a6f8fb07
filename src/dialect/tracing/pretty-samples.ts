import type { Sample } from '../core/dialect.js'

const T = '2026-11-22T19:58:36.496662Z'

/** Events of the pretty format and what they must be read as. */
export const prettySamples: readonly Sample[] = [
  {
    lines:
      `  ${T} DEBUG mergerfs_rs::file_ops: Selecting branch for new file\n` +
      '    at src/file_ops.rs:45 on ThreadId(1)\n' +
      '    in mergerfs_rs::file_ops::file_ops::create_file with path: "/a, b", content_size: 0\n' +
      '    in mergerfs_rs::fuse_fs::fuse::create with parent: 1, name: a, b, mode: 100644, umask: 0, flags: 0x8041\n' +
      '\n',
    events: [
      { kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a, b', lines: [0, 4] },
      { kind: 'detail', path: '/a, b' },
    ],
  },
  {
    lines:
      `  ${T} DEBUG fuser::request: FUSE(244) ino 0x0000000000000007 LOOKUP name "new\\nline"\n` +
      '    at /build/fuser-0.14.0/src/request.rs:54 on ThreadId(1)\n' +
      '\n' +
      `  ${T} DEBUG mergerfs_rs::fuse_fs: Starting lookup\n` +
      '    at src/fuse_fs.rs:402 on ThreadId(1)\n' +
      '    in mergerfs_rs::fuse_fs::fuse::lookup with parent: 7, name: new\n' +
      'line\n' +
      '\n',
    events: [
      { kind: 'request', unique: 244, opcode: 'lookup', nodeId: '7', entry: 'new\nline', lines: [0, 2] },
      { kind: 'detail', key: 244, lines: [3, 7] },
    ],
  },
  {
    lines:
      `  ${T}  INFO fs: close, time.busy: 12.0ms, time.idle: 3.4\xc2\xb5s\n` +
      '    at src/fs.rs:9\n' +
      '    in fs::fuse::read with ino: 3, size: 4096\n' +
      '\n',
    events: [
      { kind: 'request', opcode: 'read', nodeId: '3' },
      { kind: 'reply', endedBy: 'span' },
    ],
  },
]
