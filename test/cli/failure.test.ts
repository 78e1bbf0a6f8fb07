import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { cleanRecordings } from '../../src/cli/clean-recordings.js'
import { report, warnIfNotWhole } from '../../src/cli/failure.js'
import { print, say } from '../../src/cli/output.js'
import { refuseInput } from '../../src/cli/recording-arguments.js'
import { timeoutOf } from '../../src/cli/timeout.js'
import { FusetraceError } from '../../src/errors.js'
import { NOT_FINISHED } from '../../src/recording/reader.js'

/** What is written to a stream meanwhile. */
function written<T>(stream: 'stdout' | 'stderr', act: () => T): { result: T; text: string } {
  let text = ''
  const spy = vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  try {
    return { result: act(), text }
  } finally {
    spy.mockRestore()
  }
}
const reported = (error: unknown, debug = false) => written('stderr', () => report(error, debug))
const system = (code: string, more: object = {}): Error =>
  Object.assign(new Error(`${code}: write`), { code, syscall: 'write', ...more })

test.each([
  ['what a user did wrong', new FusetraceError('FT_USAGE', 'no', { hint: 'yes' }), 2, /^fusetrace: no; yes\n$/],
  ['what the machine lacks', new FusetraceError('FT_ENVIRONMENT', 'no'), 3, /^fusetrace: no\n$/],
  ['a bug', new TypeError('x is not'), 2, /^fusetrace: x is not \(a bug: run again with --debug\)\n$/],
  ['a reader that has gone', system('EPIPE'), 0, /^$/],
  ['the same, told by us', new FusetraceError('FT_OUTPUT', 'no', { cause: system('EPIPE') }), 0, /^$/],
  ['a full disk', system('ENOSPC'), 3, /^fusetrace: cannot write standard output: .*; the disk is full\n$/],
  ['a closed terminal', system('EIO'), 3, /^fusetrace: cannot write standard output: EIO: write\n$/],
  ['a file that cannot be written', system('EIO', { path: '/f' }), 2, /^fusetrace: EIO: write\n$/],
])('%s is said in a line, with its exit code', (_name, error, code, says) => {
  const { result, text } = reported(error)
  expect(result).toBe(code)
  expect(text).toMatch(says)
})

test('a stack is printed when it is asked for, and nothing reaches the terminal raw', () => {
  const hostile = new FusetraceError('FT_INPUT', 'a\u001b[2J\n::error::b')
  expect(reported(hostile).text).toMatch(/^fusetrace: [ -~]+\n$/)
  const { text } = reported(hostile, true)
  expect(text).toMatch(/at .*failure\.test/)
  expect(text).not.toMatch(/\u001b\[2J|^::/m)
  expect(written('stderr', () => say('a\u001b[2J\nb')).text).toMatch(/^fusetrace: [ -~]+\n$/)
  expect(written('stdout', () => print('a\u0007\n::error::b')).text).toMatch(/^[ -~]+\n[ -~]+\n$/)
})

test('a recording that is not whole is a finding; one that is being written has the name of such a one', () => {
  const before = process.exitCode
  const codes = [
    ['a.fusetrace', null],
    ['a.fusetrace.partial', NOT_FINISHED],
    ['a.fusetrace', NOT_FINISHED],
    ['a.fusetrace.partial', 'it is damaged'],
  ].map(([file, problem]) => {
    process.exitCode = undefined
    const { text } = written('stderr', () => warnIfNotWhole(file as string, problem as string | null))
    return [text === '', process.exitCode ?? 0]
  })
  process.exitCode = before
  expect(codes).toEqual([
    [true, 0],
    [false, 0],
    [false, 1],
    [false, 1],
  ])
})

test.each(['0', '-1', 'x', '', 'NaN'])('a timeout of "%s" is none', (text) => {
  expect(() => timeoutOf(text)).toThrow(expect.objectContaining({ code: 'FT_USAGE' }))
  expect([timeoutOf('5'), timeoutOf('Infinity')]).toEqual([5, Number.POSITIVE_INFINITY])
})

test('an output that is one of the inputs is refused under any name', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  const at = (name: string): string => join(directory, name)
  for (const name of ['a', 'b']) writeFileSync(at(name), '')
  linkSync(at('a'), at('hard'))
  symlinkSync(at('a'), at('soft'))
  for (const name of ['a', 'hard', 'soft'])
    expect(() => refuseInput([at('b'), at('a')], at(name))).toThrow(expect.objectContaining({ code: 'FT_USAGE' }))
  for (const output of [at('b'), at('new'), '-', directory]) refuseInput([at('a'), '-'], output)
  rmSync(directory, { recursive: true })
})

test('recordings are cleaned below the project alone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  for (const name of ['project', 'others']) mkdirSync(join(directory, name))
  expect(() => cleanRecordings(join(directory, 'project'), '../others', true)).toThrow(
    'is not a directory of this project',
  )
  rmSync(directory, { recursive: true })
})
