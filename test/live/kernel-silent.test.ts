import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { TracefsSource } from '../../src/kernel/tracefs-source.js'
import { startLive } from '../../src/live/session.js'
import type { KernelRow } from '../../src/recording/row.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { lacks, lacksBpf, lacksKernel, placeEach } from './machine.js'

const here = placeEach()

/** Daemons that log nothing. */
const daemons: Record<string, { program: string; command(): string[] }> = {
  bindfs: { program: 'bindfs', command: () => ['bindfs', '-f', here.source, '{mountpoint}'] },
  'unionfs-fuse': { program: 'unionfs', command: () => ['unionfs', '-f', `${here.source}=RW`, '{mountpoint}'] },
  mergerfs: { program: 'mergerfs', command: () => ['mergerfs', '-f', here.source, '{mountpoint}'] },
}

for (const [name, { program, command }] of Object.entries(daemons)) {
  const lacking = lacks(program) || lacksBpf()
  test.skipIf(lacking)(
    `${name}, silent: waits are answered by the kernel, live and in replay (${lacking || 'with BPF'})`,
    async () => {
      const record = here.file('run.fusetrace')
      const session = await startLive({ daemon: command(), mountpoint: here.mount, kernel: true, record })
      try {
        expect(session.kernelNote).toBeNull()
        await session.beginStep('work')
        const { waitFor } = session
        const waits = [
          waitFor.dirVisible('/d'),
          waitFor.fileVisible('/d/a.txt'),
          waitFor.writeComplete('/d/a.txt'),
          waitFor.renamed('/d/a.txt', '/d/b.txt'),
          waitFor.deleted('/d/b.txt'),
        ]
        await mkdir(join(here.mount, 'd'))
        await writeFile(join(here.mount, 'd/a.txt'), 'content')
        await rename(join(here.mount, 'd/a.txt'), join(here.mount, 'd/b.txt'))
        await rm(join(here.mount, 'd/b.txt'))
        for (const { by } of await Promise.all(waits)) expect(by).not.toBe('poll')
        const nothing = waitFor.fileVisible('/never', { timeoutMs: 50 })
        await expect(nothing).rejects.toThrow(/never/)
        session.endStep('work')
      } finally {
        await session.close()
      }
      const replay = await openReplay(record)
      const renamed = await replay.step('work', () => replay.waitFor.renamed('/d/a.txt', '/d/b.txt'))
      expect(renamed.operation).toMatchObject({ path: '/d/a.txt', newPath: '/d/b.txt', endedBy: 'reply' })
      await replay.close()
    },
  )
}

const noTracefs = lacks('bindfs') || lacksKernel()
test.skipIf(noTracefs)(
  `without BPF the tracepoints' text gives ids, opcodes and errors (${noTracefs || 'tracefs'})`,
  async () => {
    const clock = systemClock()
    const rows: KernelRow[] = []
    const source = new TracefsSource({ clock, onEvent: (row) => rows.push(row), onLoss: () => undefined }, 'no koffi')
    const session = await startLive({
      daemon: ['bindfs', '-f', here.source, '{mountpoint}'],
      mountpoint: here.mount,
      clock,
    })
    try {
      source.follow(session.connection ?? 0)
      await writeFile(join(here.mount, 'a'), 'x')
      source.drain()
    } finally {
      await source.stop()
      await session.close()
    }
    expect(source).toMatchObject({ named: false, note: 'no koffi' })
    expect(rows[0]).toMatchObject({ edge: 'send', opcode: 'init' })
    expect(rows).toContainEqual(expect.objectContaining({ edge: 'send', opcode: 'create' }))
    expect(rows.every(({ details }) => details === undefined)).toBe(true)
    expect(existsSync(join(here.source, 'a'))).toBe(true)
  },
)
