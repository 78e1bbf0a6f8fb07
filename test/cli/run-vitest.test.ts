import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLI } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'

/** Says how it is run; needs no FUSE. */
const SAYS = `
import { appendFileSync } from 'node:fs'
import { test } from 'vitest'
const { FUSETRACE, FUSE_TRACE_SUMMARY } = process.env
test('says', () => appendFileSync('said', FUSETRACE + ' ' + FUSE_TRACE_SUMMARY + '\\n'))
test('fails', () => expect(FUSETRACE).not.toBe('replay'))
`

describe('fusetrace run', () => {
  let made: Project
  beforeAll(() => {
    made = project({ 'says.test.ts': SAYS })
  })
  afterAll(() => made.remove())

  async function run(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
    const env = { CI: '', FUSETRACE: '', NO_COLOR: '1', FORCE_COLOR: '0' }
    const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, 'run', ...args], {
      cwd: made.directory,
      reject: false,
      env,
    })
    return { exitCode, stdout, stderr }
  }
  const said = (): string => {
    const text = String(made.read('said'))
    made.write('said', '')
    return text
  }

  test('sets the mode, passes on what is behind -- or behind a test file, and ends as vitest does', async () => {
    expect((await run('--mode', 'live', '--summary', '--', '-t', 'says')).exitCode).toBe(0)
    expect((await run('says.test.ts', '-t', 'says')).exitCode).toBe(0)
    expect(said()).toBe('live 1\nonce undefined\n')
    const failed = await run('--mode', 'replay', 'says')
    expect([failed.exitCode, failed.stdout]).toEqual([1, expect.stringMatching(/Tests +1 failed \| 1 passed/)])
  })

  test('--compare runs without and with traces, and prints both times', async () => {
    said()
    const { exitCode, stdout } = await run('--compare', 'says')
    expect(exitCode).toBe(0)
    expect(said()).toBe('off undefined\nlive undefined\n')
    expect(stdout).toMatch(/\npolling \(off\): +\d+\.\d\d s\ntraces \(live\): +\d+\.\d\d s\nratio: +\d+\.\d\d/)
  })

  test('a mode that there is not is refused in one line', async () => {
    const { exitCode, stderr } = await run('--mode', 'tape')
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(
      /^fusetrace: option '--mode <mode>' argument 'tape' is invalid\. Allowed choices are live, record, .*; see fusetrace run --help$/,
    )
  })
})
