import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../.bench/clock.js'
import { none } from '../../.bench/dialect/core/choose.js'
import { startDriven } from '../../.bench/live/driven-session.js'
import { startLive } from '../../.bench/live/session.js'
import { standInFiles } from '../../.bench/vfs/node/files.js'
import { median } from './measure.js'
import { row } from './table.js'

const STATS = 1000
const PAIRS = 5

const bindfs = ({ source, mountpoint }) => ['bindfs', '-f', '-o', 'attr_timeout=0,entry_timeout=0', source, mountpoint]
/** A daemon of libfuse 3, which takes a descriptor in its command. */
function overlay({ source, mountpoint, directory }) {
  for (const name of ['upper', 'work']) mkdirSync(join(directory, name))
  const layers = `lowerdir=${source},upperdir=${directory}/upper,workdir=${directory}/work`
  return ['fuse-overlayfs', '-f', '-o', layers, mountpoint]
}

/** A daemon that caches nothing: every `stat` is three requests (the root's attributes as well), with a mount and without. */
async function started(start, command = bindfs) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const [source, mountpoint] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mountpoint]) mkdirSync(path)
  writeFileSync(join(source, 'f'), 'x')
  const began = process.hrtime.bigint()
  const session = await start({
    daemon: command({ source, mountpoint, directory }),
    mountpoint,
    clock: systemClock(),
    dialect: none,
  })
  const readyMs = Number(process.hrtime.bigint() - began) / 1e6
  const close = async () => {
    await session.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { session, mountpoint, readyMs, close }
}

/** Calls a second: one after the other, and several at a time. */
async function rates(call) {
  const rate = async (atOnce) => {
    const worker = async () => {
      for (let i = 0; i < STATS / atOnce; i++) await call()
    }
    const began = process.hrtime.bigint()
    await Promise.all(Array.from({ length: atOnce }, worker))
    return STATS / (Number(process.hrtime.bigint() - began) / 1e9)
  }
  await rate(1)
  return { one: await rate(1), eight: await rate(8) }
}

async function mounted() {
  const { mountpoint, readyMs, close } = await started(startLive)
  const file = join(mountpoint, 'f')
  const sync = await rates(() => statSync(file))
  const { one, eight } = await rates(() => stat(file))
  await close()
  return { readyMs, sync: sync.one, one, eight }
}

async function driven() {
  const { session, mountpoint, readyMs, close } = await started(startDriven)
  const files = standInFiles(session.vfs, mountpoint)
  const { one, eight } = await rates(() => files.stat('/f'))
  await close()
  return { readyMs, sync: one, one, eight }
}

/** A daemon without a mount against the same daemon on a mount, in alternating pairs. */
export async function wireBench() {
  const pairs = []
  for (let i = 0; i < PAIRS; i++) pairs.push([await mounted(), await driven()])
  const of = (which, what) => median(pairs.map((pair) => pair[which][what]))
  const ratio = (what) => median(pairs.map(([live, wire]) => wire[what] / live[what]))
  console.log(`wire: ${STATS} calls of stat on bindfs without a mount, against the same on a mount`)
  const rows = [
    ['one', 'as a test calls it (fs.promises)'],
    ['eight', 'the same, eight at a time'],
    ['sync', 'on the mount by statSync'],
  ]
  for (const [what, words] of rows) {
    const [live, wire] = [of(0, what), of(1, what)].map((perSecond) => perSecond.toFixed(0))
    row('wire', words, `${wire} a second, ${live} on the mount: ${ratio(what).toFixed(2)} ×`, '≥ 1.0')
  }
  const starts = async (start, command) => {
    const { readyMs, close } = await started(start, command)
    await close()
    return readyMs
  }
  for (const [name, command] of [
    ['bindfs, by a namespace', bindfs],
    ['fuse-overlayfs, by a descriptor', overlay],
  ]) {
    const times = []
    for (let i = 0; i < 2 * PAIRS; i++)
      times.push([await starts(startLive, command), await starts(startDriven, command)])
    const [live, wire] = [0, 1].map((which) => median(times.map((pair) => pair[which])).toFixed(0))
    const ratio = median(times.map(([slow, quick]) => quick / slow)).toFixed(2)
    row('wire', `start to first answer: ${name}`, `${wire} ms, on the mount ${live} ms: ${ratio} ×`, '≤ 0.5')
  }
}
