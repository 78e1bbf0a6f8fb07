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
const WAITS = 200

async function mounted(way, use) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  const { waits, ...options } = way(directory)
  const [source, mountpoint] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mountpoint]) mkdirSync(path)
  const session = await startLive({ daemon: ['bindfs', '-f', source, mountpoint], mountpoint, ...options })
  try {
    return await use(session, mountpoint, { waits })
  } finally {
    await session.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What is measured against a session that reads no events: nobody asks; somebody waits all the time; all is recorded. */
const WAYS = {
  'creates a second kept': () => ({ kernel: 'only' }),
  'the same while a wait is open': () => ({ kernel: 'only', waits: true }),
  'the same while it is recorded': (directory) => ({ kernel: 'only', record: join(directory, 'run.fusetrace') }),
}

/**
 * Makes empty files for so many seconds, from several shells at once: how many a second, how many events were lost, and the processor
 * time of this process, from beginning to end and until all events have been read.
 */
function creates(way, seconds) {
  return mounted(way, async (session, mountpoint, { waits = false }) => {
    if (waits) session.waitFor.fileVisible('/never', { timeoutMs: 1e6 }).catch(() => undefined)
    const script =
      'end=$(($(date +%s%N) + $3)); i=0; while [ $(date +%s%N) -lt $end ]; do for j in 1 2 3 4 5 6 7 8 9 10; do : > "$1/$2-$i-$j"; done; i=$((i+1)); done; echo $((i*10))'
    const run = async (i) => {
      const child = spawn('sh', ['-c', script, 'sh', mountpoint, String(i), String(seconds * 1e9)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = await once(createInterface(child.stdout), 'line')
      return Number(line)
    }
    const before = process.cpuUsage()
    const counts = await Promise.all(Array.from({ length: CREATORS }, (_, i) => run(i)))
    const during = process.cpuUsage(before)
    const made = counts.reduce((sum, count) => sum + count, 0)
    session.monitor.recentOperations(1)
    const all = process.cpuUsage(before)
    const each = ({ user, system }) => (user + system) / made
    const lost = session.recorder.losses.get('kernel-events') ?? 0
    return { perSecond: made / seconds, lost, during: each(during), all: each(all) }
  })
}

const MAKER = `
const fs = require('node:fs'), times = []; let i = 0
process.on('SIGUSR1', () => { fs.mkdirSync(process.argv[1] + '/d' + i++); times.push(String(process.hrtime.bigint())) })
process.on('SIGTERM', () => { console.log(JSON.stringify(times)); process.exit() })
setInterval(() => undefined, 1e6); console.log('ready')`

/** From the return of a call on the mount to the promise of a wait for it. */
function kernelWaits(count) {
  return mounted(
    () => ({ kernel: 'only' }),
    async (session, mountpoint) => {
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
    },
  )
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
export async function kernelBench(seconds = Number(process.env.SECONDS ?? 3)) {
  const pairs = Number(process.env.PAIRS ?? 5)
  const us = (results, what) => `${median(results.map((one) => one[what])).toFixed(0)} µs`
  console.log(
    `kernel: ${CREATORS} creators at once on bindfs for ${seconds} s, against a session that reads no events, in ${pairs} alternating pairs`,
  )
  for (const [name, way] of Object.entries(WAYS)) {
    const [bare, watched] = [[], []]
    for (let i = 0; i < pairs; i++) {
      bare.push(await creates(() => ({ dialect: none }), seconds))
      watched.push(await creates(way, seconds))
    }
    const kept = median(watched.map(({ perSecond }, i) => perSecond / bare[i].perSecond)).toFixed(2)
    const lost = watched.map((one) => one.lost).join(', ')
    const cost = `processor time a create ${us(watched, 'during')}, ${us(watched, 'all')} until all is read (else ${us(bare, 'during')})`
    row(
      'kernel',
      name,
      `${kept}; events lost: ${lost}; ${cost}`,
      name === 'creates a second kept' ? '≥ 0.95' : undefined,
    )
  }
  const [pipe, waits] = [[], []]
  for (let i = 0; i < 3; i++) {
    pipe.push(...(await barePipe(WAITS)).slice(10))
    waits.push(...(await kernelWaits(WAITS)).slice(10))
  }
  const [a, b] = [quantile(pipe, 0.5), quantile(waits, 0.5)]
  row('kernel', 'wake-up of a wait', `${(b / 1e6).toFixed(3)} ms, of a bare pipe ${(a / 1e6).toFixed(3)} ms`)
  row('kernel', 'wake-up against the bare pipe', `${(b / a).toFixed(2)} ×`, '≤ 1.50')
}
