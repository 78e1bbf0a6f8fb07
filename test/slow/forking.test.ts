import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startLive } from '../../src/live/session.js'
import { lacks, placeEach } from '../live/machine.js'

const forking = fileURLToPath(new URL('../daemons/forking.js', import.meta.url))
const here = placeEach()

test.skipIf(lacks())(
  `of a daemon that forks it is said how to keep it in the foreground (${lacks() || 'fake daemon'})`,
  async () => {
    const start = startLive({ daemon: [process.execPath, forking], mountpoint: here.mount })
    await expect(start).rejects.toMatchObject({ code: 'FT_DAEMON', hint: expect.stringContaining('-f') })
  },
)
