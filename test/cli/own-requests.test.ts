import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { RecordingReader } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { timeline } from '../../src/report/timeline.js'
import { fusetrace, objects } from './run.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-own-'))
afterAll(() => rmSync(directory, { recursive: true }))

function recording(name: string, rows: readonly Row[]): string {
  const file = join(directory, name)
  const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'test', originNs: 5n, dialect: 'libfuse' } as const
  const writer = RecordingWriter.create(file, makeHeader(facts))
  for (const row of rows) writer.write(row)
  writer.finish({ unparsed: 0 })
  return file
}

let id = 0
const operation = (opcode: string, path: string, ms: number, more: Partial<Operation> = {}): Row => ({
  kind: 'operation',
  operation: {
    id: id++,
    opcode,
    unique: id * 2,
    path,
    newPath: null,
    name: null,
    startNs: ms * 1e6,
    endNs: ms * 1e6,
    endedBy: 'reply',
    status: 'ok',
    errno: null,
    pid: 7,
    lines: [0, 0],
    ...more,
  },
})
const call = (method: string, args: readonly unknown[], fromMs: number, toMs: number): Row => ({
  kind: 'call',
  beginNs: fromMs * 1e6,
  endNs: toMs * 1e6,
  root: 'mount',
  method,
  args,
  result: null,
  error: method === 'stat' ? { code: 'ENOENT', errno: -2, syscall: 'stat', message: 'no' } : null,
})
const probe = (path: string, ms: number): Row => ({
  kind: 'probe',
  atNs: ms * 1e6,
  probe: 'exists',
  args: [path],
  answer: true,
  errno: null,
})

/** A run whose order, and what else is chance, depends on the turn. */
function run(turn: number): Row[] {
  id = 0
  const [first, second] = turn === 1 ? ['a', 'b'] : ['b', 'a']
  const fence = `/.fusetrace-fence-${turn * 100}-1`
  return [
    { kind: 'mount', atNs: 1e6, event: 'mountinfo', detail: null },
    operation('getattr', '/', 2, { pid: 99 }),
    { kind: 'mount', atNs: 3e6, event: 'answered', detail: null },
    operation('lookup', fence, 4, { pid: 99, status: 'error', errno: 'ENOENT' }),
    { kind: 'mark', atNs: 5e6, edge: 'begin', name: 'make' },
    operation('create', `/${first}`, 7),
    operation('getattr', '/', 7),
    operation('create', `/${second}`, 8),
    call('writeFile', [first, 'one'], 6, 9),
    call('writeFile', [second, 'two'], 6, 9),
    operation('release', '/a', turn === 1 ? 10 : 14),
    { kind: 'mark', atNs: 11e6, edge: 'end', name: 'make' },
    // The probe's own request, of another process than the fences': only when it came tells.
    operation('getattr', '/a', 12, { pid: 55 }),
    probe('/a', 13),
    // The test's own, of the same kind.
    operation('getattr', '/a', 16),
    ...(turn === 1 ? [] : [operation('getattr', '/', 17)]),
    call('stat', ['a'], 15, 18),
    { kind: 'exit', atNs: 19e6, code: 0, signal: null },
  ]
}

const one = recording('one.fusetrace', run(1))
const other = recording('other.fusetrace', run(2))

test('show shows the calls with what was written, and hides what fusetrace itself asked', async () => {
  const { stdout } = await fusetrace('show', one)
  expect(stdout).toMatch(/\(call\) +ok +mount\.fs\.writeFile\("a", "one"\)\n/)
  expect(stdout).toMatch(/\(call\) +ENOENT +mount\.fs\.stat\("a"\)\n/)
  expect(stdout).not.toContain('.fusetrace-fence')
  expect(stdout).not.toContain('probe exists')
  expect(stdout.match(/getattr +ok +\/a\n/g)).toHaveLength(1)
  expect(stdout).toContain('3 requests of fusetrace itself (fences, probes) are not shown: --all\n')
  // A call stands before what it asked.
  expect(stdout.indexOf('writeFile("a"')).toBeLessThan(stdout.indexOf('create'))
})

test('show --all, and --json with a mark, show all', async () => {
  const { stdout } = await fusetrace('show', '--all', one)
  expect(stdout).toMatch(/lookup +ENOENT +\/\.fusetrace-fence-100-1\n/)
  expect(stdout).toContain('probe exists("/a"): true\n')
  const all = objects((await fusetrace('show', '--operations', '--json', one)).stdout)
  expect(all.filter(({ own }) => own).map(({ opcode, path, startNs }) => [opcode, path, startNs])).toEqual([
    ['getattr', '/', 2e6],
    ['lookup', '/.fusetrace-fence-100-1', 4e6],
    ['getattr', '/a', 12e6],
  ])
  const calls = objects((await fusetrace('show', '--calls', '--json', one)).stdout)
  expect(calls.map(({ kind, method, probe: what }) => [kind, method ?? what])).toEqual([
    ['call', 'writeFile'],
    ['call', 'writeFile'],
    ['probe', 'exists'],
    ['call', 'stat'],
  ])
})

test('show --canonical has what was written', async () => {
  const { stdout } = await fusetrace('show', '--canonical', one)
  expect(stdout).toContain('call mount.fs.writeFile("a", "one") ok\n')
  expect(stdout).not.toContain('.fusetrace-fence')
})

test('of a pipe, which can be read only once, all is shown; only names of fences show ours', () => {
  const rows = run(1)
  let read = 0
  const pipe = {
    header: { origin: 'test' },
    seekable: false,
    rows: function* () {
      if (read++ === 0) yield* rows
    },
  } as unknown as RecordingReader
  const items = [...timeline(pipe)]
  expect(items.flatMap((item) => (item.kind === 'operation' ? [item.own] : [])).filter(Boolean)).toHaveLength(1)
  expect(items.filter(({ kind }) => kind === 'operation')).toHaveLength(8)
  expect(items.filter(({ kind }) => kind === 'call')).toHaveLength(3)
})

test('stats leaves them out, and counts them with --all', async () => {
  const counted = JSON.parse((await fusetrace('stats', '--json', one)).stdout)
  expect([counted.operations, counted.own]).toEqual([5, 3])
  expect(JSON.parse((await fusetrace('stats', '--all', '--json', one)).stdout).operations).toBe(8)
})

test('two recordings of one unchanged test agree; one of a changed test does not', async () => {
  const same = await fusetrace('diff', '--json', one, other)
  expect(JSON.parse(same.stdout)).toMatchObject({ onlyA: [], onlyB: [], outcomes: [], moved: [] })
  expect(same.code).toBe(0)
  expect(JSON.parse(same.stdout).byChance).toBeGreaterThan(0)
  const rows = run(2)
  rows.splice(-2, 0, operation('unlink', '/a', 17))
  const changed = await fusetrace('diff', '--json', one, recording('changed.fusetrace', rows))
  expect(JSON.parse(changed.stdout)).toMatchObject({ onlyA: [], onlyB: [{ opcode: 'unlink' }] })
  expect(changed.code).toBe(1)
})
