import { expect, test } from 'vitest'
import type { Operation } from '../../../src/operation/operation.js'
import { normalPath } from '../../../src/path-pattern.js'
import { judge, type Match, toMatch } from '../../../src/wait/engine/match.js'

const operation: Operation = {
  id: 3,
  opcode: 'rename2',
  unique: 8,
  path: '/d/a[1].txt',
  newPath: '/d/e/b.txt',
  name: null,
  startNs: 0,
  endNs: 1,
  endedBy: 'reply',
  status: 'error',
  errno: 'EXDEV',
  pid: 7,
  lines: [0, 1],
}

const verdict = (match: Match, change: Partial<Operation> = {}): string =>
  judge(toMatch(match), { ...operation, ...change })

test.each<[Match, string]>([
  ['rename', 'match'],
  ['rename2', 'match'],
  ['renaming', 'no'],
  ['FUSE_RENAME2', 'match'],
  [{ opcode: ['CREATE', 'RENAME'] }, 'match'],
  [{ opcode: ['create', 'rename'] }, 'match'],
  [{ path: 'd/a[1].txt' }, 'match'],
  [{ path: '/d/a*' }, 'match'],
  [{ path: '*' }, 'no'],
  [{ path: '**' }, 'match'],
  [{ path: '**/a*.txt' }, 'match'],
  [{ newPath: '/**/b.txt' }, 'match'],
  [{ newPath: '/d/*/b.tx?' }, 'match'],
  [{ newPath: '/d/*.txt' }, 'no'],
  [{ newPath: '/d/e/[a-c].txt' }, 'match'],
  [{ newPath: '/d/e/[!a-c].txt' }, 'no'],
  [{ path: /^d\/a/ }, 'match'],
  [{ path: /^\/d\/a/g }, 'match'],
  [{ errno: 'EXDEV', status: 'error', pid: 7 }, 'match'],
  [{ errno: null }, 'no'],
  [{ status: 'ok' }, 'no'],
  [{ pid: 8 }, 'no'],
  [{ name: 'user.x' }, 'maybe'],
  [(one) => one.errno === 'EXDEV', 'match'],
])('%o: %s', (match, expected) => {
  expect(verdict(match)).toBe(expected)
})

test('what the log does not show may yet fit', () => {
  expect(verdict({ path: 'x' }, { path: null })).toBe('maybe')
  expect(verdict({ status: 'ok' }, { status: 'unknown', errno: null })).toBe('maybe')
  expect(verdict({ path: 'x', opcode: 'create' }, { path: null })).toBe('no')
})

test('a pattern of many stars ends soon', () => {
  expect(verdict({ path: `/${'*a'.repeat(40)}b` }, { path: `/${'a'.repeat(2000)}` })).toBe('no')
})

test('one way to write a path', () => {
  expect(['a', '/a', './a', 'a/', '/'].map(normalPath)).toEqual(['/a', '/a', '/a', '/a', '/'])
})
