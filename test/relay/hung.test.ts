import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import { plan } from '../../src/live/options.js'
import { LiveSession, startLive } from '../../src/live/session.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from './machine.js'

const lacking = lacksRelay()
const SLOW = 300_000
const program = fileURLToPath(new URL('../daemons/hung.js', import.meta.url))

let here: Place
let session: LiveSession | null = null

beforeEach(() => {
  here = place()
})

afterEach(async () => {
  await session?.close()
  session = null
  const left = here.mounts()
  here.remove()
  expect(left).toEqual([])
})

const options = (how: string, readyMs: number) => ({
  daemon: ['node', program, how, here.mount],
  mountpoint: here.mount,
  readyMs,
  unmountTimeoutMs: 500,
  wire: { way: 'fd' as const },
})

async function failure(how: string, readyMs: number): Promise<FusetraceError> {
  const error = await startLive(options(how, readyMs)).then(
    (started) => started.close().then(() => new Error('it started')),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(FusetraceError)
  return error as FusetraceError
}

describe.skipIf(lacking)(
  `a daemon that does not do its work is a clear error within the deadline (${lacking || 'as root'})`,
  () => {
    test(
      'silent',
      async () => {
        const error = await failure('silent', 4000)
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toMatch(/has not mounted within 4000 ms: .*has answered no request/)
      },
      SLOW,
    )

    test(
      'a descriptor that is closed is noticed at once, not at the deadline',
      async () => {
        const error = await failure('closes', SLOW)
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toContain('has closed its FUSE descriptor')
      },
      SLOW,
    )

    test(
      'a daemon that answers twice is as good as one that answers once',
      async () => {
        session = new LiveSession(options('twice', SLOW), plan(options('twice', SLOW)))
        await session.start()
        expect((await stat(here.mount)).isDirectory()).toBe(true)
        expect(session.describeDaemon()).not.toContain('refused')
      },
      SLOW,
    )
  },
)
