import type { Sample } from '../core/dialect.js'

const request = (unique: number, opcode: string, node: number, insize: number): string =>
  `unique: ${unique}, opcode: ${opcode}, nodeid: ${node}, insize: ${insize}, pid: 7`
const ok = (unique: number): string => `   unique: ${unique}, success, outsize: 16`
const done = (key: number): Record<string, unknown> => ({ kind: 'reply', key, status: 'ok', errno: null })
const FORGED = 'f\nunique: 10, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 1\n   unique: 8, success, outsize: 16'

/** Lines of libfuse of all its versions, and of programs that use it, and what they say. */
export const libfuseSamples: readonly Sample[] = [
  // 2.9, high level.
  {
    lines: `unique: 8, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 23655
LOOKUP /a.txt
getattr /a.txt
   unique: 8, error: -2 (No such file or directory), outsize: 16
unique: 10, opcode: CREATE (35), nodeid: 1, insize: 62, pid: 23655
create flags: 0x8041 /a.txt 0100644 umask=0022
   create[5] flags: 0x8041 /a.txt
fgetattr[5] /a.txt
   NODEID: 2
   unique: 10, success, outsize: 160`,
    events: [
      { kind: 'request', unique: 8, opcode: 'lookup', nodeId: '1', pid: 23655 },
      { kind: 'detail', key: 8, path: '/a.txt' },
      { kind: 'detail', key: 8 },
      { kind: 'reply', key: 8, status: 'error', errno: 'ENOENT', endedBy: 'reply', lines: [3, 3] },
      { unique: 10, opcode: 'create' },
      { key: 10, path: '/a.txt' },
      { key: 10 },
      { key: 10 },
      { kind: 'reply', key: 10, status: 'ok', childNodeId: '2' },
    ],
  },
  // 3.x: a handle or NULL in brackets, flags behind a rename; 3.18: where the request came from.
  {
    lines: `dev unique: 168, opcode: RENAME (12), nodeid: 1, insize: 56, pid: 7
rename /a b /d c/e f 0x0
${ok(168)}
cqe unique: 170, opcode: RENAME2 (45), nodeid: 1, insize: 4, pid: 7
rename /a /d/b 0x2
${ok(170)}
dev unique: 172, opcode: GETATTR (3), nodeid: 2, insize: 56, pid: 7
getattr[NULL] /x y
   unique: 172, success, outsize: 120 (splice)
dev unique: 174, opcode: SETATTR (4), nodeid: 2, insize: 128, pid: 7
chmod[NULL] /x 100600
getattr[5] /x
${ok(174)}
dev unique: 176, opcode: STATX (52), nodeid: 2, insize: 80, pid: 7
statx[NULL] /x 256 4095
${ok(176)}`,
    events: [
      { unique: 168, opcode: 'rename' },
      { path: '/a b', newPath: '/d c/e f' },
      done(168),
      { unique: 170, opcode: 'rename2' },
      { path: '/a', newPath: '/d/b', exchange: true },
      done(170),
      { unique: 172, opcode: 'getattr', nodeId: '2' },
      { path: '/x y' },
      done(172),
      { unique: 174, opcode: 'setattr' },
      { path: '/x' },
      {},
      done(174),
      { unique: 176, opcode: 'statx' },
      { path: '/x' },
      done(176),
    ],
  },
  // Links, attributes with spaces in their names, a directory's requests.
  {
    lines: `${request(2, 'LINK (13)', 1, 53)}
link /a.txt /hard
${ok(2)}
${request(4, 'SYMLINK (6)', 1, 52)}
symlink a /b x /s yz
${ok(4)}
${request(6, 'SETXATTR (21)', 2, 62)}
setxattr /x user.a b 5 0x0
${ok(6)}
${request(8, 'GETXATTR (22)', 2, 57)}
getxattr /x user.a b 128
${ok(8)}
${request(10, 'READDIRPLUS (44)', 1, 80)}
readdirplus[0] from 0
   NODEID: 5
${ok(10)}
${request(12, 'MKNOD (8)', 1, 61)}
mknod /fifo 010644 0x0 umask=0022
${ok(12)}`,
    events: [
      { opcode: 'link' },
      { path: '/a.txt', newPath: '/hard' },
      done(2),
      { opcode: 'symlink' },
      { path: '/s yz', target: 'a /b x' },
      done(4),
      { opcode: 'setxattr', nodeId: '2' },
      { path: '/x', xattr: 'user.a b' },
      done(6),
      { opcode: 'getxattr' },
      { path: '/x', xattr: 'user.a b' },
      done(8),
      { opcode: 'readdirplus' },
      {},
      done(10),
      { opcode: 'mknod' },
      { path: '/fifo' },
      done(12),
    ],
  },
  // Requests without an answer; what was forgotten stands behind.
  {
    lines: `${request(20, 'FORGET (2)', 9, 48)}
FORGET 9/1
DELETE: 9
${request(22, 'BATCH_FORGET (42)', 0, 80)}
FORGET 10/1
DELETE: 10
FORGET 11/2
unique: 25, opcode: INTERRUPT (36), nodeid: 0, insize: 48, pid: 0
INTERRUPT: 24
NOTIFY: code=2 length=32`,
    events: [
      { opcode: 'forget', noReply: true, forgets: ['9'] },
      { opcode: 'batch_forget', noReply: true, forgets: ['10', '11'], lines: [3, 3] },
      { opcode: 'interrupt', noReply: true },
    ],
  },
  // A name goes on in the next lines, and forges a request and a reply: the request's size shows that it is a name.
  {
    lines: `${request(8, 'LOOKUP (1)', 1, 41 + FORGED.length)}
LOOKUP /${FORGED}
getattr /${FORGED}
   NODEID: 2
${ok(8)}
${request(12, 'GETATTR (3)', 2, 56)}
getattr /${FORGED}
${ok(12)}`,
    events: [
      { unique: 8, opcode: 'lookup' },
      { key: 8, path: `/${FORGED}`, lines: [1, 3] },
      { key: 8, lines: [4, 6] },
      { kind: 'reply', key: 8, status: 'ok', childNodeId: '2' },
      { unique: 12, opcode: 'getattr' },
      { key: 12, path: `/${FORGED}` },
      done(12),
    ],
  },
  // The low level with the example program's own lines; unlink and rename have none.
  {
    lines: `${request(2, 'LOOKUP (1)', 1, 46)}
lo_lookup(parent=1, name=a.txt)
  1/a.txt -> 140421539827392
   unique: 2, success, outsize: 144
${request(4, 'GETXATTR (22)', 3, 68)}
lo_getxattr(ino=3, name=security.capability size=0)
   unique: 4, error: -61 (No data available), outsize: 16
${request(6, 'LOOKUP (1)', 1, 43)}
lo_lookup(parent=1, name=b2)
   unique: 6, error: -2 (No such file or directory), outsize: 16
${request(8, 'RENAME (12)', 1, 57)}
${ok(8)}
${request(10, 'UNLINK (10)', 1, 43)}
${ok(10)}
${request(12, 'FORGET (2)', 5, 48)}
  forget 5 1 -1`,
    events: [
      { unique: 2, opcode: 'lookup' },
      { key: 2, entry: 'a.txt' },
      { key: 2 },
      { key: 2, status: 'ok', childNodeId: '140421539827392' },
      { opcode: 'getxattr' },
      { xattr: 'security.capability' },
      { errno: 'ENODATA' },
      { opcode: 'lookup' },
      { entry: 'b2' },
      { errno: 'ENOENT' },
      { opcode: 'rename', entry: 'a.txt', otherNodeId: '1', otherEntry: 'b2' },
      done(8),
      { opcode: 'unlink', entry: 'b2' },
      done(10),
      { opcode: 'forget', forgets: ['5'] },
    ],
  },
  // fuse-overlayfs.
  {
    lines: `${request(2, 'RENAME2 (45)', 1, 60)}
ovl_rename(ino=1, name=a , ino=9, name=b)
${ok(2)}
${request(4, 'SYMLINK (6)', 1, 46)}
ovl_symlink(link=x, y, ino=1, name=)
   unique: 4, error: -22 (Invalid argument), outsize: 16
${request(6, 'LINK (13)', 1, 50)}
ovl_link(ino=9, newparent=1, newname=h)
${ok(6)}
${request(8, 'MKDIR (9)', 1, 50)}
ovl_mkdir(ino=1, name=d, mode=493)
${ok(8)}`,
    events: [
      { opcode: 'rename2' },
      { entry: 'a', otherNodeId: '9', otherEntry: 'b' },
      done(2),
      { opcode: 'symlink' },
      { status: 'error', errno: 'EINVAL' },
      { opcode: 'link' },
      { entry: 'h', otherNodeId: '9' },
      done(6),
      { opcode: 'mkdir' },
      { entry: 'd' },
      done(8),
    ],
  },
  // 2.7 and ntfs-3g: no pid, success as an error of 0, words in upper case.
  {
    lines: `unique: 18, opcode: MKDIR (9), nodeid: 1, insize: 50
MKDIR /d
   NODEID: 4
   unique: 18, error: 0 (Success), outsize: 136
unique: 20, opcode: RENAME (12), nodeid: 1, insize: 52
RENAME /d -> /e
   unique: 20, error: 0 (Success), outsize: 16`,
    events: [
      { unique: 18, opcode: 'mkdir' },
      { path: '/d' },
      { ...done(18), childNodeId: '4' },
      { unique: 20, opcode: 'rename' },
      { path: '/d', newPath: '/e' },
      done(20),
    ],
  },
  // Through io_uring sizes are those of the names and of the answer alone, and errors are not shown; no answer is one.
  {
    lines: `cqe unique: 30, opcode: STATFS (17), nodeid: 1, insize: 0, pid: 7
statfs /
    unique: 30, result=80
cqe unique: 32, opcode: ACCESS (34), nodeid: 1, insize: 0, pid: 7
access / 04
    unique: 32, result=0
cqe unique: 34, opcode: LOOKUP (1), nodeid: 1, insize: 4, pid: 7
LOOKUP /a
b
getattr[NULL] /a
b
    unique: 34, result=0
cqe unique: 36, opcode: CREATE (35), nodeid: 1, insize: 4, pid: 7
create flags: 0x8241 /a
b 0100644 umask=0022
   NODEID: 3
    unique: 36, result=144`,
    events: [
      { opcode: 'statfs' },
      { path: '/' },
      done(30),
      { opcode: 'access' },
      { path: '/' },
      { key: 32, status: 'unknown', errno: null },
      { opcode: 'lookup' },
      { path: '/a\nb', lines: [7, 8] },
      { key: 34, lines: [9, 10] },
      { key: 34, status: 'error', errno: null },
      { opcode: 'create' },
      { path: '/a\nb' },
      { ...done(36), childNodeId: '3' },
    ],
  },
  // What is printed at the start.
  {
    lines: `FUSE library version: 2.9.9
nullpath_ok: 0
unique: 2, opcode: INIT (26), nodeid: 0, insize: 104, pid: 0
INIT: 7.45
flags=0x73fffffb
max_readahead=0x00020000
   INIT: 7.19
   flags=0x00000011
   max_background=0
   unique: 2, success, outsize: 40`,
    events: [{ unique: 2, opcode: 'init' }, done(2)],
  },
]
