import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, fusetrace } from '../live/machine.js'

const recording = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname

test.each([['show'], ['info'], ['stats'], ['show', '--json', '--operations']])(
  'an output that is full is one line and exit 3: %s',
  (name, ...options) => {
    const script = 'exec "$0" "$@" > /dev/full'
    const ran = spawnSync('sh', ['-c', script, process.execPath, CLI, name, recording, ...options], {
      encoding: 'utf8',
    })
    expect(ran.stderr).toMatch(/^fusetrace: cannot write standard output: ENOSPC[^\n]*\n$/)
    expect(ran.status).toBe(3)
  },
)

test('an empty log is an input error of `formats explain`', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'fusetrace-streams-'))
  writeFileSync(join(dir, 'empty.log'), '')
  const ran = await fusetrace('formats', 'explain', join(dir, 'empty.log'))
  rmSync(dir, { recursive: true })
  expect(ran).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringMatching(/^fusetrace: there is no line in/),
  })
})
