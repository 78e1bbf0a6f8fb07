import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { place, record } from '../drive/recorded.js'
import { installed } from '../transport/tools.js'

describe.skipIf(!installed('bindfs'))('a real daemon', () => {
  test('a damaged recording is said to be one, and its output replaces nothing unasked', async () => {
    const directory = place()
    const recording = await record(directory)
    const output = join(directory, 'new.fusetrace')
    writeFileSync(output, 'mine')
    const cli = new URL('../../bin/fusetrace.js', import.meta.url).pathname
    const drive = (file: string, ...options: string[]) => {
      rmSync(join(directory, 'other'), { recursive: true })
      mkdirSync(join(directory, 'other'))
      const daemon = ['bindfs', '-f', '-d', join(directory, 'other'), '{mountpoint}']
      const args = [cli, 'drive', file, '-o', output, ...options, '--', ...daemon]
      return spawnSync(process.execPath, args, { encoding: 'utf8' })
    }
    expect(drive(recording)).toMatchObject({ status: 2, stderr: expect.stringContaining('--force') })
    expect(readFileSync(output, 'utf8')).toBe('mine')
    expect(drive(recording, '--force')).toMatchObject({ status: 0, stderr: '' })
    const bytes = readFileSync(recording)
    const damaged = join(directory, 'damaged.fusetrace')
    writeFileSync(damaged, Buffer.concat([bytes, Buffer.from('more')]))
    expect(drive(damaged, '--force')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining(' 0 not'),
      stderr: expect.stringContaining('damaged.fusetrace is not whole: there are bytes after its end'),
    })
    writeFileSync(damaged, bytes.subarray(0, bytes.length / 2))
    expect(drive(damaged)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/holds no requests that could be sent: it is not whole, it is cut/),
    })
  })
})
