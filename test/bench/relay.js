import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../.bench/clock.js'
import { none } from '../../.bench/dialect/core/choose.js'
import { startLive } from '../../.bench/live/session.js'
import { median } from './measure.js'
import { row } from './table.js'

const FILES = 300
const STATS = 1000
const PAIRS = 3

/** Creates, and round trips of one `stat` each, a second on a mount of bindfs that caches nothing. */
async function rates(options) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const [source, mountpoint] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mountpoint]) mkdirSync(path)
  const session = await startLive({
    daemon: ['bindfs', '-f', '-o', 'attr_timeout=0,entry_timeout=0', source, mountpoint],
    mountpoint,
    clock: systemClock(),
    dialect: none,
    ...options(directory),
  })
  const rate = (count, one) => {
    const began = process.hrtime.bigint()
    for (let i = 0; i < count; i++) one(i)
    return count / (Number(process.hrtime.bigint() - began) / 1e9)
  }
  const creates = rate(FILES, (i) => writeFileSync(join(mountpoint, `f${i}`), 'x'))
  const stats = rate(STATS, () => statSync(join(mountpoint, 'f0')))
  await session.close()
  rmSync(directory, { recursive: true, force: true })
  return { creates, stats }
}

/** What it costs to stand between kernel and daemon, in alternating pairs. */
export async function relayBench() {
  const ways = {
    relayed: () => ({ wire: { faults: false } }),
    'relayed, faults possible': () => ({ wire: true }),
    'relayed, recorded': (directory) => ({ wire: { faults: false }, record: join(directory, 'run.fusetrace') }),
  }
  console.log(`relay: ${FILES} files created, ${STATS} calls of stat, on bindfs, against the same without a relay`)
  for (const [name, way] of Object.entries(ways)) {
    const pairs = []
    for (let i = 0; i < PAIRS; i++) pairs.push([await rates(() => ({})), await rates(way)])
    const creates = median(pairs.map(([bare, mine]) => mine.creates / bare.creates))
    // A stat is three requests here: attributes of the root, a lookup of the name, and its attributes.
    const costUs = median(pairs.map(([bare, mine]) => (1e6 / mine.stats - 1e6 / bare.stats) / 3))
    row('wire', `${name}, creates kept`, creates.toFixed(2), '≥ 0.50')
    row('wire', `${name}, cost of each request`, `${costUs.toFixed(0)} µs`)
  }
}
