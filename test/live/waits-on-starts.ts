import { closeSync, mkdirSync, openSync, renameSync, rmdirSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { defineWait } from '../../src/wait/engine/define-wait.js'
import { done, ended } from '../../src/wait/engine/machine.js'
import { lacks, type Place, place } from './machine.js'

const program = fileURLToPath(new URL('../daemons/starts-only.js', import.meta.url))
const missing = lacks('bindfs')

/** Opcodes that the log hides, as levels of logging do. */
const LEVELS = {
  'every request': '',
  'no releases and flushes': 'RELEASE,RELEASEDIR,FLUSH',
  'no lookups either': 'RELEASE,RELEASEDIR,FLUSH,LOOKUP,GETXATTR,STATFS,OPENDIR,READDIR',
} as const

/** What waits do on a daemon that logs only starts, at a level. */
export function waitsOnStarts(level: keyof typeof LEVELS): void {
  const HIDE = LEVELS[level]
  describe.skipIf(missing !== '')(`a daemon that logs only starts (${missing || 'bindfs'}), ${level}`, () => {
    let here: Place
    let session: LiveSession | null = null
    afterEach(async () => {
      await session?.close()
      here.remove()
    })
    const start = async (): Promise<LiveSession> => {
      here = place()
      session = await startLive({
        daemon: [process.execPath, program, here.source, here.mount],
        mountpoint: here.mount,
        environment: { HIDE },
        record: here.file('run.fusetrace'),
      })
      return session
    }
    const at = (name: string): string => join(here.mount, name)
    const showsReleases = level === 'every request'

    test('satisfies every wait whose operation is the last', async () => {
      const { waitFor, monitor } = await start()
      const step = (name: string, act: () => void) => (session as LiveSession).step(name, act)
      await step('make', () => mkdirSync(at('d')))
      expect((await waitFor.operation({ opcode: 'mkdir', where: ({ path }) => path === '/d' })).operation?.path).toBe(
        '/d',
      )
      await step('write', () => writeFileSync(at('f'), 'one'))
      await waitFor.writeComplete('f')
      await step('again', () => writeFileSync(at('f'), 'two'))
      expect((await waitFor.writeComplete('f')).by).toBe('probe')
      expect(await waitFor.released('f')).toMatchObject({
        operation: { path: '/f', ...(showsReleases && { opcode: 'release' }) },
      })
      await step('move', () => renameSync(at('f'), at('g')))
      expect((await waitFor.operation({ opcode: 'rename', newPath: 'g' })).operation?.path).toBe('/f')
      await step('remove', () => unlinkSync(at('g')))
      await waitFor.exactly(1, { opcode: 'unlink', path: 'g' }, { forMs: 20 })
      await step('rmdir', () => rmdirSync(at('d')))
      await waitFor.operations([{ opcode: 'rmdir', path: 'd' }])
      await waitFor.idle({ forMs: 20 })
      expect(monitor.openOperations()).toEqual([])
    })

    test('satisfies a machine of a user’s own, and replays', async () => {
      const made = defineWait((path: string) => ({
        name: 'made',
        subject: path,
        awaited: `${path} is made`,
        start: () => null,
        step(state, event, view) {
          if (event.type === 'stream-ended' || event.type === 'mount-lost') return { state, outcome: ended(event) }
          if (event.type !== 'ended' || !view.after(event.operation)) return { state }
          const { operation } = event
          return operation.opcode === 'mkdir' && operation.path === path
            ? { state, outcome: done('trace', [operation]) }
            : { state }
        },
      }))
      const { waitFor } = await start()
      const act = async (at: (name: string) => void) => {
        const live = session as LiveSession
        await live.step('one', () => at('d'))
        return live.waitFor.custom(made('/d'))
      }
      const { operation } = await act((name) => mkdirSync(join(here.mount, name)))
      expect(operation).toMatchObject({ path: '/d', endNs: expect.any(Number) })
      expect(waitFor.pending.size).toBe(0)
      await session?.close()
      const replayed = await openReplay(here.file('run.fusetrace'))
      await replayed.step('one')
      const again = await replayed.waitFor.custom(made('/d'))
      expect(again.operation).toMatchObject({ path: '/d', endNs: expect.any(Number) })
      await replayed.close()
    })

    test('a file that somebody writes to is not complete', async () => {
      const { waitFor } = await start()
      const fd = openSync(at('slow'), 'w')
      writeSync(fd, 'one')
      await expect(waitFor.writeComplete('slow', { timeoutMs: 400 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
      const complete = waitFor.writeComplete('slow')
      writeSync(fd, 'two')
      closeSync(fd)
      await expect(complete).resolves.toMatchObject({ operation: { path: '/slow' } })
    })
  })
}
