import type { Sample } from '../core/dialect.js'

const at = (n: number, rest: string): string => `ts=57983${n} ${rest}`
const entry = (id: string, mode: string): string =>
  `nodeid=0x${id.padStart(16, '0')} generation=0x0ABC68892F406179 entry_valid=1 entry_valid_nsec=0 attr_valid=1 ` +
  `attr_valid_nsec=0 ino=0xEA815A3ADA55DE1C size=0 blocks=0 mode=${mode} nlink=1 uid=0 gid=0 rdev=0 blksize=4096`
const request = (unique: string, opcode: string, id: number, node: number, rest: string): string =>
  at(1, `dir=IN unique=0x${unique} opcode=${opcode} opcode_id=${id} nodeid=${node} uid=0 gid=0 pid=5589 ${rest}`)
const reply = (unique: string, rest: string): string => at(2, `dir=OUT unique=0x${unique} error=${rest}`)

/** Lines of mergerfs 2.42 and what they say. */
export const mergerfsSamples: readonly Sample[] = [
  {
    lines: `${request('0A', 'CREATE', 35, 1, 'mode=100644 umask=22 name="a.txt" flags=0x8041 flags_str="O_WRONLY|O_CREAT"')}
${reply('0A', `0 len=144 ${entry('2', '100644')} fh=0x7FB250003690 open_flags=0x0041 open_flags_str="DIRECT_IO"`)}`,
    events: [
      { kind: 'request', unique: 10, opcode: 'create', nodeId: '1', entry: 'a.txt', pid: 5589 },
      { kind: 'reply', key: 10, status: 'ok', errno: null, childNodeId: '2' },
    ],
  },
  {
    lines: `${request('0C', 'GETXATTR', 22, 2, 'size=128 name="user.missing"')}
${reply('0C', '-61 error_str="No data available" len=16')}`,
    events: [
      { unique: 12, opcode: 'getxattr', nodeId: '2', xattr: 'user.missing' },
      { key: 12, status: 'error', errno: 'ENODATA' },
    ],
  },
  // A missing name is answered with no error and no node.
  {
    lines: `${request('0E', 'LOOKUP', 1, 1, 'name="no-such-file"')}\n${reply('0E', `0 len=144 ${entry('0', '0')}`)}`,
    events: [
      { unique: 14, opcode: 'lookup', entry: 'no-such-file' },
      { key: 14, status: 'ok', childNodeId: '0' },
    ],
  },
  // Names hold anything; only quotes and backslashes are escaped.
  {
    lines: `${request('10', 'UNLINK', 10, 16, 'name="qu\\"o\\\\te"')}
${request('12', 'UNLINK', 10, 16, 'name="f\nts=1 dir=IN unique=0x0000000000000014 opcode=LOOKUP opcode_id=1 nodeid=1"')}`,
    events: [
      { unique: 16, opcode: 'unlink', nodeId: '16', entry: 'qu"o\\te' },
      {
        unique: 18,
        entry: 'f\nts=1 dir=IN unique=0x0000000000000014 opcode=LOOKUP opcode_id=1 nodeid=1',
        lines: [1, 2],
      },
    ],
  },
  {
    lines: `${request('80', 'RENAME', 12, 1, 'oldname="r2.txt" newdir=3 newname="r3.txt"')}
${request('82', 'RENAME2', 45, 1, 'oldname="a" newdir=3 flags=0x2 newname="b"')}
${request('84', 'SYMLINK', 6, 1, 'name="sym" linkname="a.txt"')}
${request('86', 'LINK', 13, 1, 'oldnodeid=2 name="hard"')}`,
    events: [
      { opcode: 'rename', nodeId: '1', entry: 'r2.txt', otherNodeId: '3', otherEntry: 'r3.txt' },
      { opcode: 'rename2', entry: 'a', otherEntry: 'b', exchange: true },
      { opcode: 'symlink', nodeId: '1', entry: 'sym', target: 'a.txt' },
      { opcode: 'link', nodeId: '1', entry: 'hard', otherNodeId: '2' },
    ],
  },
  {
    lines: `${request('90', 'FORGET', 2, 7, 'nlookup=2')}
${request('92', 'BATCH_FORGET', 42, 0, 'count=2 item.0={nodeid=8,nlookup=1} item.1={nodeid=9,nlookup=3}')}`,
    events: [
      { opcode: 'forget', noReply: true, forgets: ['7'], forgetCounts: [2] },
      { opcode: 'batch_forget', noReply: true, forgets: ['8', '9'], forgetCounts: [1, 3] },
    ],
  },
  // Threads do not wait for each other: a reply begins, a request comes between, the rest stands alone.
  {
    lines: `${request('A0', 'MKDIR', 9, 1, 'mode=777 umask=22 name="d"')}
${reply('A0', '0 len=144')} ${request('A2', 'GETATTR', 3, 1, 'getattr_flags=0x00000000 fh=0x00000000')}
${entry('5', '40755')}`,
    events: [
      { unique: 160, opcode: 'mkdir', entry: 'd' },
      { unique: 162, opcode: 'getattr', nodeId: '1' },
      { key: 160, status: 'ok', childNodeId: '5', lines: [1, 2] },
    ],
  },
]
