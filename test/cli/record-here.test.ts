import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { lacks, placeEach } from '../live/machine.js'
import { fusetrace } from './run.js'

const lacking = lacks('bindfs')
const here = placeEach()
const daemon = (): string[] => ['--', 'bindfs', '-f', '-d', here.source, '{mountpoint}']
/** With a mountpoint of the test's own, so that what is left can be seen. */
const record = (...args: string[]) =>
  fusetrace('record', '-o', here.file('r.fusetrace'), '--mountpoint', here.mount, ...args)

describe('what cannot be recorded is refused before anything is mounted', () => {
  test.each([
    ['no daemon', [], /no daemon to start/],
    ['two that want stdout', ['-o', '-', '--json', '--', 'true'], /--json and -o - both want stdout/],
    ['no time', ['--timeout', '0', '--', 'true'], /--timeout 0 is not a number of milliseconds/],
    ['two mountpoints', ['--attach', '/mnt'], /--attach names the mountpoint already/],
    ['contents without messages', ['--data', '--', 'true'], /--data is about messages: it needs --wire/],
  ])('%s', async (_name, args, says) => {
    const ran = await record(...args)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(says)
    expect(readdirSync(here.dir).sort()).toEqual(['mount', 'source'])
  })

  test('faults that are none', async () => {
    writeFileSync(here.file('faults.json'), '[{ "opcode": "write" }]')
    const ran = await record('--faults', here.file('faults.json'), '--', 'true')
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('a fault must say what goes wrong') })
  })
})

describe.skipIf(lacking)(`a workload (${lacking || 'bindfs'})`, () => {
  test('is recorded with its steps, and what it prints; its failure is a finding', async () => {
    const workload = 'echo ::step one; echo said; touch "$MOUNT/a"; echo ::step two; rm "$MOUNT/a"; exit 3'
    const ran = await record('--workload', workload, ...daemon())
    expect(ran.code).toBe(1)
    expect(ran.stdout).toBe('said\n')
    expect(ran.stderr).toMatch(/the workload ended with exit code 3\n$/)
    const reader = openRecording(here.file('r.fusetrace'))
    const marks = [...reader.rows({ kinds: ['mark'] })].map((row) => row.kind === 'mark' && `${row.edge} ${row.name}`)
    reader.close()
    expect(marks).toEqual([...['begin workload', 'begin one', 'end one', 'begin two', 'end two', 'end workload']])
  })

  test('goes with the daemon: that ends it, and is no finding but the environment’s', async () => {
    const ran = await record('--json', '--workload', 'kill -9 $(pgrep -f "^bindfs.*$MOUNT"); sleep 60', ...daemon())
    expect(ran.code).toBe(3)
    expect(ran.stderr).toMatch(/SIGKILL.* in the middle of the workload/)
    expect(JSON.parse(ran.stdout)).toMatchObject({ file: here.file('r.fusetrace') })
  })
})

test.skipIf(lacking)('a daemon that does not mount leaves what it said, and says where', async () => {
  const ran = await record('--', 'sh', '-c', 'echo no such luck >&2; exit 4', 'sh', '{mountpoint}')
  expect(ran.code).toBe(3)
  expect(ran.stderr).toMatch(/no such luck/)
  expect(ran.stderr).toContain(`what was seen until then is in ${here.file('r.fusetrace')}`)
  expect(existsSync(here.file('r.fusetrace'))).toBe(true)
})
