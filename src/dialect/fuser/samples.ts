import type { Sample } from '../core/dialect.js'

const T = '[2026-11-22T20:00:54.223192816Z DEBUG fuser::request]'

/** Lines of fuser of several versions and loggers, and what they say. */
export const fuserSamples: readonly Sample[] = [
  {
    lines: `${T} FUSE(  4) ino 0x0000000000000001 STATFS
${T} FUSE(  6) ino 0x0000000000000001 LOOKUP name "a \\"b\\"\\n\\u{1b}.txt"
${T} FUSE(  8) ino 0x0000000000000001 CREATE name "a.txt", mode 0o100644, flags 0x8041
${T} FUSE( 10) ino 0x0000000000000002 FLUSH fh FileHandle(4611686018427387905), lock owner LockOwner(3146459719377720790)
[2026-11-22T20:00:54.225394287Z DEBUG fuser] [Not Implemented] flush(ino: 0x2, fh: 4611686018427387905, lock_owner: 3146459719377720790)`,
    events: [
      { kind: 'request', unique: 4, slot: 'session', opcode: 'statfs', nodeId: '1' },
      { unique: 6, opcode: 'lookup', nodeId: '1', entry: 'a "b"\n\x1b.txt' },
      { unique: 8, opcode: 'create', nodeId: '1', entry: 'a.txt' },
      { unique: 10, opcode: 'flush', nodeId: '2', path: '/a.txt' },
      { kind: 'detail', key: 10, status: 'error', errno: 'ENOSYS' },
    ],
  },
  {
    lines: `${T} FUSE(170) ino 0x0000000000000001 RENAME src FilenameInDir { dir: INodeNo(1), name: "r1.txt" }, dest FilenameInDir { dir: INodeNo(3), name: "r2.txt" }
${T} FUSE(236) ino 0x0000000000000001 SYMLINK target "a.txt", link_name "sym"
${T} FUSE(262) ino 0x0000000000000001 LINK ino INodeNo(2), dest FilenameInDir { dir: INodeNo(1), name: "hard" }
${T} FUSE(264) ino 0x0000000000000002 SETXATTR name "user.test", size 6, flags 0x0
${T} FUSE(450) ino 0x8c5b922de9e87733`,
    events: [
      { opcode: 'rename', nodeId: '1', entry: 'r1.txt', otherNodeId: '3', otherEntry: 'r2.txt' },
      { opcode: 'symlink', nodeId: '1', entry: 'sym', target: 'a.txt' },
      { opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '2' },
      { opcode: 'setxattr', nodeId: '2', xattr: 'user.test' },
      { unique: 450, opcode: 'unknown' },
    ],
  },
  // Seconds, no time, no module, colours, and other loggers.
  {
    lines: `[2026-11-22T20:00:54Z DEBUG fuser::request] FUSE(  4) ino 0x0000000000000001 LOOKUP name "a"
[DEBUG fuser::request] FUSE(  6) ino 0x0000000000000001 LOOKUP name "a"
[2026-11-22T20:00:54.223Z DEBUG] FUSE(  8) ino 0x0000000000000001 LOOKUP name "a"
\x1b[90m[\x1b[0m2026-11-22T20:00:54Z \x1b[34mDEBUG\x1b[0m fuser::request\x1b[90m]\x1b[0m FUSE( 10) ino 0x0000000000000001 LOOKUP name "a"
2026-11-22T20:00:54.223Z DEBUG [fuser::request] FUSE( 12) ino 0x0000000000000001 LOOKUP name "a"
 DEBUG fuser::request > FUSE( 14) ino 0x0000000000000001 LOOKUP name "a"
20:00:54 [DEBUG] (1) fuser::request: FUSE( 16) ino 0x0000000000000001 LOOKUP name "a"`,
    events: [4, 6, 8, 10, 12, 14, 16].map((unique) => ({ unique, opcode: 'lookup', nodeId: '1', entry: 'a' })),
  },
  // 0.17 and later.
  {
    lines: `${T} FUSE( 30) ino 0x0000000000000001 LOOKUP name "a" thread=fuser-0
${T} FUSE( 32) ino 0x0000000000000002 READ fh FileHandle(1), offset Ok(0), size 4096 thread=fuser-1`,
    events: [
      { unique: 30, slot: 'fuser-0', opcode: 'lookup', entry: 'a' },
      { unique: 32, slot: 'fuser-1', opcode: 'read', nodeId: '2' },
    ],
  },
  // rust-fuse, which fuser was made from.
  {
    lines: `[2019-05-01T12:00:00Z DEBUG fuse::request] INIT(2)   kernel: ABI 7.27, flags 0x3fffb, max readahead 131072
[2019-05-01T12:00:00Z DEBUG fuse::request] LOOKUP(4) parent 0x0000000000000001, name "a, name \\"b\\""
DEBUG 2019-05-01T12:00:00Z: fuse::request: CREATE(6) parent 0x0000000000000001, name "a.txt", mode 0o100644, flags 0x8041
 DEBUG fuse::request > RENAME(8) parent 0x0000000000000001, name "r1", newparent 0x000000000000000b, newname "r2"
[DEBUG fuse::request] LINK(10) ino 0x0000000000000002, newparent 0x0000000000000001, newname "hard"
[DEBUG fuse::request] SYMLINK(12) parent 0x0000000000000001, name "sym", link "a.txt"
[DEBUG fuse::request] GETXATTR(14) ino 0x0000000000000001, name "user.x", size 0
[DEBUG fuse::request] FORGET(16) ino 0x0000000000000002, nlookup 3
[DEBUG fuse::request] STATFS(18) ino 0x0000000000000001`,
    events: [
      { unique: 2, opcode: 'init' },
      { unique: 4, slot: 'session', opcode: 'lookup', nodeId: '1', entry: 'a, name "b"' },
      { unique: 6, opcode: 'create', nodeId: '1', entry: 'a.txt' },
      { unique: 8, opcode: 'rename', nodeId: '1', entry: 'r1', otherNodeId: '11', otherEntry: 'r2' },
      { unique: 10, opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '2' },
      { unique: 12, opcode: 'symlink', nodeId: '1', entry: 'sym', target: 'a.txt' },
      { unique: 14, opcode: 'getxattr', nodeId: '1', xattr: 'user.x' },
      { unique: 16, opcode: 'forget', noReply: true, forgets: ['2'], forgetCounts: [3] },
      { unique: 18, opcode: 'statfs', nodeId: '1' },
    ],
  },
]
