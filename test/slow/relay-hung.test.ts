import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FusetraceError } from '../../src/errors.js'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from '../relay/machine.js'

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

/** On a busy machine a daemon may not have got as far as its wrong answers: it is given more time then. */
async function refused(how: string): Promise<string> {
  for (let readyMs = 4000; ; readyMs *= 2) {
    const { message } = await failure(how, readyMs)
    if (message.includes('the kernel refused') || readyMs > 60_000) return message
  }
}

describe.skipIf(lacking)(
  `a daemon that does not do its work is a clear error within the deadline (${lacking || 'as root'})`,
  () => {
    test(
      'init-only',
      async () => {
        const error = await failure('init-only', 4000)
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toMatch(/has not mounted within 4000 ms: .*has answered no request/)
      },
      SLOW,
    )

    test(
      'answers of a wrong length: the kernel refuses them, and it is said why',
      async () => {
        expect(await refused('too-long')).toMatch(
          /answered no request.*the kernel refused .*8 bytes more than a reply /,
        )
      },
      SLOW,
    )

    test(
      'no answers at all, but garbage',
      async () => {
        expect(await refused('garbage')).toMatch(/the kernel refused .*the header says/)
      },
      SLOW,
    )
  },
)
