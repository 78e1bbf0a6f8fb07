import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import { makeHeader } from '../../src/recording/header.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace } from '../cli/run.js'

/** A name that would turn text round, hide, clear the screen, and forge lines and workflow commands. */
const NAME = '::error::x\n::error::y\r\x1b[2J\u202e\u200b\u{e0041}\ufeff%0A::error::z ##[error]w'

let dir: string
let file: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-escape-'))
  // A file may have such a name too, but for the slash.
  file = join(dir, `${NAME}.fusetrace`)
  const writer = RecordingWriter.create(
    file,
    makeHeader({
      fusetraceVersion: NAME,
      nodeVersion: NAME,
      kernel: NAME,
      origin: 'record',
      originNs: 0n,
      dialect: 'libfuse',
      command: [NAME],
      mountpoint: NAME,
      branches: [NAME],
      daemonVersion: NAME,
      environment: { RUST_LOG: NAME },
    }),
  )
  const raw = Buffer.from(`unique: 2, opcode: MKDIR (9), nodeid: 1, insize: 1, pid: 1 ${NAME}`, 'utf8').toString(
    'latin1',
  )
  writer.write({ kind: 'mark', atNs: 0, edge: 'begin', name: NAME })
  writer.write({ kind: 'line', atNs: 1, stream: 'stderr', raw, terminated: true })
  writer.write({ kind: 'mount', atNs: 1, event: 'lost', detail: NAME })
  writer.write({ kind: 'loss', atNs: 1, what: NAME, count: 1 })
  writer.write({ kind: 'kernel', atNs: 1, edge: 'send', unique: 2, opcode: NAME, error: null })
  for (let id = 0; id < 10; id++) {
    const operation = {
      id,
      opcode: id % 2 ? NAME : 'mkdir',
      unique: 2 * id,
      path: NAME,
      newPath: NAME,
      target: NAME,
      name: NAME,
      startNs: id,
      endNs: id + 1,
      endedBy: 'reply' as const,
      status: 'error' as const,
      errno: NAME,
      pid: 1,
      lines: [0, 0] as const,
    }
    writer.write({ kind: 'operation', operation })
  }
  writer.write({ kind: 'exit', atNs: 20, code: null, signal: NAME })
  writer.finish()
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

/** What must be nowhere in what is printed. */
function expectSafe(text: string, ours: RegExp = /^$/): void {
  const shown = Buffer.from(text, 'latin1').toString('utf8')
  expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|[\u{e0000}-\u{e007f}]/u)
  const lines = shown.split('\n')
  expect(lines.filter((line) => /^\s*::/.test(line) && !ours.test(line))).toEqual([])
  expect(lines.filter((line) => line.includes('##['))).toEqual([])
}

test.each([
  ['info'],
  ['info', '--json'],
  ['show'],
  ['show', '--lines'],
  ['show', '--steps'],
  ['show', '--operations', '--json'],
  ['show', '--canonical'],
  ['show', '--since', NAME],
  ['stats'],
  ['stats', '--json'],
  ['verify'],
  ['verify', '--json'],
  ['verify', '--operations'],
  ['check'],
  ['check', '--json'],
  ['formats', 'explain'],
])('nothing that a recording holds, or is called, acts when it is printed: %s %s', async (...command) => {
  const [name = '', ...options] = command
  const args = name === 'formats' ? ['formats', 'explain', file] : [name, file, ...options]
  const { stdout, stderr } = await fusetrace(...args)
  expect(stdout + stderr).not.toBe('')
  expectSafe(stdout + stderr)
})

test('nor in a diff, in JUnit, in annotations, in errors', async () => {
  vi.stubEnv('GITHUB_ACTIONS', 'true')
  const report = join(dir, 'junit.xml')
  const { stdout, stderr } = await fusetrace('check', file, '--junit', report)
  // Ours stand alone, and end with the line.
  expectSafe(stdout + stderr, /^::(error|warning|notice) file=[^\n]*::[^\n]*$/)
  expect(stdout).toMatch(/^::error file=/m)
  for (const line of stdout.split('\n').filter((one) => one.startsWith('::')))
    expect(line.replaceAll('%250A', '').replaceAll('%0A', '')).not.toMatch(/[\r\x1b]/)
  expectSafe(readFileSync(report, 'latin1'))
  expectSafe((await fusetrace('diff', file, file)).stdout)
  const missing = await fusetrace('show', `${file}.missing`)
  expect(missing.code).toBe(2)
  expectSafe(missing.stderr)
  expect(missing.stderr.trimEnd().split('\n')).toHaveLength(1)
})

test('an error’s own message is safe to print by whoever catches it', () => {
  const error = new FusetraceError('FT_INPUT', `cannot read ${NAME}`, { hint: NAME })
  expectSafe(Buffer.from(`${error.message}\n${error.hint}`, 'utf8').toString('latin1'))
})
