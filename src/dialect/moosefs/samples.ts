import type { Sample } from '../core/dialect.js'

const AT = '04.22 11:30:00.472019: uid:0 gid:0 pid:9 cmd:'
const FILE = '(1.0,5,1.0,[-rw-r--r--:0100644,1,0,0,1661,1661,1661,12])'

export const moosefsSamples: readonly Sample[] = [
  {
    lines: `${AT}lookup (1,a (b), c): OK ${FILE}\n${AT}lookup (1,d) (using open dir cache): OK ${FILE}`,
    events: [
      { kind: 'request', unique: null, opcode: 'lookup', nodeId: '1', entry: 'a (b), c', pid: 9 },
      { kind: 'reply', status: 'ok', errno: null, childNodeId: '5' },
      { opcode: 'lookup', nodeId: '1', entry: 'd' },
      { status: 'ok', childNodeId: '5' },
    ],
  },
  {
    lines: `${AT}lookup (1,a): ENOENT (No such file or directory)\n${AT}mkdir (1,d,0755): EEXIST (File exists)`,
    events: [
      { opcode: 'lookup', nodeId: '1', entry: 'a' },
      { status: 'error', errno: 'ENOENT' },
      { opcode: 'mkdir', nodeId: '1', entry: 'd', values: { mode: 0o755 } },
      { status: 'error', errno: 'EEXIST' },
    ],
  },
  {
    lines: `${AT}create (1,a\nb,O_RDWR|O_CREAT,-rw-r--r--:0100644): OK ${FILE} (direct_io:0,keep_cache:0,append_mode:0) [handle:0000001A]`,
    events: [
      { opcode: 'create', nodeId: '1', entry: 'a\nb', values: { mode: 0o100644, fh: 26 }, lines: [0, 1] },
      { status: 'ok', childNodeId: '5' },
    ],
  },
  {
    lines: `${AT}write (5,4096,0) [handle:0000001A]: OK (4096)\n${AT}getattr (5) [no handle]: OK (1.0,[-rw-r--r--:0100644,1,0,0,1,1,1,12])`,
    events: [
      { opcode: 'write', nodeId: '5', values: { size: 4096, offset: 0, fh: 26 } },
      { status: 'ok' },
      { opcode: 'getattr', nodeId: '5' },
      { status: 'ok' },
    ],
  },
  {
    lines: `${AT}rename (1,x,2,y,0): OK\n${AT}rename (1,x,2,y,2): EINVAL (Invalid argument)\n${AT}link (5,1,hard): OK ${FILE}`,
    events: [
      { opcode: 'rename', nodeId: '1', entry: 'x', otherNodeId: '2', otherEntry: 'y' },
      { status: 'ok' },
      { opcode: 'rename2', exchange: true },
      { status: 'error', errno: 'EINVAL' },
      { opcode: 'link', nodeId: '1', otherNodeId: '5', entry: 'hard' },
      { status: 'ok', childNodeId: '5' },
    ],
  },
  {
    lines: `${AT}symlink (../t,1,s): OK ${FILE}\n${AT}readlink (5): OK (): OK (a)`,
    events: [
      { opcode: 'symlink', nodeId: '1', entry: 's', target: '../t' },
      { status: 'ok', childNodeId: '5' },
      { opcode: 'readlink', nodeId: '5' },
      { status: 'ok' },
    ],
  },
  {
    lines: `1713785400 ${AT}unlink (1,a): No such file or directory\n1713785400 04.22 11:30:00.472019: cmd:release (5): OK`,
    events: [
      { opcode: 'unlink', nodeId: '1', entry: 'a', pid: 9 },
      { status: 'error', errno: 'ENOENT' },
      { opcode: 'release', nodeId: '5', pid: undefined },
      { status: 'ok' },
    ],
  },
  {
    lines: `${AT}lookup (1,a) ...\n${AT}flush (5) - releasing all POSIX-type locks for 00 (received from kernel): OK\n#`,
    events: [],
  },
]
