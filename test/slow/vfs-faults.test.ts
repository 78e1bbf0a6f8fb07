import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { DrivenOptions } from '../../src/live/driven-options.js'
import { type DrivenSession, startDriven } from '../../src/live/driven-session.js'
import { standInFiles } from '../../src/vfs/node/files.js'
import { DAEMONS, type DrivenDaemon, missing } from '../vfs/daemons.js'

const bindfs = DAEMONS.find(({ name }) => name === 'bindfs') as DrivenDaemon
const SLOW = 300_000

interface Run {
  session: DrivenSession
  fs: typeof import('node:fs/promises')
  /** Where the daemon keeps a file. */
  source(name: string): string
}

async function drive(options: Pick<DrivenOptions, 'requestMs' | 'seed'> = {}): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const [source, mountpoint] = [join(directory, 'source'), join(directory, 'mount')]
  for (const path of [source, mountpoint]) mkdirSync(path)
  const daemon = bindfs.command({ source, mountpoint, directory })
  const session = await startDriven({ daemon, mountpoint, scratch: directory, readyMs: SLOW, ...options })
  onTestFinished(() => session.close())
  const fs = standInFiles(session.vfs, mountpoint) as unknown as Run['fs']
  return { session, fs, source: (name) => join(source, name) }
}

describe.skipIf(missing(bindfs) !== null)('faults on the stand-in', { timeout: SLOW }, () => {
  test('a stopped daemon goes on after its time; one that is stopped for good fails the call within its limit', async () => {
    const { session, fs } = await drive({ requestMs: 3000 })
    const fault = session.faults.fault({ opcode: 'mkdir', freeze: 150 })
    const began = process.hrtime.bigint()
    await fs.mkdir('/d')
    expect(Number(process.hrtime.bigint() - began) / 1e6).toBeGreaterThanOrEqual(150)
    fault.remove()
    session.faults.fault({ opcode: 'rmdir', freeze: true })
    await expect(fs.rmdir('/d')).rejects.toMatchObject({
      code: 'FT_DAEMON',
      message: expect.stringContaining('has not answered rmdir'),
    })
  })

  test('a probability and a seed: the same requests each time', async () => {
    const fails = async (seed: number): Promise<string> => {
      const { session, fs } = await drive({ seed })
      session.faults.fault({ opcode: 'mkdir', errno: 'EIO', probability: 0.5 })
      let failed = ''
      for (let i = 0; i < 24; i++) {
        failed += await fs.mkdir(`/${i}`).then(
          () => '.',
          () => 'x',
        )
      }
      await session.close()
      return failed
    }
    const first = await fails(7)
    expect(first).toMatch(/^(?=.*x)(?=.*\.)/)
    expect(await fails(7)).toBe(first)
    expect(await fails(8)).not.toBe(first)
  })
})
