import { describe, expect, test } from 'vitest'
import { missing } from '../vfs/daemons.js'
import { bindfs, driveBindfs } from '../vfs/faulty.js'

const SLOW = 300_000

describe.skipIf(missing(bindfs) !== null)('faults on the stand-in', { timeout: SLOW }, () => {
  test('a stopped daemon goes on after its time; one that is stopped for good fails the call within its limit', async () => {
    const { session, fs } = await driveBindfs({ requestMs: 3000 })
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
      const { session, fs } = await driveBindfs({ seed })
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
