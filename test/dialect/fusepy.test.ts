import { expect, test } from 'vitest'
import { brief, readLog } from './read-log.js'

const log = (...lines: string[]): string => lines.map((line) => `DEBUG:fuse.log-mixin:${line}\n`).join('')

test('leaves out the directory that a program puts before every path', () => {
  const { dialect, operations } = readLog(
    log(
      '-> init /srv/real/ ()',
      '<- init None',
      '-> mkdir /srv/real/d (493,)',
      '<- mkdir None',
      "-> rename /srv/real/d ('/e',)",
      '<- rename None',
    ),
  )
  expect(dialect).toBe('fusepy')
  expect(brief(operations)).toEqual(['init /', 'mkdir /d', 'rename /d -> /e'])
})

test('distinguishes lookups from getattrs, and leaves out the calls that belong to a request before', () => {
  const { operations } = readLog(
    log(
      '-> getattr / (None,)',
      "<- getattr {'st_mode': 16877}",
      '-> getattr /a (None,)',
      "<- getattr '[Errno 2] No such file or directory'",
      '-> create /a (33188,)',
      '<- create 4',
      '-> getattr /a (4,)',
      "<- getattr {'st_mode': 33188}",
      '-> getattr /a (None,)',
      "<- getattr {'st_mode': 33188}",
      '-> getattr /.fuse_hidden0000000200000001 (None,)',
      "<- getattr '[Errno 2] No such file or directory'",
      "-> rename /a ('/.fuse_hidden0000000200000001',)",
      '<- rename None',
      '-> release /.fuse_hidden0000000200000001 (4,)',
      '<- release 0',
      '-> unlink /.fuse_hidden0000000200000001 ()',
      '<- unlink None',
    ),
  )
  expect(brief(operations)).toEqual([
    'getattr /',
    'lookup /a',
    'create /a',
    'getattr /a',
    'unlink /a',
    'release /.fuse_hidden0000000200000001',
  ])
  expect(operations.map(({ status, errno }) => errno ?? status)).toEqual(['ok', 'ENOENT', 'ok', 'ok', 'ok', 'ok'])
})

test('what a call returned that the log does not show is of no operation', () => {
  const { operations, unparsed } = readLog(
    log(
      '-> init / ()',
      '<- init None',
      '-> mkdir /d (493,)',
      '<- mkdir None',
      '<- create 4',
      '-> rmdir /d ()',
      '<- rmdir None',
    ),
  )
  expect(brief(operations)).toEqual(['init /', 'mkdir /d', 'rmdir /d'])
  expect(unparsed).toBe(1)
})
