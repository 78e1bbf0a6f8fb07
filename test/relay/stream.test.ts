import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import type { LiveSession } from '../../src/live/session.js'
import { startLive } from '../../src/live/session.js'
import { openRecording } from '../../src/recording/reader.js'
import { placeEach } from '../live/machine.js'
import { tries } from '../tries.js'
import { everyMessage } from './every-message.js'
import { lacksRelay } from './machine.js'

const SLOW = 300_000
let session: LiveSession | null = null
const here = placeEach(async () => {
  await session?.close()
  session = null
})

// The others are in test/slow/relay-stream.test.ts.
everyMessage((name) => name.startsWith('bindfs'))

test.skipIf(lacksRelay('bindfs'))(
  `random reads and writes through the relay are those of the file (${lacksRelay('bindfs') || 'bindfs'})`,
  async () => {
    session = await startLive({
      daemon: ['bindfs', '-f', here.source, here.mount],
      mountpoint: here.mount,
      record: here.file('run.fusetrace'),
      readyMs: SLOW,
      wire: true,
    })
    const program = fileURLToPath(new URL('./fsx.js', import.meta.url))
    const runs = [1, 2].map((seed) => {
      mkdirSync(join(here.mount, String(seed)))
      return execa('node', [program, join(here.mount, String(seed)), String(tries(150, 1000)), String(seed)], {
        reject: false,
      })
    })
    for (const run of runs) expect(await run).toMatchObject({ exitCode: 0, stderr: '' })
    await session.quiet()
    await session.close()
    const reader = openRecording(here.file('run.fusetrace'))
    let left = 0
    for (const row of reader.rows({ kinds: ['request', 'loss'] })) {
      expect(row.kind).toBe('request')
      if (row.kind === 'request' && row.dataBytes > 0) left++
    }
    // Data is not in the recording unless it is asked for; what it was can still be told.
    expect(left).toBeGreaterThan(tries(50, 100))
    expect(reader.bytes).toBeLessThan(4_000_000)
    reader.close()
  },
  SLOW,
)

test.skipIf(lacksRelay('fuse-overlayfs') !== '')(
  'what a daemon splices in pieces reaches the kernel whole',
  async () => {
    const content = Buffer.alloc(700_001, 'piece by piece. ')
    writeFileSync(join(here.source, 'long'), content)
    const daemon = ['fuse-overlayfs', '-f', '-o', `lowerdir=${here.source}`, here.mount]
    session = await startLive({ daemon, mountpoint: here.mount, wire: true, readyMs: SLOW })
    const { stdout } = await execa('cat', [join(here.mount, 'long')], { encoding: 'buffer', stripFinalNewline: false })
    expect(content.equals(stdout)).toBe(true)
  },
  SLOW,
)
