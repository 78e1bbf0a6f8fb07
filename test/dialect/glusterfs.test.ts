import { expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const at = (level: string, by: string): string =>
  `[2026-11-28 18:04:43.695923 +0000] ${level} [fuse-bridge.c:1074:${by}] 0-glusterfs-fuse: `
const log = (...lines: string[]): ReturnType<typeof readLog> => readLog(lines.map((line) => `${line}\n`).join(''))

test('a log of the usual level: what failed, among lines about no request', () => {
  const { dialect, operations, unparsed } = log(
    '[2022-09-15 15:05:24.293467 +0000] I [MSGID: 114057] [client-handshake.c:1128:select_server_supported_programs] 0-v-client-4: Using Program',
    `${at('W', 'fuse_entry_cbk')}31391: LOOKUP() /23 => -1 (Transport endpoint is not connected)`,
    'The message "W [MSGID: 108027] [afr-common.c:2925:afr_attempt_readsubvol_set] 0-v-replicate-2: no read subvols for /23" repeated 7 times',
    `${at('W', 'fuse_fd_cbk')}31392: OPEN() /d/a b => -1 (Input/output error)`,
    `${at('W', 'fuse_attr_cbk')}31393: FSTAT() ERR => -1 (File descriptor in bad state)`,
    `${at('W', 'fuse_unlink_cbk')}31394: RMDIR() /d => -1 (Directory not empty)`,
    `${at('E', 'check_and_dump_fuse_W')}writing to fuse device failed: No such file or directory`,
  )
  expect(dialect).toBe('glusterfs')
  expect(operations).toMatchObject([
    { opcode: 'lookup', path: '/23', status: 'error', errno: 'ENOTCONN', unique: null },
    { opcode: 'open', path: '/d/a b', errno: 'EIO' },
    { opcode: 'getattr', path: null, errno: 'EBADFD' },
    { opcode: 'rmdir', path: '/d', errno: 'ENOTEMPTY' },
  ])
  expect(unparsed).toBe(0)
})

test('lines of before 2020, without a zone', () => {
  const { operations } = log(
    '[2017-12-27 06:21:04.332524] W [fuse-bridge.c:471:fuse_entry_cbk] 0-glusterfs-fuse: 12: MKDIR() /x => -1 (File exists)',
  )
  expect(operations).toMatchObject([{ opcode: 'mkdir', path: '/x', errno: 'EEXIST' }])
})

test('names that lie: results, arrows, lines of their own', () => {
  const names = ['/a => 5', '/a => -1 (No such file or directory)', '/a() b => 0x7f (ino=3)', '/new\nline']
  const { operations, unparsed } = log(...names.map((name) => `${at('T', 'fuse_unlink_cbk')}9: UNLINK() ${name} => 0`))
  expect(brief(operations)).toEqual(names.map((name) => `unlink ${name}`))
  expect(unparsed).toBe(0)
  const forged = log(`${at('T', 'fuse_unlink_cbk')}9: UNLINK() /x\n${at('T', 'fuse_unlink_cbk')}9: RMDIR() /y => 0`)
  expect(brief(forged.operations)).toEqual(['unlink null'])
  expect(forged.unparsed).toBe(1)
})

test('what could be one of two requests, or ends otherwise, is not understood', () => {
  const { operations, unparsed } = log(
    `${at('T', 'fuse_unlink_cbk')}9: UNLINK() /x => 0`,
    `${at('T', 'fuse_xattr_cbk')}9: GETXATTR() /x => 1`,
    `${at('W', 'fuse_entry_cbk')}9: LOOKUP() /x => -1 (Something new here)`,
    `${at('T', 'fuse_namelink_cbk')}9: NAMELINK() /x => 0`,
  )
  expect(brief(operations)).toEqual(['unlink /x'])
  expect(unparsed).toBe(3)
})
