import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLI } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'
import { SAYS } from './says.js'

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

  test('--compare runs without and with traces, and prints both times', async () => {
    const { exitCode, stdout } = await run('--compare', 'says')
    expect(exitCode).toBe(0)
    expect(String(made.read('said'))).toBe('off undefined\nlive undefined\n')
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
