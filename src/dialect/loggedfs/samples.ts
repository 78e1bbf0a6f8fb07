import type { Sample } from '../core/dialect.js'

const at = (message: string, level = 'INFO', outcome = 'SUCCESS'): string =>
  `2018-03-21 15:32:15,375 ${level} [default] ${message} {${outcome}} [ pid = 934 /usr/bin/cp uid = 0 ]`
const START = '2018-03-21 15:32:14,095 INFO [default] LoggedFS starting at /var/x.'

export const loggedfsSamples: readonly Sample[] = [
  {
    lines: `${START}\n${at('getattr /var/x/')}\n${at('getattr /var/x/a', 'ERROR', 'FAILURE')}`,
    events: [
      { kind: 'request', unique: null, opcode: 'getattr', path: '/', pid: 934 },
      { kind: 'reply', status: 'ok', errno: null },
      { opcode: 'lookup', path: '/a' },
      { status: 'error', errno: null },
    ],
  },
  {
    lines: `${START}\n${at('rename /var/x/a b to /var/x/c')}\n${at('hard link from /var/x/new to /var/x/c')}\n${at('symlink from /var/x/s to ../t')}`,
    events: [
      { opcode: 'rename', path: '/a b', newPath: '/c' },
      { status: 'ok' },
      { opcode: 'link', path: '/c', newPath: '/new' },
      { status: 'ok' },
      { opcode: 'symlink', path: '/s', target: '../t' },
      { status: 'ok' },
    ],
  },
  {
    lines: `${START}\n${at('read 4096 bytes from /var/x/f at offset 8192')}\n${at('312 bytes read from /var/x/f at offset 8192')}`,
    events: [
      { kind: 'request', opcode: 'read', path: '/f', values: { size: 4096, offset: 8192 }, lines: [1, 1] },
      { kind: 'reply', status: 'ok', lines: [2, 2] },
    ],
  },
  {
    lines: `${START}\n${at('write 5 bytes to /var/x/f at offset 0', 'ERROR', 'FAILURE')}\n${at('7 bytes written to /var/x/g at offset 1')}`,
    events: [
      { opcode: 'write', path: '/f', values: { size: 5, offset: 0 } },
      { status: 'error', errno: null },
      { opcode: 'write', path: '/g', values: { offset: 1 } },
      { status: 'ok' },
    ],
  },
  {
    lines: `${START}\n${at('mknod /var/x/f 100644 S_IFREG (normal file creation)')}\n${at('mkfifo /var/x/p 10644 S_IFFIFO (fifo creation)')}\n${at('mkdir /var/x/d 755')}\n${at('chmod /var/x/d to 700')}\n${at('chown /var/x/d to 0:0 root:root')}\n${at('truncate /var/x/f to 3 bytes')}`,
    events: [
      { opcode: 'mknod', path: '/f', values: { mode: 0o100644 } },
      { status: 'ok' },
      { opcode: 'mknod', path: '/p', values: { mode: 0o10644 } },
      { status: 'ok' },
      { opcode: 'mkdir', path: '/d', values: { mode: 0o755 } },
      { status: 'ok' },
      { opcode: 'setattr', path: '/d', values: { mode: 0o700 } },
      { status: 'ok' },
      { opcode: 'setattr', path: '/d' },
      { status: 'ok' },
      { opcode: 'setattr', path: '/f', values: { size: 3 } },
      { status: 'ok' },
    ],
  },
  {
    lines:
      '17:29:34 (src/loggedfs.cpp:691) chdir to /var\n17:29:41 (src/loggedfs.cpp:136) open readonly /var/run {SUCCESS} [ pid = 10923 ls uid = 1000 ]\n4096 bytes read from /var/log at offset 0 {SUCCESS} [ pid = 8537 tail uid = 1000 ]',
    events: [
      { opcode: 'open', path: '/run', pid: 10923 },
      { status: 'ok' },
      { opcode: 'read', path: '/log', pid: 8537 },
      { status: 'ok' },
    ],
  },
  {
    lines: `${at('getattr /var/x/a')}\n${at('unlink /var/x/new\nline')}`,
    events: [
      { opcode: 'getattr', path: undefined },
      { status: 'ok' },
      { opcode: 'unlink', path: undefined, lines: [1, 2] },
      { status: 'ok' },
    ],
  },
]
