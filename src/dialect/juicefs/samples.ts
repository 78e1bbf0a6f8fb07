import type { Sample } from '../core/dialect.js'

const AT = '2022.08.30 16:20:58.489323 [uid:0,gid:0,pid:9] '
const FILE = '[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12]'

export const juicefsSamples: readonly Sample[] = [
  {
    lines: `${AT}lookup (2,a (b), c): OK (302,${FILE}) <0.000179>`,
    events: [
      { kind: 'request', unique: null, opcode: 'lookup', nodeId: '2', entry: 'a (b), c', pid: 9 },
      { kind: 'reply', status: 'ok', errno: null, childNodeId: '302' },
    ],
  },
  {
    lines: `${AT}lookup (1,a): no such file or directory <0.000031>\n${AT}lookup (1,a): - no such file or directory <0.000031>`,
    events: [
      { opcode: 'lookup', nodeId: '1', entry: 'a' },
      { status: 'error', errno: 'ENOENT' },
      { opcode: 'lookup', nodeId: '1', entry: 'a' },
      { status: 'error', errno: 'ENOENT' },
    ],
  },
  {
    lines: `${AT}open (302): OK [fh:2] <0.000021>\n${AT}open (302): [fh:2] - OK <0.000021>`,
    events: [
      { opcode: 'open', nodeId: '302', values: { fh: 2 } },
      { status: 'ok' },
      { opcode: 'open', nodeId: '302', values: { fh: 2 } },
      { status: 'ok' },
    ],
  },
  {
    lines: `${AT}getattr (1): (1,[drwxrwxrwx:0040777,3,0,0,1661,1661,1661,4096]) - OK <0.000009>`,
    events: [{ opcode: 'getattr', nodeId: '1' }, { status: 'ok' }],
  },
  {
    lines: `${AT}create (1,a\nb,-rw-r--r--:0100644): OK (3,${FILE}) [fh:7] <0.000350>`,
    events: [
      { opcode: 'create', nodeId: '1', entry: 'a\nb', values: { mode: 0o100644, fh: 7 }, lines: [0, 1] },
      { status: 'ok', childNodeId: '3' },
    ],
  },
  {
    lines: `${AT}rename (1,x,2,y,0): OK <0.000350>\n${AT}rename (1,x,5,z,2,y,0): OK <0.000350>`,
    events: [
      { opcode: 'rename', nodeId: '1', entry: 'x', otherNodeId: '2', otherEntry: 'y' },
      { status: 'ok' },
      { opcode: 'rename', nodeId: '1', entry: undefined, otherEntry: undefined },
      { status: 'ok' },
    ],
  },
  {
    lines: `${AT}write (17669,8666,4993160): OK <0.000010>\n${AT}read (148153116,131072,28668010496): OK (131072) <1.309992>`,
    events: [
      { opcode: 'write', nodeId: '17669', values: { size: 8666, offset: 4993160 } },
      { status: 'ok' },
      { opcode: 'read', nodeId: '148153116', values: { size: 131072, offset: 28668010496 } },
      { status: 'ok' },
    ],
  },
  {
    lines: `${AT}link (302,1,hard): (302,${FILE}) - OK <0.0001>\n#`.replace('0.0001', '0.000100'),
    events: [
      { opcode: 'link', nodeId: '1', otherNodeId: '302', entry: 'hard' },
      { status: 'ok', childNodeId: '302' },
    ],
  },
  {
    lines: `${AT}setxattr (302,user.a,3,0): OK <0.000100>\n${AT}symlink (1,s,../t): OK (4,${FILE}) <0.000100>`,
    events: [
      { opcode: 'setxattr', nodeId: '302', xattr: 'user.a', values: { size: 3, flags: 0 } },
      { status: 'ok' },
      { opcode: 'symlink', nodeId: '1', entry: 's', target: '../t' },
      { status: 'ok', childNodeId: '4' },
    ],
  },
]
