import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { checkGolden } from '../../src/drift/golden.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import { openRecording } from '../../src/recording/reader.js'
import type { CallRow, Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { redactRecording } from '../../src/redact/redact-recording.js'
import { redactionFor } from '../../src/redact/redaction.js'
import { Redactor } from '../../src/redact/redactor.js'
import { Restorer } from '../../src/redact/restorer.js'
import { redactRow } from '../../src/redact/rows.js'

const scratch = mkdtempSync(join(tmpdir(), 'fusetrace-redact-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

// Put together here, so that nobody takes this file for one that holds secrets.
const TOKEN = `ghp_${'aB3'.repeat(12)}`
const RUN = '/var/tmp/fusetrace-AbC123'

/** A log as bindfs writes it: names are told apart by their lengths. */
const renamed = (from: string, to: string, insize: number): string[] => [
  'FUSE library version: 2.9.9',
  'unique: 1, opcode: INIT (26), nodeid: 0, insize: 56, pid: 0',
  'INIT: 7.31',
  '   INIT: 7.19',
  '   unique: 1, success, outsize: 40',
  `unique: 2, opcode: RENAME (12), nodeid: 1, insize: ${insize}, pid: 7`,
  `rename /${from} /${to}`,
  '   unique: 2, success, outsize: 16',
]

const call: CallRow = {
  kind: 'call',
  beginNs: 1,
  endNs: 2,
  root: 'mount',
  method: 'writeFile',
  args: [`${TOKEN}.txt`, `password=hunter2 at ${RUN}/branch0`],
  result: null,
  error: null,
}

function write(name: string, lines: readonly string[], redact: boolean): string {
  const path = join(scratch, name)
  const libfuse = dialects.find(({ name: dialect }) => dialect === 'libfuse')
  if (!libfuse) throw new Error('no dialect libfuse')
  const directories = { mount: `${RUN}/mount`, branch0: `${RUN}/branch0`, run: RUN }
  const writer = RecordingWriter.create(
    path,
    makeHeader({
      fusetraceVersion: '1',
      nodeVersion: '20',
      origin: 'test',
      originNs: 0n,
      dialect: libfuse.name,
      dialectVersion: libfuse.version,
      command: ['bindfs', '--token', TOKEN, `${RUN}/branch0`, `${RUN}/mount`],
      mountpoint: `${RUN}/mount`,
    }),
    { redaction: redact ? redactionFor({ directories, environment: {} }) : null },
  )
  const operations: Operation[] = []
  const interpreter = new Interpreter({ dialect: libfuse, candidates: dialects, onEnd: (one) => operations.push(one) })
  lines.forEach((raw, index) => {
    writer.write({ kind: 'line', atNs: index, stream: 'stderr', raw, terminated: true })
    interpreter.push({ index, atNs: index, stream: 'stderr', raw, terminated: true })
  })
  interpreter.end(lines.length)
  for (const operation of operations) writer.write({ kind: 'operation', operation })
  writer.write(call)
  writer.finish()
  return path
}

function read(path: string): { rows: Row[]; text: string; redacted: unknown } {
  const reader = openRecording(path)
  const rows = [...reader.rows()]
  const text = JSON.stringify([reader.header, rows], (_, value) => (typeof value === 'bigint' ? String(value) : value))
  reader.close()
  return { rows, text, redacted: reader.header.redacted }
}

const insizeOf = (from: string, to: string): number => 40 + 8 + from.length + 1 + to.length + 1
const LINES = [
  ...renamed(`${TOKEN}.txt`, 'b.txt', insizeOf(`${TOKEN}.txt`, 'b.txt')),
  `mounted ${RUN}/mount, log in ${encodeURIComponent(`${RUN}/own`)}`,
]

test('what is recorded has no secrets, and says the same', () => {
  const plain = read(write('plain.fusetrace', LINES, false))
  const path = write('redacted.fusetrace', LINES, true)
  const { rows, text, redacted } = read(path)
  for (const secret of [TOKEN, 'fusetrace-AbC123', 'hunter2']) {
    expect(plain.text).toContain(secret)
    expect(text).not.toContain(secret)
  }
  expect(redacted).toMatchObject({ token: expect.any(Number), mount: expect.any(Number), run: 1, secret: 1 })
  expect(rows.map(({ kind }) => kind)).toEqual(plain.rows.map(({ kind }) => kind))
  const reader = openRecording(path)
  const comparison = checkGolden(reader, dialects.find(({ name }) => name === 'libfuse') as never)
  reader.close()
  expect(comparison.findings).toEqual([])
  expect(comparison.new.operations).toBe(2)
})

test('an old one is redacted in its place; again there is nothing to do', () => {
  const path = write('old.fusetrace', LINES, false)
  const done = redactRecording({ recording: path, candidates: dialects })
  expect(done).toMatchObject({
    operations: 2,
    lines: 9,
    written: true,
    redacted: { token: expect.any(Number), mount: 1 },
  })
  expect(read(path).text).not.toContain(TOKEN)
  expect(read(path).text).not.toContain('AbC123')
  expect(redactRecording({ recording: path, candidates: dialects })).toMatchObject({ redacted: {}, written: false })
})

test('what would be read otherwise is refused, and stays as it is', () => {
  const path = write('refused.fusetrace', LINES, false)
  const before = readFileSync(path)
  const redact = (pattern: string) => () =>
    redactRecording({ recording: path, candidates: dialects, patterns: [pattern] })
  expect(redact('opcode: \\w+')).toThrow(/would not be read any more|would be read/)
  expect(redact('unique: (\\d+)')).toThrow('refused.fusetrace stays as it is')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('replay puts back what it knows, and learns what the test gives', () => {
  const { rows, redacted } = read(write('replayed.fusetrace', LINES, true))
  const restorer = new Restorer({ redacted: redacted as Record<string, number> }, { branch0: '/replay/branch0' })
  const recorded = rows.find((row): row is CallRow => row.kind === 'call')
  const other = `ghp_${'Zz9'.repeat(12)}`
  expect(restorer.fits(recorded?.args, ['x.txt', 'y'])).toBe(false)
  expect(restorer.fits(recorded?.args, [`${other}.txt`, 'password=sesame1 at /replay/branch0'])).toBe(true)
  expect(restorer.value(['{token1}', '{secret1} {branch0}/a', '{unknown}'])).toEqual([
    other,
    'sesame1 /replay/branch0/a',
    '{unknown}',
  ])
  const lines = rows.map(restorer.row).flatMap((row) => (row.kind === 'line' ? [row.raw] : []))
  expect(lines).toContain(`rename /${other}.txt /b.txt`)
  expect(rows.map(restorer.row).flatMap((row) => (row.kind === 'operation' ? [row.operation.path] : []))).toContain(
    `/${other}.txt`,
  )
})

test('a text that only looks like a stand-in is left alone', () => {
  const restorer = new Restorer({ redacted: { token: 1 } }, { home: '/home/a' })
  expect(restorer.text('{home} {token1}')).toBe('{home} {token1}')
  expect(new Restorer({}, { home: '/home/a' }).fits(['{home}'], ['x'])).toBe(false)
})

test('messages of the kernel keep their lengths', () => {
  const redactor = new Redactor({ exactLength: true })
  const bytes = new Uint8Array(Buffer.from(`\x10\0\0\0${TOKEN}\0%67${TOKEN.slice(1)}\0`, 'latin1'))
  const row = redactRow({ kind: 'request', atNs: 0, bytes, dataBytes: 0, dataHash: null }, redactor)
  if (row.kind !== 'request') throw new Error(row.kind)
  expect(row.bytes.length).toBe(bytes.length)
  expect(Buffer.from(row.bytes).toString('latin1')).toMatch(/^\x10\0{3}\{token1~+\}\0\{token1~+\}\0$/)
})

test('in a line, which says how long names are, only what is as long as its stand-in is put back', () => {
  const restorer = new Restorer({ redacted: { home: 2 } }, { home: '/home/a' })
  const row = { kind: 'line', atNs: 0, stream: 'stdout', terminated: true } as const
  expect(restorer.row({ ...row, raw: 'open {home~}/x' })).toMatchObject({ raw: 'open /home/a/x' })
  expect(restorer.row({ ...row, raw: 'open {home~~~}/x' })).toMatchObject({ raw: 'open {home~~~}/x' })
})

test('what was recorded of another ending is not what is given', () => {
  const restorer = new Restorer({ redacted: { home: 1 } }, {})
  expect(restorer.fits('{home}/a', '/x/b')).toBe(false)
  expect(restorer.fits('{home}/a', '/x/a')).toBe(true)
})
