import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { none } from '../../.bench/dialect/core/choose.js'
import { startLive } from '../../.bench/live/session.js'
import { median, quantile } from './measure.js'
import { row } from './table.js'
import { latencies, startWriter } from './writer.js'

const CREATORS = 8
const PAIRS = 5
const WAITS = 200

async function mounted(options, use) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const [source, mountpoint] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mountpoint]) mkdirSync(path)
  const session = await startLive({ daemon: ['bindfs', '-f', source, mountpoint], mountpoint, ...options })
  try {
    return await use(session, mountpoint)
  } finally {
    await session.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Makes empty files for so many seconds, from several shells at once: how many a second, and how many events were lost. */
function creates(options, seconds) {
  return mounted(options, async (session, mountpoint) => {
    const script =
      'end=$(($(date +%s%N) + $3)); i=0; while [ $(date +%s%N) -lt $end ]; do for j in 1 2 3 4 5 6 7 8 9 10; do : > "$1/$2-$i-$j"; done; i=$((i+1)); done; echo $((i*10))'
    const run = async (i) => {
      const child = spawn('sh', ['-c', script, 'sh', mountpoint, String(i), String(seconds * 1e9)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = await once(createInterface(child.stdout), 'line')
      return Number(line)
    }
    const counts = await Promise.all(Array.from({ length: CREATORS }, (_, i) => run(i)))
    const made = counts.reduce((sum, count) => sum + count, 0)
    await session.quiet()
    return { perSecond: made / seconds, lost: session.recorder.losses.get('kernel-events') ?? 0 }
  })
}

const MAKER = `
const fs = require('node:fs'), times = []; let i = 0
process.on('SIGUSR1', () => { fs.mkdirSync(process.argv[1] + '/d' + i++); times.push(String(process.hrtime.bigint())) })
process.on('SIGTERM', () => { console.log(JSON.stringify(times)); process.exit() })
setInterval(() => undefined, 1e6); console.log('ready')`

/** From the return of a call on the mount to the promise of a wait for it. */
function kernelWaits(count) {
  return mounted({ kernel: 'only' }, async (session, mountpoint) => {
    const child = spawn(process.execPath, ['-e', MAKER, mountpoint], { stdio: ['ignore', 'pipe', 'inherit'] })
    let written = ''
    child.stdout.on('data', (chunk) => {
      written += chunk
    })
    while (!written.includes('ready')) await once(child.stdout, 'data')
    const known = []
    for (let i = 0; i < count; i++) {
      const wait = session.waitFor.operation({ opcode: 'mkdir' }, { since: session.monitor.mark() })
      child.kill('SIGUSR1')
      await wait
      known.push(process.hrtime.bigint())
    }
    child.kill('SIGTERM')
    await once(child, 'close')
    return latencies(written, known)
  })
}

async function barePipe(count) {
  const known = []
  const writer = await startWriter()
  for (let i = 0; i < count; i++) {
    writer.ask()
    await writer.answer()
    known.push(process.hrtime.bigint())
  }
  return latencies(await writer.end(), known)
}

/** What watching by the kernel's events costs the mount, and how soon a wait hears of one. */
export async function kernelBench(seconds = 3) {
  const ratios = []
  const lost = []
  for (let i = 0; i < PAIRS; i++) {
    const bare = await creates({ dialect: none }, seconds)
    const watched = await creates({ kernel: 'only' }, seconds)
    ratios.push(watched.perSecond / bare.perSecond)
    lost.push(watched.lost)
  }
  console.log(
    `kernel: ${CREATORS} creators at once on bindfs, watched against not watched, in ${PAIRS} alternating pairs`,
  )
  row('kernel', 'creates a second kept', `${median(ratios).toFixed(2)}; events lost: ${lost.join(', ')}`, '≥ 0.95')
  const [pipe, waits] = [[], []]
  for (let i = 0; i < 3; i++) {
    pipe.push(...(await barePipe(WAITS)).slice(10))
    waits.push(...(await kernelWaits(WAITS)).slice(10))
  }
  const [a, b] = [quantile(pipe, 0.5), quantile(waits, 0.5)]
  row('kernel', 'wake-up of a wait', `${(b / 1e6).toFixed(3)} ms, of a bare pipe ${(a / 1e6).toFixed(3)} ms`)
  row('kernel', 'wake-up against the bare pipe', `${(b / a).toFixed(2)} ×`, '≤ 1.50')
}
