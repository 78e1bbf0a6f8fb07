import type { Sample } from '../core/dialect.js'

const T = '2026-11-22T19:58:09.352282Z'
const FS = 'mergerfs_rs::fuse_fs: src/fuse_fs.rs'
const FUSER = 'fuser::request: /build/fuser-0.14.0/src/request.rs:54'
const CREATE = 'fuse::create{parent=1 name=a b mode=100644 umask=0 flags=0x8041}'

/** Lines of the full and compact formats and what they must be read as. */
export const samples: readonly Sample[] = [
  {
    lines: [
      `${T} DEBUG ThreadId(01) ${CREATE}: ${FS}:826: Starting create operation`,
      `${T} DEBUG ThreadId(01) ${CREATE}:file_ops::create_file{path="/a b" content_size=0}: mergerfs_rs::file_ops: src/file_ops.rs:45: Selecting`,
      `${T}  INFO ThreadId(01) ${CREATE}: ${FS}:860: File created successfully at "/a b"`,
    ].join('\n'),
    events: [
      { kind: 'request', unique: null, opcode: 'create', nodeId: '1', entry: 'a b', lines: [0, 0] },
      { kind: 'detail', path: '/a b', lines: [1, 1] },
      { kind: 'detail', status: 'ok', lines: [2, 2] },
    ],
  },
  {
    // With fuser's own request lines: the kernel's id, and the name beyond doubt.
    lines: [
      `${T} DEBUG ThreadId(01) ${FUSER}: FUSE( 40) ino 0x3067a60ad12d089e RMDIR name "x}: y"    `,
      `${T} DEBUG ThreadId(01) fuse::rmdir{parent=3487939001811011742 name=x}: y}: ${FS}:1270: Starting rmdir operation`,
      `${T} ERROR ThreadId(01) fuse::rmdir{parent=3487939001811011742 name=x}: y}: ${FS}:1299: Failed to remove directory at "/d/x}: y": IoError(Os { code: 39, kind: DirectoryNotEmpty, message: "Directory not empty" })`,
    ].join('\n'),
    events: [
      { kind: 'request', unique: 40, opcode: 'rmdir', nodeId: '3487939001811011742', entry: 'x}: y' },
      { kind: 'detail', key: 40, lines: [1, 1] },
      { kind: 'detail', key: 40, status: 'error', errno: 'ENOTEMPTY', lines: [2, 2] },
    ],
  },
  {
    // What the file system leaves to fuser.
    lines: [
      `${T} DEBUG ThreadId(01) ${FUSER}: FUSE( 10) ino 0x0000000000000002 FLUSH fh FileHandle(1), lock owner LockOwner(6431)    `,
      `${T} DEBUG ThreadId(01) fuser: /build/fuser-0.14.0/src/lib.rs:568: [Not Implemented] flush(ino: 0x2, fh: 1, lock_owner: 6431)    `,
    ].join('\n'),
    events: [
      { kind: 'request', unique: 10, opcode: 'flush', nodeId: '2' },
      { kind: 'detail', key: 10, status: 'error', errno: 'ENOSYS' },
    ],
  },
  {
    // Span events: the end is the span's.
    lines: [
      `${T} DEBUG ThreadId(01) fuse::statfs{_ino=1}: ${FS}:1464: new`,
      `${T} DEBUG ThreadId(01) fuse::statfs{_ino=1}: ${FS}:1464: enter`,
      `${T} DEBUG ThreadId(01) fuse::statfs{_ino=1}: ${FS}:1464: exit`,
      `${T} DEBUG ThreadId(01) fuse::statfs{_ino=1}: ${FS}:1464: close time.busy=67.3\xc2\xb5s time.idle=17.2\xc2\xb5s`,
    ].join('\n'),
    events: [
      { kind: 'request', opcode: 'statfs', nodeId: '1', lines: [0, 0] },
      { kind: 'detail', lines: [1, 2] },
      { kind: 'reply', endedBy: 'span', status: 'unknown', lines: [3, 3] },
    ],
  },
  {
    // Compact: the spans' fields at the end of the line.
    lines: [
      `${T} DEBUG fuse::rename: ${FS}:1400: Starting rename operation parent=1 name=r newparent=7 newname=s flags=0`,
      `${T} DEBUG fuse::rename:rename::rename: ${FS}:1402: Renaming parent=1 name=r newparent=7 newname=s flags=0 old="/r" new="/d/s"`,
    ].join('\n'),
    events: [
      { kind: 'request', opcode: 'rename', nodeId: '1', entry: 'r', otherNodeId: '7', otherEntry: 's' },
      { kind: 'detail', path: '/r', newPath: '/d/s' },
    ],
  },
  {
    // In colour; the escapes of the name stay.
    lines:
      '\x1b[2m2026-11-22T19:58:04.202041Z\x1b[0m \x1b[32m INFO\x1b[0m ThreadId(01) \x1b[1mfuse::mkdir\x1b[0m\x1b[1m{\x1b[0m\x1b[3mparent\x1b[0m' +
      '\x1b[2m=\x1b[0m1 \x1b[3mname\x1b[0m\x1b[2m=\x1b[0mr\x1b[31med\x1b[0m\x1b[1m}\x1b[0m\x1b[2m:\x1b[0m \x1b[2mfs\x1b[0m\x1b[2m:\x1b[0m ' +
      '\x1b[2msrc/fs.rs\x1b[0m\x1b[2m:\x1b[0m\x1b[2m465:\x1b[0m Starting',
    events: [{ kind: 'request', opcode: 'mkdir', entry: 'r\x1b[31med\x1b[0m' }],
  },
  {
    // No thread, no file, time since the start; a name with a newline.
    lines: '   0.123456s DEBUG fuse::unlink{parent=1 name=new\nline}: myfs: Starting unlink',
    events: [{ kind: 'request', opcode: 'unlink', entry: 'new\nline', lines: [0, 1] }],
  },
  {
    // Understood, and no request.
    lines: `${T}  INFO ThreadId(01) mergerfs_rs: src/main.rs:208: Starting mergerfs-rs mount mountpoint=/mnt/union policy=ff`,
    events: [],
  },
]
