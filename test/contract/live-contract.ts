import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { type ContractStep, type ContractSubject, performIn, STEPS, sessionContract } from './session-contract.js'

const has = (command: string): boolean => {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`])
    return existsSync('/dev/fuse')
  } catch {
    return false
  }
}

/** A daemon's command on its source and mountpoint. */
const daemons = {
  bindfs: (source: string, mountpoint: string) => ['bindfs', '-f', '-d', source, mountpoint],
  'unionfs-fuse': (source: string, mountpoint: string) => ['unionfs-fuse', '-d', `${source}=RW`, mountpoint],
}

/** The contract of sessions, live on a daemon and in a replay of that. */
export function liveContract(name: keyof typeof daemons): void {
  const command = daemons[name]
  describe.skipIf(!has(name))(name, () => {
    const base = mkdtempSync(join(tmpdir(), 'fusetrace-contract-'))
    afterAll(() => rmSync(base, { recursive: true, force: true }))
    let count = 0

    const mount = async (record?: string): Promise<{ session: LiveSession; root: string }> => {
      const source = join(base, `source-${++count}`)
      const root = join(base, `mount-${count}`)
      mkdirSync(source)
      mkdirSync(root)
      const session = await startLive({
        daemon: command(source, root),
        mountpoint: root,
        ...(record === undefined ? {} : { record }),
      })
      return { session, root }
    }

    sessionContract('live', async (): Promise<ContractSubject> => {
      const { session, root } = await mount()
      return { session, perform: (action) => performIn(root, action) }
    })

    describe('recorded', () => {
      const file = join(base, 'all.fusetrace')

      beforeAll(async () => {
        const { session, root } = await mount(file)
        await session.waitFor.mountReady()
        for (const step of STEPS as readonly ContractStep[]) {
          await session.step(step.name, async () => {
            for (const action of step.actions) await performIn(root, action)
          })
        }
        await session.close()
      })

      sessionContract('replay', async () => ({
        // What a test waits for in vain is the end of it here: it has no step to begin.
        session: await openReplay(file, { idleMs: 100 }),
        perform: () => Promise.resolve(),
      }))
    })
  })
}
