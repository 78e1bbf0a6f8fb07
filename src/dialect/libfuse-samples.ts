import type { Sample } from './dialect.js'
export const libfuseSamples: readonly Sample[] = [
  {
    lines:
      'unique: 8, opcode: LOOKUP (1), nodeid: 1, insize: 46, pid: 23655\nLOOKUP /a.txt\ngetattr /a.txt\n   unique: 8, error: -2 (No such file or directory), outsize: 16',
    events: [
      { kind: 'request', unique: 8, opcode: 'lookup', nodeId: '1', pid: 23655 },
      { kind: 'detail', key: 8, path: '/a.txt' },
      { kind: 'detail', key: 8 },
      { kind: 'reply', key: 8, status: 'error', errno: 'ENOENT', endedBy: 'reply' },
    ],
  },
]
