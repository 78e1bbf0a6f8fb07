import { describe, expect, test } from 'vitest'
import { placeEach } from '../live/machine.js'
import { failure } from '../relay/hung-daemon.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay()
const SLOW = 300_000

const here = placeEach()

/** On a busy machine a daemon may not have got as far as its wrong answers: it is given more time then. */
async function refused(how: string): Promise<string> {
  for (let readyMs = 4000; ; readyMs *= 2) {
    const { message } = await failure(here, how, readyMs)
    if (message.includes('the kernel refused') || readyMs > 60_000) return message
  }
}

describe.skipIf(lacking)(
  `a daemon that does not do its work is a clear error within the deadline (${lacking || 'as root'})`,
  () => {
    test(
      'init-only',
      async () => {
        const error = await failure(here, 'init-only', 4000)
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
