import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { canonical } from '../../src/report/canonical.js'
import { operation, recordingOf } from './recordings.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-canonical-'))
afterAll(() => rmSync(directory, { recursive: true }))

type Named = readonly [opcode: string, path: string, facts?: Partial<Operation>]
const ENOSYS = { status: 'error', errno: 'ENOSYS' } as const
const ENOENT = { status: 'error', errno: 'ENOENT' } as const

function textOf(name: string, operations: readonly Named[], facts: { origin?: string; signal?: string } = {}): string {
  const rows: Row[] = operations.map(([opcode, path, more], i) => ({
    kind: 'operation',
    operation: operation(i, { opcode, path, lines: [0, 0], ...more }),
  }))
  rows.push({ kind: 'exit', atNs: 1e9, code: facts.signal ? null : 0, signal: facts.signal ?? null })
  const reader = openRecording(recordingOf(directory, name, rows, facts.origin ? { origin: facts.origin } : {}))
  const text = [...canonical(reader)].join('\n')
  reader.close()
  return text
}

const ONE: readonly Named[] = [
  ['lookup', '/a', ENOENT],
  ['create', '/a'],
  ['flush', '/a'],
  ['release', '/a'],
  ['lookup', '/b', ENOENT],
  ['create', '/b'],
  ['getattr', '/a'],
  ['flush', '/c', ENOSYS],
  ['unlink', '/a'],
  ['forget', '/a'],
  ['lookup', '/a', ENOENT],
]
/** Other threads, another order of what has none, attributes that the kernel's caches did not keep. */
const OTHER: readonly Named[] = [
  ['lookup', '/b', { ...ENOENT, pid: 7 }],
  ['lookup', '/a', ENOENT],
  ['create', '/b'],
  ['create', '/a'],
  ['getattr', '/b', { pid: 8 }],
  ['flush', '/a'],
  ['statx', '/b', ENOSYS],
  ['flush', '/b', ENOSYS],
  ['unlink', '/a'],
  ['lookup', '/a', ENOENT],
  ['lookup', '/a', ENOENT],
  ['release', '/a'],
  ['forget', '/a'],
]

test('two recordings of one test have one canonical text, whatever chance did', () => {
  expect(textOf('one', ONE)).toBe(textOf('other', OTHER))
  expect(textOf('one', ONE)).toMatch(
    /of \/a\n {2}lookup .*ENOENT.*\n {2}create .* ok[\s\S]*\n {2}unlink .*\n {2}lookup .*ENOENT/,
  )
})

test.each([
  [
    'another outcome',
    ONE.map((one) => (one[0] === 'unlink' ? ['unlink', '/a', { status: 'error', errno: 'EPERM' }] : one)),
  ],
  ['a request less', ONE.filter(([opcode]) => opcode !== 'flush')],
  ['a release that fails', ONE.map((one) => (one[0] === 'release' ? ['release', '/a', ENOENT] : one))],
  ['a file that stays', ONE.map((one, i) => (i === 10 ? ['lookup', '/a'] : one))],
] as [string, Named[]][])('%s differs', (_, operations) => {
  expect(textOf('changed', operations)).not.toBe(textOf('one', ONE))
})

test('what nobody waits for may be missing where the daemon was killed', () => {
  const signal = 'SIGKILL'
  const without = ONE.filter(([opcode]) => opcode !== 'release')
  expect(textOf('killed', ONE, { signal })).toBe(textOf('killed2', without, { signal }))
  expect(textOf('ended', ONE)).not.toBe(textOf('ended2', without))
})

test('of other recordings the order stays', () => {
  const text = textOf('record', ONE, { origin: 'record' })
  expect(text.split('\n').filter((line) => / \/[abc] /.test(line))).toHaveLength(ONE.length)
  expect(text).toMatch(/release \/a .*\nlookup \/b/)
})
