import { describe, expect, test } from 'vitest'
import type { Match } from '../../../src/wait/engine/match.js'
import { checksOf } from '../../../src/wait/machines/checks.js'
import { deleted } from '../../../src/wait/machines/deleted.js'
import { dirVisible } from '../../../src/wait/machines/dir-visible.js'
import { fileVisible } from '../../../src/wait/machines/file-visible.js'
import { operation } from '../../../src/wait/machines/operation.js'
import { released } from '../../../src/wait/machines/released.js'
import { renamed } from '../../../src/wait/machines/renamed.js'
import { writeComplete } from '../../../src/wait/machines/write-complete.js'
import { xattrRemoved } from '../../../src/wait/machines/xattr-removed.js'
import { xattrSet } from '../../../src/wait/machines/xattr-set.js'
import { byHand, INFERRED, op } from './by-hand.js'

const open = { status: 'unfinished' as const, endedBy: null, endNs: null }
const questions = (opcode: string, path: string | null, more: { newPath?: string; name?: string } = {}) =>
  checksOf({ opcode, path, newPath: null, name: null, ...more }).map(({ question }) => question)

describe('what an operation leaves to be seen', () => {
  const exists = (path: string) => ({ probe: 'exists', path })

  test.each([
    ['create', exists('/f')],
    ['unlink', exists('/f')],
    ['rmdir', exists('/f')],
    ['mkdir', { probe: 'isDirectory', path: '/f' }],
  ])('%s', (opcode, question) => {
    expect(questions(opcode, '/f')).toEqual([question])
    expect(questions(opcode, null)).toEqual([])
  })

  test('of a rename both names, of an attribute its name; of what changes content, or nothing, nothing', () => {
    expect(questions('rename', '/f', { newPath: '/g' })).toEqual([exists('/g'), exists('/f')])
    expect(questions('rename', '/f')).toEqual([])
    for (const opcode of ['setxattr', 'removexattr']) {
      expect(questions(opcode, '/f', { name: 'user.k' })).toEqual([{ probe: 'xattr', path: '/f', name: 'user.k' }])
      expect(questions(opcode, '/f')).toEqual([])
    }
    for (const opcode of ['write', 'read', 'getattr', 'fsync']) expect(questions(opcode, '/f')).toEqual([])
  })

  test('which answers confirm', () => {
    const confirmed = (opcode: string, ...values: unknown[]): boolean[] => {
      const [check] = checksOf({ opcode, path: '/f', newPath: null, name: 'user.k' })
      return values.map((value) => check?.confirms(value as never) ?? false)
    }
    expect(confirmed('create', true, false, null)).toEqual([true, false, false])
    expect(confirmed('unlink', true, false, null)).toEqual([false, true, false])
    expect(confirmed('mkdir', true, false, null)).toEqual([true, false, false])
    expect(confirmed('setxattr', '', 'v', false, null)).toEqual([true, true, false, false])
    expect(confirmed('removexattr', '', 'v', false, null)).toEqual([false, false, true, true])
  })
})

describe('operation', () => {
  const EXISTS = { probe: 'exists', path: '/f' }
  const asks = (match: Match, started = op('create', '/f', open)) =>
    byHand(operation(match), { capabilities: INFERRED }).started(started).ask

  test('that only began is probed for by what it leaves, with the names that are asked for where the log has none', () => {
    expect(asks('create')).toEqual(EXISTS)
    expect(asks({ opcode: 'create', status: 'ok' })).toEqual(EXISTS)
    expect(asks({ opcode: 'create', path: 'f' }, op('create', null, open))).toEqual(EXISTS)
    expect(asks({ opcode: 'rename', newPath: 'f' }, op('rename', '/a', open))).toEqual(EXISTS)
    const xattr = { probe: 'xattr', path: '/f', name: 'user.k' }
    expect(asks({ opcode: 'setxattr', name: 'user.k' }, op('setxattr', '/f', open))).toEqual(xattr)
    expect(asks({ opcode: 'setxattr' }, op('setxattr', '/f', { ...open, name: 'user.k' }))).toEqual(xattr)
  })

  test.each<[string, Match]>([
    ['a predicate', { opcode: 'create', where: () => true }],
    ['an error', { opcode: 'create', errno: 'EACCES' }],
    ['no error', { opcode: 'create', errno: null }],
    ['a failure', { opcode: 'create', status: 'error' }],
    ['any outcome', { opcode: 'create', status: ['ok', 'error'] }],
  ])('with %s is not', (_, match) => {
    expect(asks(match)).toBeUndefined()
  })

  test('a glob is no name to be probed for', () => {
    expect(asks({ opcode: 'create', path: 'f*' }, op('create', null, open))).toBeUndefined()
    expect(asks({ opcode: 'create', path: /f/ }, op('create', null, open))).toBeUndefined()
  })

  test.each<[Match, unknown]>([
    [{ opcode: 'create', path: 'f' }, EXISTS],
    [{ opcode: 'create', path: 'f', status: 'ok' }, EXISTS],
    [
      { opcode: 'removexattr', path: 'f', name: 'user.k' },
      { probe: 'xattr', path: '/f', name: 'user.k' },
    ],
    [{ opcode: 'rename', path: 'a', newPath: 'f' }, EXISTS],
  ])('without a log %o is polled for', (match, question) => {
    expect(byHand(operation(match), { trace: 'none' }).tick().ask).toEqual(question)
  })

  test.each<[Match]>([
    [{ opcode: ['create', 'mknod'], path: 'f' }],
    [{ opcode: 'create', path: 'f', where: () => true }],
    [{ opcode: 'create', path: 'f', pid: 7 }],
    [{ opcode: 'create', path: 'f', errno: 'EIO' }],
    [{ opcode: 'create', path: 'f', status: 'error' }],
    [{ opcode: 'create', path: 'f*' }],
    [{ opcode: 'create', path: /f/ }],
    [{ opcode: 'write', path: 'f' }],
    [{ path: 'f' }],
  ])('without a log %o is impossible', (match) => {
    expect(byHand(operation(match), { trace: 'none' }).tick().outcome).toMatchObject({
      why: 'impossible',
      reason: expect.stringMatching(/^there is no trace, and no look at the file system can tell whether .* ends$/),
    })
  })
})

test('each wait says what it is about', () => {
  const said = ({ name, subject, awaited }: { name: string; subject: string; awaited: string }) =>
    [name, subject, awaited].join(' | ')
  expect(
    [
      fileVisible('f'),
      dirVisible('f'),
      deleted('f'),
      renamed('f', 'g'),
      xattrSet('f', 'user.k'),
      xattrRemoved('f', 'user.k'),
      released('f'),
      writeComplete('f'),
      operation({ opcode: 'write', path: 'f' }),
    ].map(said),
  ).toEqual([
    'fileVisible | /f | a file comes to be at /f',
    'dirVisible | /f | a directory comes to be at /f',
    'deleted | /f | what is at /f goes away',
    'renamed | /f → /g | /f is renamed to /g',
    'xattrSet | /f user.k | user.k is set on /f',
    'xattrRemoved | /f user.k | user.k is removed from /f',
    'released | /f | an open /f is released',
    'writeComplete | /f | /f is written and released',
    'operation | write /f | write /f ends',
  ])
})

test('attributes: which operation, which probe, which value', () => {
  const set = byHand(xattrSet('f', 'user.k', 'é'))
  expect(set.ended(op('setxattr', '/f', { name: 'user.l' }))).toEqual({})
  expect(set.ended(op('setxattr', '/f', { name: 'user.k' })).ask).toEqual({
    probe: 'xattr',
    path: '/f',
    name: 'user.k',
  })
  expect(set.answer('other').outcome).toBeUndefined()
  set.tick(1)
  expect(set.answer('Ã©').outcome).toMatchObject({ by: 'probe' })
  const unknown = { status: 'unknown' as const, name: 'user.k' }
  const removed = byHand(xattrRemoved('f', 'user.k'))
  expect(removed.ended(op('removexattr', '/f', unknown)).ask).toEqual({ probe: 'xattr', path: '/f', name: 'user.k' })
  expect(removed.ended(op('setxattr', '/f', { id: 2, name: 'user.k' })).outcome).toMatchObject({ by: 'trace' })
  const undone = byHand(xattrSet('f', 'user.k'))
  undone.ended(op('setxattr', '/f', unknown))
  expect(undone.ended(op('removexattr', '/f', { id: 2, name: 'user.k' })).outcome).toMatchObject({ by: 'trace' })
  expect(byHand(xattrSet('f', 'user.k')).ended(op('setxattr', '/f', { name: 'user.k' })).outcome).toMatchObject({
    by: 'trace',
  })
})

test('a directory that came by a rename is looked at; one that was made is not', () => {
  const wait = byHand(dirVisible('d'))
  expect(wait.ended(op('rename', '/a', { newPath: '/d' })).ask).toEqual({ probe: 'isDirectory', path: '/d' })
  expect(byHand(dirVisible('d')).ended(op('mkdir', '/d')).outcome).toMatchObject({ by: 'trace' })
})
