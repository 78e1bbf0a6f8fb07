import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startLive } from '../../src/live/session.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from './machine.js'

/** What stands for `dist/relay-thread.js`. */
const thread = vi.hoisted(() => ({ program: null as URL | null }))
vi.mock('../../src/version.js', async (original) => {
  const real = await original<typeof import('../../src/version.js')>()
  const packageFile = (path: string) => (path.includes('relay-thread') ? thread.program : real.packageFile(path))
  return { ...real, packageFile }
})

const lacking = lacksRelay('bindfs')
const SLOW = 300_000
let here: Place

beforeEach(() => {
  here = place()
  thread.program = pathToFileURL(here.file('thread.js'))
})

afterEach(() => {
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

const start = () =>
  startLive({ daemon: ['bindfs', '-f', here.source, here.mount], mountpoint: here.mount, readyMs: SLOW, wire: true })

describe.skipIf(lacking)(
  `a relay without its thread is a clear error, and leaves no mount (${lacking || 'bindfs'})`,
  () => {
    test(
      'the program is missing',
      async () => {
        await expect(start()).rejects.toMatchObject({
          code: 'FT_ENVIRONMENT',
          message: expect.stringMatching(/^the relay's program .*thread\.js is missing$/),
          hint: expect.stringContaining('npm run build'),
        })
      },
      SLOW,
    )

    test(
      'the program fails',
      async () => {
        writeFileSync(here.file('thread.js'), 'throw new Error("no such luck")')
        await expect(start()).rejects.toMatchObject({
          code: 'FT_DAEMON',
          message: expect.stringContaining("the relay's thread has ended: no such luck before the mount was ready"),
        })
      },
      SLOW,
    )
  },
)
