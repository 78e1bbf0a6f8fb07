import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { CLI, placeEach } from '../live/machine.js'

const running: { kill(): void }[] = []
const here = placeEach(() => {
  for (const one of running.splice(0)) one.kill()
})

const request = (unique: number, opcode: string, pid: number, path: string): string =>
  `unique: ${unique}, opcode: ${opcode} (${opcode === 'LOOKUP' ? 1 : 34}), nodeid: 1, insize: 46, pid: ${pid}\n${opcode} ${path}\n   unique: ${unique}, success, outsize: 16\n`

describe('fusetrace watch LOG', () => {
  test('of a line beyond the limit keeps what it may, and says so', async () => {
    const log = here.file('a.log.gz')
    writeFileSync(
      log,
      gzipSync(`${request(2, 'LOOKUP', 7, '/one')}${'x'.repeat(1000)}\n${request(4, 'ACCESS', 7, '/two')}`),
    )
    const run = await execa(process.execPath, [CLI, 'watch', log], { env: { FUSETRACE_LIMITS: 'lineBytes=100' } })
    expect(run.stdout.split('\n')).toHaveLength(2)
    expect(run.stderr).toMatch(
      /a\.log\.gz: line 4 is cut, 900 bytes are lost; FUSETRACE_LIMITS=lineBytes=NUMBER raises the limit$/m,
    )
    expect(run.stderr).toContain('2 operations, 7 lines')
  })
})
