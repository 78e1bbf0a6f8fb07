import type { Sample } from './dialect.js'

const MISSING = '{n0 g0 tE=1s tA=0s {M00 SZ=0 L=0 0:0 B0*0 i0:0 A 0.000000 M 0.000000 C 0.000000}}'
const MADE = '{M0100644 SZ=0 L=1 0:0 B0*4096 i0:2244909 A 1795377635.639202 M 1795377635.639202 C 1795377635.639202}'

/** Lines of go-fuse of several years and what they say. */
export const goFuseSamples: readonly Sample[] = [
  {
    lines: `20:00:35.640482 rx 16: LOOKUP n1 ["a.txt"] 6b\n20:00:35.640754 tx 16:     2=no such file or directory, ${MISSING}`,
    events: [
      { kind: 'request', unique: 16, opcode: 'lookup', nodeId: '1', entry: 'a.txt' },
      { kind: 'reply', key: 16, status: 'error', errno: 'ENOENT', endedBy: 'reply' },
    ],
  },
  {
    lines: `20:00:35.640829 rx 18: CREATE n1 {0100644 [WRONLY,CREAT,0x8000] (022)} ["a \\"b\\" \\xff\\u202e.txt"] 6b
20:00:35.640922 tx 18:     OK, {n2 g1 ${MADE} &{1 0 0}}`,
    events: [
      { unique: 18, opcode: 'create', nodeId: '1', entry: 'a "b" \xff\xe2\x80\xae.txt' },
      { key: 18, status: 'ok', errno: null, childNodeId: '2' },
    ],
  },
  {
    lines: `20:00:35.688684 rx 134: RENAME n1 {i3} ["r1.txt" "r2.txt"] 14b\n20:00:35.688734 tx 134:     OK
20:00:35.688684 rx 136: RENAME2 n1 {i3 EXCHANGE} ["a" "b"] 4b
20:00:35.707723 rx 178: SYMLINK n1 ["sym" "a.txt"] 10b
20:00:35.715636 rx 196: LINK n1 {Oldnodeid: n2} ["hard"] 5b
20:00:35.676938 rx 112: SETXATTR n2 {sz 6 f0} ["user.test"] 16b
20:00:35.721996 rx 208: FORGET n17 {Nlookup=2} `,
    events: [
      { opcode: 'rename', nodeId: '1', otherNodeId: '3', entry: 'r1.txt', otherEntry: 'r2.txt' },
      { kind: 'reply', key: 134, status: 'ok' },
      { opcode: 'rename2', entry: 'a', otherEntry: 'b', exchange: true },
      { opcode: 'symlink', nodeId: '1', entry: 'sym', target: 'a.txt' },
      { opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '2' },
      { opcode: 'setxattr', nodeId: '2', xattr: 'user.test' },
      { opcode: 'forget', noReply: true, forgets: ['17'], forgetCounts: [2] },
    ],
  },
  {
    lines: `20:00:35.645571 rx 28: WRITE n2 {Fh 1 [0 +12)  L 0 WRONLY,0x8000} "rx 30: L"... 12b
20:00:35.655123 rx 48: READ n2 {Fh 1 [0 +4096)  L 0 RDONLY,0x8000} 
20:00:35.655180 tx 48:     OK,  17b data "hello wo"...
20:00:35.370956 rx 8: POLL n18446744073709551615 
20:00:35.371047 tx 8:     38=function not implemented`,
    events: [
      { unique: 28, opcode: 'write', nodeId: '2' },
      { unique: 48, opcode: 'read' },
      { key: 48, status: 'ok' },
      { opcode: 'poll', nodeId: '18446744073709551615' },
      { key: 8, errno: 'ENOSYS' },
    ],
  },
  // What a symlink says, and a name, are not the log's own words.
  {
    lines: `20:00:35.709462 rx 180: READLINK n15 
20:00:35.709565 tx 180:     OK,  " rx 4: LOOKUP n1 [\\"x\\"]"
20:00:35.709570 rx 182: LOOKUP n1 ["tx 180:     OK"] 6b`,
    events: [
      { unique: 180, opcode: 'readlink' },
      { key: 180, status: 'ok' },
      { unique: 182, opcode: 'lookup', entry: 'tx 180:     OK' },
    ],
  },
  // Before October 2020.
  {
    lines:
      '2019/05/01 12:00:00 rx 4: LOOKUP i1 ["x}: y\\n"] 5b\n2019/05/01 12:00:00 tx 4:     OK, {i5 g1 tE=1s tA=1s {M0}}',
    events: [
      { unique: 4, opcode: 'lookup', nodeId: '1', entry: 'x}: y\n' },
      { key: 4, status: 'ok', childNodeId: '5' },
    ],
  },
  // Of 2026: no brackets, no length, a pid at the end; any prefix of the program's logger, or none.
  {
    lines: `rx 16: LOOKUP n1  "a.txt"  p8903
myfs: 2026/11/22 20:00:35.640829 rx 18: RENAME2 n1 {i3 NOREPLACE} "p1 \\"" "p2" p8904
rx 20: SETXATTR n2 {sz 6 f0} "user.test" "value1" 6b p8905
rx 22: WRITE n2 {Fh 1 [0 +12)  L 0 WRONLY,0x8000}"hello wo"... 12b p8906`,
    events: [
      { unique: 16, opcode: 'lookup', nodeId: '1', entry: 'a.txt', pid: 8903 },
      { unique: 18, opcode: 'rename2', otherNodeId: '3', entry: 'p1 "', otherEntry: 'p2', pid: 8904 },
      { unique: 20, opcode: 'setxattr', xattr: 'user.test', pid: 8905 },
      { unique: 22, opcode: 'write', pid: 8906 },
    ],
  },
]
