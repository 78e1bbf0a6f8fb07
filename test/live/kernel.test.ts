import { expect, test } from 'vitest'
import { openReplay } from '../../src/replay/open-replay.js'
import { kernelConfirms, WRITES } from './kernel-confirms.js'
import { fusetrace, jsonLines, lacks, lacksKernel, placeEach } from './machine.js'

const here = placeEach()

// The others are in test/slow/kernel.test.ts.
kernelConfirms((name) => name === 'bindfs')

const lackingMergerfs = lacks('mergerfs') || lacksKernel()
test.skipIf(lackingMergerfs)(
  `a daemon that logs nothing is recorded by the kernel alone (${lackingMergerfs || 'mergerfs'})`,
  async () => {
    const file = here.file('run.fusetrace')
    const daemon = ['mergerfs', '-f', here.source, '{mountpoint}']
    const run = await fusetrace('record', '-o', file, '--kernel', '--workload', WRITES, '--', ...daemon)
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toContain("the operations are the kernel's")
    const info = JSON.parse((await fusetrace('info', file, '--json')).stdout)
    expect(info).toMatchObject({ dialect: 'kernel', complete: true })
    const shown = jsonLines((await fusetrace('show', file, '--operations', '--json')).stdout)
    expect(shown).toHaveLength(info.operations)
    const opcodes = shown.map(({ opcode }) => opcode)
    for (const opcode of ['create', 'mkdir', 'unlink', 'rmdir']) expect(opcodes).toContain(opcode)
    expect(shown).toContainEqual(expect.objectContaining({ opcode: 'rmdir', status: 'error', errno: 'ENOTEMPTY' }))
    const [first] = shown as [{ startNs: number; endNs: number }]
    expect(first.startNs).toBeGreaterThan(0)
    expect(first.endNs).toBeGreaterThan(first.startNs)

    // In replay the same operations, at the same times, in the same steps.
    const replay = await openReplay(file)
    await replay.playToEnd()
    const told = (operation: { opcode: unknown; unique: unknown; startNs: unknown; endNs: unknown; errno: unknown }) =>
      `${operation.unique} ${operation.opcode} ${operation.startNs} ${operation.endNs} ${operation.errno}`
    const replayed = replay.monitor.recentOperations().map(told)
    expect(replayed.sort()).toEqual((shown as unknown as Parameters<typeof told>[0][]).map(told).sort())
    await replay.close()
  },
)
