import { describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import { fusetrace } from './run.js'
import { sayingProject } from './says.js'

/** Says whether its wait was ended by an operation. */
const ASKS = `
const test = fuseTest({ daemon })
test('asks for the operation of a wait', async ({ mount, step, waitFor }) => {
  await step('create', () => mount.fs.writeFile('a.txt', 'x'))
  const { operation } = await waitFor.fileVisible('a.txt')
  expect(operation?.status).toBe('ok')
})
`
const lacking = lacks('bindfs')

describe('fusetrace run', () => {
  const saying = sayingProject(lacking ? {} : { 'says-asks.test.ts': ASKS })

  test('--compare runs without and with traces, and prints both times; without, what asks for a trace is skipped', async () => {
    const { exitCode, stdout } = await saying.run('--compare', 'says')
    expect(exitCode).toBe(0)
    expect(String(saying.made.read('said'))).toBe('off undefined\nlive undefined\n')
    expect(stdout).toMatch(/\npolling \(off\): +\d+\.\d\d s\ntraces \(live\): +\d+\.\d\d s\nratio: +\d+\.\d\d/)
    if (lacking) return
    expect(stdout.match(/^ +Tests +.*$/gm)).toEqual([
      expect.stringContaining('2 passed | 1 skipped (3)'),
      expect.stringContaining('3 passed (3)'),
    ])
  })

  test('a mode that there is not is refused in one line', async () => {
    const { code, stderr } = await fusetrace('run', '--mode', 'tape')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^fusetrace: option '--mode <mode>' argument 'tape' is invalid\. Allowed choices are live, record, .*; see fusetrace run --help\n$/,
    )
  })
})
