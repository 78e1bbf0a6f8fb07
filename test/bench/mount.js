import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../.bench/clock.js'
import { none } from '../../.bench/dialect/core/choose.js'
import { startLive } from '../../.bench/live/session.js'
import { median } from './measure.js'
import { row } from './table.js'

const FILES = 400

/** Creates a second on a mount of bindfs. */
async function creates(options) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const [source, mountpoint] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mountpoint]) mkdirSync(path)
  const session = await startLive({
    daemon: ['bindfs', '-f', '-d', source, mountpoint],
    mountpoint,
    clock: systemClock(),
    ...options(directory),
  })
  const began = process.hrtime.bigint()
  for (let i = 0; i < FILES; i++) writeFileSync(join(mountpoint, `f${i}`), 'x')
  const seconds = Number(process.hrtime.bigint() - began) / 1e9
  await session.close()
  rmSync(directory, { recursive: true, force: true })
  return FILES / seconds
}

/** What watching and recording cost the mount: creates a second, in alternating pairs. */
export async function mountBench() {
  const bare = () => ({ dialect: none })
  const ways = {
    recorded: (directory) => ({ record: join(directory, 'run.fusetrace') }),
    'recorded with --kernel': (directory) => ({ record: join(directory, 'run.fusetrace'), kernel: true }),
  }
  console.log(
    `mount: ${FILES} files created and written on bindfs -d, against a session that reads the log and does nothing with it`,
  )
  for (const [name, way] of Object.entries(ways)) {
    const ratios = []
    for (let i = 0; i < 5; i++) {
      const base = await creates(bare)
      ratios.push((await creates(way)) / base)
    }
    row('mount', name, `${median(ratios).toFixed(2)} of the creates a second`)
  }
}
