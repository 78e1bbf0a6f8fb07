import { writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { CLI, type Place, place } from '../live/machine.js'
import { lacksRelay } from './machine.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

let here: Place

beforeEach(() => {
  here = place()
})

afterEach(() => {
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

const run = (...args: string[]) => execa('node', [CLI, ...args], { reject: false })
const record = (...args: string[]) => {
  return run(
    'record',
    '--force',
    '-o',
    here.file('run.fusetrace'),
    '--mountpoint',
    here.mount,
    '--timeout',
    String(SLOW),
    ...args,
    '--',
    'bindfs',
    '-d',
    here.source,
    here.mount,
  )
}

describe.skipIf(lacking)(`fusetrace record --wire (${lacking || 'bindfs'})`, () => {
  test(
    'keeps messages and log; show, verify, check and replay read it',
    async () => {
      const ran = await record('--wire', '--workload', 'printf hello > "$MOUNT/a.txt"; cat "$MOUNT/a.txt"')
      expect([ran.exitCode, ran.stdout]).toEqual([0, 'hello'])
      const file = here.file('run.fusetrace')
      const info = JSON.parse((await run('info', file, '--json')).stdout)
      expect(info).toMatchObject({ format: 4, dialect: 'libfuse', complete: true, header: { wire: true } })
      expect(info.counts.request).toBeGreaterThan(5)
      const operations = (await run('show', file, '--operations', '--json', '--opcode', 'write')).stdout
      expect(JSON.parse(operations)).toMatchObject({
        path: '/a.txt',
        size: 5,
        offset: 0,
        status: 'ok',
        endedBy: 'wire',
        fh: expect.anything(),
        nodeId: expect.anything(),
      })
      const verified = await run('verify', file)
      expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('agrees')])
      const checked = await run('check', file)
      expect([checked.exitCode, checked.stdout]).toEqual([0, expect.stringContaining('no drift')])
      // The log is recorded as it was: replay prints it.
      expect((await run('replay', file)).stderr).toContain('opcode: WRITE')
    },
    SLOW,
  )

  test(
    '--data keeps what was written, otherwise its length and hash',
    async () => {
      const written = async (...args: string[]) => {
        await record('--wire', ...args, '--workload', 'printf "secret contents" > "$MOUNT/a.txt"')
        const rows = [...openRecording(here.file('run.fusetrace')).rows({ kinds: ['request'] })]
        const row = rows.find((one) => one.kind === 'request' && Buffer.from(one.bytes).readUInt32LE(4) === 16)
        return row?.kind === 'request' ? { ...row, text: Buffer.from(row.bytes).toString('latin1') } : null
      }
      expect(await written()).toMatchObject({
        dataBytes: 15,
        dataHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        text: expect.not.stringContaining('secret'),
      })
      expect(await written('--data')).toMatchObject({
        dataBytes: 0,
        dataHash: null,
        text: expect.stringContaining('secret contents'),
      })
    },
    SLOW,
  )

  test(
    '--faults causes them, says which fired, and ends with 1 when one did not',
    async () => {
      const faults = here.file('faults.yaml')
      writeFileSync(
        faults,
        'seed: 3\nfaults:\n  - { opcode: mkdir, errno: EROFS }\n  - { opcode: rmdir, errno: EIO }\n',
      )
      const workload = ['--workload', '! mkdir "$MOUNT/d"']
      const ran = await record('--faults', faults, ...workload)
      expect(ran.exitCode).toBe(1)
      expect(ran.stderr).toContain('Read-only file system')
      expect(ran.stderr).toContain('error EROFS at a mkdir: fired 1 times, first at mkdir of /d')
      expect(ran.stderr).toContain('error EIO at a rmdir: not fired')
      writeFileSync(faults, '[{ "opcode": "mkdir", "errno": "EROFS" }]')
      expect((await record('--faults', faults, ...workload)).exitCode).toBe(0)
    },
    SLOW,
  )

  test(
    'a wrong fault is one line, with its place in the file',
    async () => {
      const faults = here.file('faults.json')
      writeFileSync(faults, '[{ "opcode": "mkdir", "errno": "EROFS" }, { "opcode": "mkdri", "errno": "EIO" }]')
      const ran = await record('--faults', faults, '--workload', 'true')
      expect(ran.exitCode).toBe(2)
      expect(ran.stderr.split('\n')[0]).toContain('faults.json, fault 2: "mkdri" is no opcode: did you mean mkdir?')
      writeFileSync(faults, '{')
      expect(await record('--faults', faults, '--workload', 'true')).toMatchObject({ exitCode: 2 })
      expect(await record('--data', '--workload', 'true')).toMatchObject({ exitCode: 2 })
    },
    SLOW,
  )

  test(
    'a daemon that a fault has killed is reported like one that died',
    async () => {
      const faults = here.file('faults.json')
      writeFileSync(faults, '[{ "opcode": "mkdir", "kill": true }]')
      const ran = await record('--faults', faults, '--workload', 'mkdir "$MOUNT/d"')
      expect(ran.exitCode).toBe(3)
      expect(ran.stderr).toContain('SIGKILL')
    },
    SLOW,
  )
})
