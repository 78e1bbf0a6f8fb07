import { readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fusetrace, placeEach } from '../live/machine.js'

const here = placeEach()
/** With a mountpoint of the test's own, so that what is left can be seen. */
const record = (...args: string[]) =>
  fusetrace('record', '-o', here.file('r.fusetrace'), '--mountpoint', here.mount, ...args)

test.each([
  ['no daemon', [], /no daemon to start/],
  ['two that want stdout', ['-o', '-', '--json', '--', 'true'], /--json and -o - both want stdout/],
  ['no time', ['--timeout', '0', '--', 'true'], /--timeout 0 is not a number of milliseconds/],
  ['two mountpoints', ['--attach', '/mnt'], /--attach names the mountpoint already/],
  ['contents without messages', ['--data', '--', 'true'], /--data is about messages: it needs --wire/],
])('%s: what cannot be recorded is refused before anything is begun', async (_name, args, says) => {
  const ran = await record(...args)
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toMatch(says)
  expect(readdirSync(here.dir).sort()).toEqual(['mount', 'source'])
})

test('faults that are none are refused too', async () => {
  writeFileSync(here.file('faults.json'), '[{ "opcode": "write" }]')
  const ran = await record('--faults', here.file('faults.json'), '--', 'true')
  expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a fault must say what goes wrong') })
  expect(readdirSync(here.dir).sort()).toEqual(['faults.json', 'mount', 'source'])
})
