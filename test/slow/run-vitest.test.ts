import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SAYS } from '../cli/says.js'
import { CLI } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'

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
})
