import { writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { placeEach } from '../live/machine.js'
import { lacksRelay } from '../relay/machine.js'
import { recordBindfs } from '../relay/recording-bindfs.js'

const lacking = lacksRelay('bindfs')
const SLOW = 300_000

const here = placeEach()
const record = (...options: string[]) => recordBindfs(here, ...options)

describe.skipIf(lacking)(`fusetrace record --wire (${lacking || 'bindfs'})`, () => {
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
