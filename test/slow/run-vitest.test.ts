import { describe, expect, test } from 'vitest'
import { sayingProject } from '../cli/says.js'

describe('fusetrace run', () => {
  const saying = sayingProject()
  const said = (): string => {
    const text = String(saying.made.read('said'))
    saying.made.write('said', '')
    return text
  }

  test('sets the mode, passes on what is behind -- or behind a test file, and ends as vitest does', async () => {
    expect((await saying.run('--mode', 'live', '--summary', '--', '-t', 'says')).exitCode).toBe(0)
    expect((await saying.run('says.test.ts', '-t', 'says')).exitCode).toBe(0)
    expect(said()).toBe('live 1\nonce undefined\n')
    const failed = await saying.run('--mode', 'replay', 'says')
    expect([failed.exitCode, failed.stdout]).toEqual([1, expect.stringMatching(/Tests +1 failed \| 1 passed/)])
  })
})
