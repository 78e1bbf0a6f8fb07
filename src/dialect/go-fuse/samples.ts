import type { Sample } from '../core/dialect.js'

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
  // Until December 2018; with ids since April 2016.
  {
    lines: `2018/12/24 22:52:19 Dispatch 8: CREATE, NodeId: 1. data: {0100644 [CREAT,WRONLY,0x8000] (022)} names: [a b] 4 bytes
2018/12/24 22:52:19 Serialize 8: CREATE code: OK value: {NodeId: 3 Generation=2 {M0100644 SZ=0 L=1 0:0 B0*4096 i0:9 A 1.5 M 1.5 C 1.5} &{2 0 0}}
Dispatch 10: LOOKUP, NodeId: 1. names: [f
Dispatch 99: STATFS, NodeId: 1. ] 35 bytes
Serialize 10: LOOKUP code: 2=no such file or directory value: {NodeId: 0 Generation=0 EntryValid=0.000
Dispatch 12: SETXATTR, NodeId: 3. data: {sz 6 f0} names: [user.test] 16 bytes
Serialize 12: SETXATTR code: OK value: 
Dispatch 14: RENAME, NodeId: 1. data: {4} names: [a b c] 6 bytes
Dispatch 16: SYMLINK, NodeId: 1. names: [sym a.txt] 10 bytes
Dispatch 18: LINK, NodeId: 1. data: {Oldnodeid: 3} names: [hard] 5 bytes
Dispatch 20: FORGET, NodeId: 3. data: {Nlookup=1} 
Serialize 20: FORGET code: OK value: `,
    events: [
      { kind: 'request', unique: 8, opcode: 'create', nodeId: '1', entry: 'a b', lines: [0, 0] },
      { kind: 'reply', key: 8, status: 'ok', childNodeId: '3' },
      { unique: 10, opcode: 'lookup', entry: 'f\nDispatch 99: STATFS, NodeId: 1. ', lines: [2, 3] },
      { key: 10, status: 'error', errno: 'ENOENT' },
      { unique: 12, opcode: 'setxattr', nodeId: '3', xattr: 'user.test' },
      { key: 12, status: 'ok' },
      // Where the first name ends is known from what was looked up.
      { unique: 14, opcode: 'rename', nodeId: '1', otherNodeId: '4' },
      { unique: 16, opcode: 'symlink', entry: 'sym', target: 'a.txt' },
      { unique: 18, opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '3' },
      { unique: 20, opcode: 'forget', noReply: true, forgets: ['3'], forgetCounts: [1] },
    ],
  },
  {
    lines: `2013/06/01 10:00:00 Dispatch: MKDIR, NodeId: 1. data: {0755 (022)} names: [d] 2 bytes
2013/06/01 10:00:00 Dispatch: MKDIR, NodeId: 1. data: {0755 (022)} names: [e] 2 bytes
2013/06/01 10:00:00 Serialize: MKDIR code: OK value: {140840567630862 E1.000000000 A1.000000000 {M040755 SZ=4096}}
2013/06/01 10:00:00 Serialize: MKDIR code: 17=file exists value: `,
    events: [
      { kind: 'request', unique: null, slot: 'mkdir 0', opcode: 'mkdir', nodeId: '1', entry: 'd' },
      { unique: null, slot: 'mkdir 1', entry: 'e' },
      { kind: 'reply', key: 'mkdir 0', status: 'ok', childNodeId: '140840567630862' },
      { kind: 'reply', key: 'mkdir 1', status: 'error', errno: 'EEXIST' },
    ],
  },
]
