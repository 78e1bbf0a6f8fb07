import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fusetraceIn, type Ran } from './run.js'

/** Stands for vitest: notes how it was called, and ends as `ends` says: with a code, or by a signal. */
const VITEST = `
import { appendFileSync } from 'node:fs'
const { FUSETRACE, FUSE_TRACE_SUMMARY, FUSETRACE_VERIFY } = process.env
appendFileSync('calls', JSON.stringify([FUSETRACE, FUSE_TRACE_SUMMARY ?? null, FUSETRACE_VERIFY ?? null, ...process.argv.slice(2)]) + '\\n')
const ends = process.argv.find((word) => word.startsWith('ends='))?.slice(5).split(',') ?? []
const how = (FUSETRACE === 'off' ? ends[0] : ends.at(-1)) ?? '0'
if (how.startsWith('SIG')) process.kill(process.pid, how)
else process.exit(Number(how))
`
let here: string

beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  const vitest = join(here, 'node_modules/vitest')
  mkdirSync(vitest, { recursive: true })
  writeFileSync(join(here, 'package.json'), '{}')
  writeFileSync(join(vitest, 'package.json'), '{ "name": "vitest", "bin": { "vitest": "./it.mjs" } }')
  writeFileSync(join(vitest, 'it.mjs'), VITEST)
})
afterEach(() => rmSync(here, { recursive: true }))

/** What is asked for elsewhere is not asked for here. */
const run = (...args: string[]): Promise<Ran> => {
  for (const name of ['FUSETRACE', 'FUSE_TRACE_SUMMARY', 'FUSETRACE_VERIFY', 'CI']) vi.stubEnv(name, undefined)
  return ranAsIs(...args)
}
const ranAsIs = (...args: string[]): Promise<Ran> => fusetraceIn(here, 'run', ...args)
const calls = (): unknown[] =>
  readFileSync(join(here, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('the vitest of the project is run, in the mode that is asked for, with what it is given; its end is ours', async () => {
  const ran = await run('--mode', 'record', '--summary', '--no-verify', '--', 'a.test.ts', 'ends=3')
  expect([ran.code, calls()]).toEqual([3, [['record', '1', '0', 'run', 'a.test.ts', 'ends=3']]])
  expect((await run('--mode', 'replay', '--verify', '--', 'ends=SIGTERM')).code).toBe(128 + 15)
  expect(calls().at(-1)).toEqual(['replay', null, '1', 'run', 'ends=SIGTERM'])
})

test('without options the environment decides', async () => {
  vi.stubEnv('FUSETRACE', 'off')
  vi.stubEnv('FUSETRACE_VERIFY', '0')
  await ranAsIs('--', 'a.test.ts')
  expect(calls()).toEqual([['off', null, '0', 'run', 'a.test.ts']])
})

test.each([
  ['0', 0, /^ratio: +\d+\.\d\d$/m],
  ['1', 1, /^polling \(off\): .* {2}FAILED\ntraces \(live\): .* {2}FAILED\nratio: +none, not all tests passed$/m],
  ['0,2', 2, /^polling \(off\): .* s\ntraces \(live\): .* {2}FAILED\nratio: +none/m],
])('--compare, where they end with %s', async (ends, code, says) => {
  const ran = await run('--compare', '--mode', 'off', '--', `ends=${ends}`)
  expect([ran.code, calls().map((call) => (call as string[])[0])]).toEqual([code, ['off', 'live']])
  expect(ran.stdout).toMatch(says)
})

test('--compare that is interrupted compares nothing', async () => {
  const ran = await run('--compare', '--', 'ends=SIGINT')
  expect([ran.code, ran.stdout, calls()]).toEqual([130, '', [['off', null, null, 'run', 'ends=SIGINT']]])
})
