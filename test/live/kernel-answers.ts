import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startLive } from '../../src/live/session.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { lacks, lacksBpf, placeEach } from './machine.js'

const here = placeEach()

interface Daemon {
  program: string
  command(): string[]
}

const daemons: Record<string, Daemon> = {
  bindfs: { program: 'bindfs', command: () => ['bindfs', '-f', here.source, '{mountpoint}'] },
  'unionfs-fuse': { program: 'unionfs', command: () => ['unionfs', '-f', `${here.source}=RW`, '{mountpoint}'] },
  mergerfs: { program: 'mergerfs', command: () => ['mergerfs', '-f', here.source, '{mountpoint}'] },
}

/** Waits on daemons that log nothing, by name: the kernel answers them. */
export function kernelAnswers(isWanted: (name: string) => boolean): void {
  for (const [name, daemon] of Object.entries(daemons)) if (isWanted(name)) answers(name, daemon)
}

function answers(name: string, { program, command }: Daemon): void {
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
