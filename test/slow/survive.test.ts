import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lacks } from '../live/machine.js'
import { lineCount, survivingEach } from '../live/surviving.js'

const lacking = lacks('bindfs', 'python3')
const { here, run } = survivingEach()

describe.skipIf(lacking)(`a recording, whatever happens (${lacking || 'bindfs'})`, () => {
  test.skipIf(process.getuid?.() !== 0)(
    'a disk that fills up ends no workload: one line says so, what was written can be read, exit 3',
    async () => {
      const disk = here.file('disk')
      mkdirSync(disk)
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
      const file = join(disk, 'x.fusetrace')
      const workload = 'for i in $(seq 400); do echo $i > $MOUNT/f$i; done; echo done'
      const ran = await run(
        'record',
        '-o',
        file,
        '--workload',
        workload,
        '--',
        'bindfs',
        '-d',
        here.source,
        '{mountpoint}',
      )
      expect(ran.stdout).toBe('done')
      expect(ran.exitCode).toBe(3)
      expect(ran.stderr.match(/^fusetrace: cannot write .*x\.fusetrace: ENOSPC.*; the disk is full.*$/gm)).toHaveLength(
        1,
      )
      expect(ran.stderr).toMatch(/what could be written is in .*x\.fusetrace\.partial$/m)
      expect(ran.stderr).toMatch(/; fusetrace show .*x\.fusetrace\.partial$/m)
      expect(existsSync(file)).toBe(false)
      expect(lineCount(`${file}.partial`)).toBeGreaterThan(100)
      spawnSync('umount', [disk])
    },
  )

  test('an output on the mount itself is refused, and a failed start replaces nothing', async () => {
    const on = await run(
      'record',
      '-o',
      join(here.mount, 'x'),
      '--mountpoint',
      here.mount,
      '--workload',
      'true',
      '--',
      'bindfs',
      '-d',
      here.source,
      '{}',
    )
    expect(on).toMatchObject({ exitCode: 2, stdout: '' })
    expect(on.stderr).toMatch(/^fusetrace: [^\n]* is on the mount that is to be recorded; [^\n]*$/)
    writeFileSync(here.file('good'), 'a good recording')
    const start = ['-o', here.file('good'), '--workload', 'true', '--', 'bindfs', '-d']
    const refused = await run('record', ...start, here.source, '{mountpoint}')
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/good exists already; [^\n]*--force[^\n]*$/),
    })
    const failed = await run('record', '--force', ...start, here.file('no-such-source'), '{mountpoint}')
    expect(failed.exitCode).toBe(3)
    expect(failed.stderr).toMatch(/^fusetrace: what was seen until then is in .*good\.partial$/m)
    expect(readFileSync(here.file('good'), 'utf8')).toBe('a good recording')
    const made = await run('record', '--force', ...start, here.source, '{mountpoint}')
    expect(made.exitCode).toBe(0)
    expect(lineCount(here.file('good'))).toBeGreaterThan(0)
    expect(readdirSync(here.dir).filter((name) => name.includes('partial'))).toEqual([])
  })
})
