import { describe, expect, test } from 'vitest'
import { placeEach } from '../live/machine.js'
import { failureThatSays } from '../relay/hung-daemon.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay()
const SLOW = 300_000

const here = placeEach()

describe.skipIf(lacking)(
  `a daemon that does not do its work is a clear error within the deadline (${lacking || 'as root'})`,
  () => {
    test(
      'init-only',
      async () => {
        const error = await failureThatSays(here, 'init-only', 'has answered no request')
        expect(error.code).toBe('FT_DAEMON')
        expect(error.message).toMatch(/has not mounted within \d+ ms: .*has answered no request/)
      },
      SLOW,
    )

    test(
      'answers of a wrong length: the kernel refuses them, and it is said why',
      async () => {
        const error = await failureThatSays(here, 'too-long', 'the kernel refused')
        expect(error.message).toMatch(/answered no request.*the kernel refused .*8 bytes more than a reply /)
      },
      SLOW,
    )

    test(
      'no answers at all, but garbage',
      async () => {
        const error = await failureThatSays(here, 'garbage', 'the kernel refused')
        expect(error.message).toMatch(/the kernel refused .*the header says/)
      },
      SLOW,
    )
  },
)
