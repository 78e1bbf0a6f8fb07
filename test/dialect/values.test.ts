import { expect, test } from 'vitest'
import { readLog } from './read-log.js'

const ID = 'Uid=0 Gid=0 Pid=9'
const T = '2026-11-22T19:58:09.352282Z DEBUG'

test.each<[string, string, Record<string, unknown>]>([
  [
    'libfuse',
    'unique: 4, opcode: WRITE (16), nodeid: 2, insize: 92, pid: 9\nwrite[5] 12 bytes to 4096 flags: 0x8001\n   write[5] 12 bytes to 4096\n   unique: 4, success, outsize: 24',
    { opcode: 'write', nodeId: 2, size: 12, offset: 4096, flags: 0x8001, fh: 5 },
  ],
  [
    'libfuse',
    'unique: 4, opcode: CREATE (35), nodeid: 1, insize: 62, pid: 9\ncreate flags: 0x8241 /a.txt 0100644 umask=0022\n   create[5] flags: 0x8241 /a.txt\n   unique: 4, success, outsize: 160',
    { opcode: 'create', nodeId: 1, mode: 0o100644, flags: 0x8241 },
  ],
  [
    'go-fuse',
    'rx 4: READ n2 {Fh 1 [5 +4096)  L 0 RDONLY,0x8000} ',
    { opcode: 'read', nodeId: 2, fh: 1, offset: 5, size: 4096 },
  ],
  ['go-fuse', 'rx 4: SETATTR n2 {mode 0100600} ', { opcode: 'setattr', mode: 0o100600 }],
  [
    'go-fuse',
    'rx 4: OPEN n18446744073709551615 {O_RDONLY,0x8000} \ntx 4:     OK, {Fh 18446744073709551615 }',
    { opcode: 'open', nodeId: '18446744073709551615', fh: '18446744073709551615' },
  ],
  [
    'bazil',
    `FUSE: <- Write [ID=0x12 Node=0x2 ${ID}] 0x1 12 @7 fl=0 lock=0`,
    { opcode: 'write', fh: 1, size: 12, offset: 7 },
  ],
  [
    'jacobsa',
    'fuse: Op 0x00000016        connection.go:479] <- WriteFile (inode 2, PID 0, handle 3, offset 8, 12 bytes)',
    { opcode: 'write', nodeId: 2, fh: 3, offset: 8, size: 12 },
  ],
  [
    'mergerfs',
    'ts=5798325042724 dir=IN unique=0x0A opcode=CREATE opcode_id=35 nodeid=1 uid=0 gid=0 pid=5589 mode=100644 umask=22 name="size=7" flags=0x8041 flags_str="O_WRONLY|O_CREAT"',
    { opcode: 'create', path: '/size=7', mode: 0o100644, flags: 0x8041 },
  ],
  [
    'fuser',
    '[2026-11-22T20:00:54Z DEBUG fuser::request] FUSE( 10) ino 0x0000000000000002 WRITE fh FileHandle(4611686018427387906), offset 3, size 12, write flags 0x1',
    { opcode: 'write', fh: '4611686018427387906', offset: 3, size: 12 },
  ],
  [
    'fuser',
    '[2026-11-22T20:00:54Z DEBUG fuser::request] FUSE( 10) ino 0x0000000000000001 CREATE name "a, size 9", mode 0o100644, flags 0x8041',
    { opcode: 'create', path: '/a, size 9', mode: 0o100644, flags: 0x8041 },
  ],
  [
    'tracing',
    `${T} fuse::read{ino=2 fh=4 offset=8 size=4096}: fs: src/a.rs:1: Reading`,
    { opcode: 'read', nodeId: 2, fh: 4, offset: 8, size: 4096 },
  ],
  [
    'tracing',
    `${T} fuse::create{parent=1 name=a.txt mode=100644 umask=0 flags=0x8041}: fs: src/a.rs:1: Starting create`,
    { opcode: 'create', nodeId: 1, mode: 0o100644, flags: 0x8041 },
  ],
])('what a request was made with: %s, %s', (dialect, log, expected) => {
  const read = readLog(`${log}\n`)
  expect(read.dialect).toBe(dialect)
  expect(read.operations[0]).toMatchObject(expected)
  if (expected.size === undefined) expect(read.operations[0]).not.toHaveProperty('size')
})
