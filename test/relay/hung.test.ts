import { stat } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { plan } from '../../src/live/options.js'
import { LiveSession } from '../../src/live/session.js'
import { placeEach } from '../live/machine.js'
import { failure, failureThatSays, hung } from './hung-daemon.js'
import { lacksRelay } from './machine.js'

const lacking = lacksRelay()
const SLOW = 300_000

let session: LiveSession | null = null
const here = placeEach(async () => {
  await session?.close()
  session = null
})

describe.skipIf(lacking)(
  `a daemon that does not do its work is a clear error within the deadline (${lacking || 'as root'})`,
  () => {
    test(
      'silent',
      async () => {
        const error = await failureThatSays(here, 'silent', 'has answered no request')
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toMatch(/has not mounted within \d+ ms: .*has answered no request/)
      },
      SLOW,
    )

    test(
      'a descriptor that is closed is noticed at once, not at the deadline',
      async () => {
        const error = await failure(here, 'closes', SLOW)
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toContain('has closed its FUSE descriptor')
      },
      SLOW,
    )

    test(
      'a daemon that answers twice is as good as one that answers once',
      async () => {
        session = new LiveSession(hung(here, 'twice', SLOW), plan(hung(here, 'twice', SLOW)))
        await session.start()
        expect((await stat(here.mount)).isDirectory()).toBe(true)
        expect(session.describeDaemon()).not.toContain('refused')
      },
      SLOW,
    )
  },
)
