import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { program } from '../../src/cli/main.js'
import { VERSION } from '../../src/version.js'
import { fusetrace } from './run.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('what a start loads', () => {
  test.each(Object.keys(COMMANDS))('%s is registered under its own name, alone', async (name) => {
    const { commands } = await program(name)
    expect(commands.map((command) => command.name())).toEqual([name])
    expect(commands[0]?.description()).not.toBe('')
  })

  test('help names every command, in the order of the table', async () => {
    const { commands } = await program()
    expect(commands.map((command) => command.name())).toEqual(Object.keys(COMMANDS))
  })

  test('a name that is no command gets the nearest one, also of Object.prototype', async () => {
    expect(await fusetrace('shwo')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/unknown command 'shwo'; did you mean show/),
    })
    expect(await fusetrace('constructor')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('unknown command'),
    })
  })

  test('--version', async () => {
    expect(await fusetrace('--version')).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' })
    expect(execFileSync(process.execPath, ['bin/fusetrace.js', '-V'], { cwd: root, encoding: 'utf8' })).toBe(
      `${VERSION}\n`,
    )
  })
})
