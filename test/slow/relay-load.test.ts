import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LiveSession, startLive } from '../../src/live/session.js'
import { type Place, place } from '../live/machine.js'
import { lacksRelay } from '../relay/machine.js'

const lacking = lacksRelay('bindfs')
const why = lacking || 'bindfs'
const FSX = fileURLToPath(new URL('../relay/fsx.js', import.meta.url))
const WRITER = fileURLToPath(new URL('./writer.js', import.meta.url))
const LIMIT = 900_000

let here: Place
let session: LiveSession

beforeEach(async ({ skip }) => {
  if (lacking !== '') skip(why)
  here = place()
  session = await startLive({
    daemon: ['bindfs', '-f', here.source, here.mount],
    mountpoint: here.mount,
    wire: { faults: false },
    readyMs: LIMIT,
  })
})

afterEach(async () => {
  await session?.close()
  expect(here?.mounts() ?? []).toEqual([])
  here?.remove()
})

test(
  `10,000 random reads, writes, truncations and renames through the relay are those of the file (${why})`,
  async () => {
    expect(await execa('node', [FSX, here.mount, '10000', '7'], { reject: false })).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect(session.recorder.losses.size).toBe(0)
  },
  LIMIT,
)

test(
  `eight writers for 30 seconds through the relay: everything that they wrote is there (${why})`,
  async () => {
    const names = Array.from({ length: 8 }, (_, i) => String(i))
    for (const name of names) mkdirSync(join(here.mount, name))
    const runs = await Promise.all(
      names.map((name) => execa('node', [WRITER, join(here.mount, name), '30000'], { reject: false })),
    )
    for (const run of runs) expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    const written = runs.map(({ stdout }) => JSON.parse(stdout) as { files: number; last: string })
    for (const [i, { files, last }] of written.entries()) {
      const directory = join(here.source, names[i] ?? '')
      expect(files).toBeGreaterThan(0)
      expect(readdirSync(directory)).toHaveLength(files)
      expect(readFileSync(join(directory, `f${files - 1}`), 'latin1')).toBe(last)
    }
    expect(session.daemon?.exit).toBeNull()
  },
  LIMIT,
)
