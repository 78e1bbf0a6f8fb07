import { describe, expect, test } from 'vitest'
import { describeMatch, judge, mismatches, type OperationMatch, toMatch } from '../../../src/wait/engine/match.js'
import { op } from '../machines/by-hand.js'

const failed = { status: 'error', errno: 'EIO' } as const
const unnamed = { status: 'error', errno: null } as const
const open = { status: 'unfinished', endNs: null, endedBy: null } as const

describe('why an operation is not meant', () => {
  test.each<[OperationMatch, ReturnType<typeof op>, string, string, boolean]>([
    [{ opcode: 'read' }, op('write', '/f'), 'opcode', 'other opcode (write)', false],
    [{ path: 'f' }, op('write', null), 'path', 'the log does not show its path', true],
    [{ path: 'f' }, op('write', '/g\n'), 'path', 'other path (/g\\n)', false],
    [{ newPath: 'f' }, op('rename', '/a'), 'newPath', 'the log does not show its new path', true],
    [{ newPath: 'f' }, op('rename', '/a', { newPath: '/g' }), 'newPath', 'other new path (/g)', false],
    [{ name: 'user.k' }, op('setxattr', '/f'), 'name', 'the log does not show the name', true],
    [{ name: 'user.k' }, op('setxattr', '/f', { name: 'user.l' }), 'name', 'other name (user.l)', false],
    [{ name: /^x/g }, op('setxattr', '/f', { name: 'user.l' }), 'name', 'other name (user.l)', false],
    [{ pid: 7 }, op('write', '/f'), 'pid', 'the log does not show its pid', true],
    [{ pid: 7 }, op('write', '/f', { pid: 8 }), 'pid', 'other pid (8)', false],
    [{ status: 'ok' }, op('write', '/f', { status: 'unknown' }), 'status', 'the log does not tell its outcome', true],
    [{ status: 'ok' }, op('write', '/f', open), 'status', 'the log does not tell its outcome', true],
    [{ status: 'ok' }, op('write', '/f', failed), 'status', 'failed with EIO', false],
    [{ status: ['ok'] }, op('write', '/f', unnamed), 'status', 'failed with an unknown error', false],
    [{ status: 'error' }, op('write', '/f'), 'status', 'succeeded', false],
    [{ errno: 'EACCES' }, op('write', '/f', { status: 'unknown' }), 'errno', 'the log does not tell its outcome', true],
    [{ errno: 'EACCES' }, op('write', '/f', open), 'errno', 'the log does not tell its outcome', true],
    [{ errno: 'EACCES' }, op('write', '/f', failed), 'errno', 'failed with EIO', false],
    [{ errno: ['EACCES'] }, op('write', '/f', unnamed), 'errno', 'failed with an unknown error', false],
    [{ errno: 'EACCES' }, op('write', '/f'), 'errno', 'succeeded', false],
    [{ errno: null }, op('write', '/f', open), 'errno', 'it is not known to have succeeded', true],
    [{ errno: null }, op('write', '/f', unnamed), 'errno', 'it is not known to have succeeded', false],
    [{ where: () => true }, op('write', '/f', open), 'where', 'not ended yet', true],
    [{ where: () => false }, op('write', '/f'), 'where', 'the predicate says no', false],
  ])('%o: %o', (match, operation, field, text, unknown) => {
    expect(mismatches(toMatch(match), operation)).toEqual([{ field, text, unknown }])
    expect(judge(toMatch(match), operation)).toBe(unknown ? 'maybe' : 'no')
  })

  test('a predicate is asked of what fits in all else only', () => {
    const where = (): never => {
      throw new Error('asked')
    }
    expect(mismatches({ path: '/f', where }, op('write', '/g'))).toHaveLength(1)
    expect(() => mismatches({ path: '/f', where }, op('write', '/f'))).toThrow('asked')
  })

  test('one thing that is not known, and one that is wrong, is wrong', () => {
    expect(judge({ path: '/f', pid: 7 }, op('write', null, { pid: 8 }))).toBe('no')
    expect(judge({ opcode: 'read', path: '/f' }, op('write', null))).toBe('no')
  })

  test('nothing, where all fits: also by another of its names', () => {
    const all = { opcode: ['read', 'write'], path: 'f', pid: 7, status: 'ok', errno: null, where: () => true } as const
    expect(mismatches(toMatch(all), op('write', '/f', { pid: 7 }))).toEqual([])
    expect(mismatches(toMatch({ path: 'f' }), op('write', '/g', { paths: ['/h', '/f'] }))).toEqual([])
    expect(mismatches(toMatch({ newPath: 'f', name: /k$/ }), op('x', '/g', { newPath: '/f', name: 'k' }))).toEqual([])
  })
})

test('a match in words', () => {
  const words = (match: Parameters<typeof toMatch>[0]): string => describeMatch(toMatch(match))
  expect(words({})).toBe('an operation')
  expect(words(() => true)).toBe('an operation (predicate)')
  expect(
    words({ opcode: ['read', 'write'], path: /x/, status: ['ok', 'error'], errno: ['EIO', 'EACCES'], pid: 7 }),
  ).toBe('read|write /x/ ok|error EIO|EACCES pid 7')
  expect(words({ opcode: 'rename', path: 'a', newPath: 'b\n' })).toBe('rename /a → /b\\n')
  expect(words({ opcode: 'setxattr', name: 'user.k' })).toBe('setxattr user.k')
})

test('names of opcodes: the kernel’s, headers’, and a dialect’s own', () => {
  expect(toMatch('FUSE_Lookup')).toEqual({ opcode: 'lookup' })
  expect(toMatch('FUSE_MyOwnThing')).toEqual({ opcode: 'myownthing' })
  expect(toMatch('my_fuse_thing')).toEqual({ opcode: 'my_fuse_thing' })
  expect(() => toMatch('lokup')).toThrow('there is no opcode "lokup": did you mean lookup?')
  expect(() => toMatch({ errno: 'EACCESS' })).toThrow('there is no errno "EACCESS": did you mean EACCES?')
  expect(() => toMatch('lokup')).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/operation\.opcode ===/) }),
  )
})
