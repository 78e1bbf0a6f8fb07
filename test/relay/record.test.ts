import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fusetrace, placeEach } from '../live/machine.js'
import { lacksRelay } from './machine.js'
import { recordBindfs } from './recording-bindfs.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

const here = placeEach()
const record = (...options: string[]) => recordBindfs(here, ...options)

describe.skipIf(lacking)(`fusetrace record --wire (${lacking || 'bindfs'})`, () => {
  test(
    'keeps messages and log; show, verify, check and replay read it',
    async () => {
      const ran = await record('--wire', '--workload', 'printf hello > "$MOUNT/a.txt"; cat "$MOUNT/a.txt"')
      expect([ran.exitCode, ran.stdout]).toEqual([0, 'hello'])
      const file = here.file('run.fusetrace')
      const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
      expect(info).toMatchObject({ format: 4, dialect: 'libfuse', complete: true, header: { wire: true } })
      expect(info.counts.request).toBeGreaterThan(5)
      const operations = (await fusetrace('show', file, '--operations', '--json', '--opcode', 'write')).stdout
      expect(JSON.parse(operations)).toMatchObject({
        path: '/a.txt',
        size: 5,
        offset: 0,
        status: 'ok',
        endedBy: 'wire',
        fh: expect.anything(),
        nodeId: expect.anything(),
      })
      const verified = await fusetrace('verify', file)
      expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining('agrees')])
      const checked = await fusetrace('check', file)
      expect([checked.exitCode, checked.stdout]).toEqual([0, expect.stringContaining('no drift')])
      // The log is recorded as it was: replay prints it.
      expect((await fusetrace('replay', file, '--speed', 'instant')).stderr).toContain('opcode: WRITE')
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
})
