import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { systemClock } from '../../dist/clock.js'
import { dialects } from '../../dist/dialect/builtin.js'
import { LineSplitter } from '../../dist/line/splitter.js'
import { TraceMonitor } from '../../dist/monitor/trace-monitor.js'
import { startDaemon } from '../../dist/source/daemon.js'
import { PipeReader } from '../../dist/source/pipe-reader.js'
import { createWaitFor } from '../../dist/wait/wait-for.js'

const WRITER = fileURLToPath(new URL('line-writer.js', import.meta.url))
const since = (path) => Number(process.hrtime.bigint() - BigInt(/\/t-(\d+)/.exec(path)[1]))

/** A writer whose stderr is read by a pipe's 'data' events, and that has written all that comes before. */
async function barely() {
  const child = spawn(process.execPath, [WRITER], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const before = (chunk) => {
    text = (text + chunk.toString('latin1')).slice(-1000)
  }
  child.stderr.on('data', before)
  await once(child.stdout, 'data')
  while (!text.endsWith('unique: 4000, success, outsize: 160\n')) await once(child.stderr, 'data')
  child.stderr.off('data', before)
  return child
}

/** From the write to the 'data' event of a pipe: what nothing can be faster than. */
async function barePipe(count) {
  const latencies = []
  const child = await barely()
  for (let i = 0; i < count; i++) {
    child.kill('SIGUSR1')
    const [chunk] = await once(child.stderr, 'data')
    latencies.push(since(chunk.toString('latin1')))
  }
  child.kill()
  return latencies
}

/** From the write to the promise of a wait: pipe, splitter, dialect, assembler, monitor, wait; as a live session has them. */
async function ourWait(count) {
  const clock = systemClock()
  const monitor = new TraceMonitor({ clock, candidates: dialects })
  const splitter = new LineSplitter({ onLine: (line) => monitor.push(line) })
  const waitFor = createWaitFor({ monitor, prober: null })
  const pipes = new PipeReader({ clock })
  const daemon = await startDaemon({
    pipes,
    argv: [process.execPath, WRITER],
    clock,
    onChunk: (stream, chunk, atNs) => splitter.push(stream, chunk, atNs),
    onLoss: () => undefined,
  })
  while (monitor.recentOperations(1).at(-1)?.unique !== 4000) await sleep(10)
  const latencies = []
  for (let i = 0; i < count; i++) {
    const wait = waitFor.operation({ opcode: 'create' }, { since: monitor.mark() })
    daemon.kill('SIGUSR1')
    const { operation } = await wait
    latencies.push(since(operation.path))
  }
  daemon.kill('SIGTERM')
  await daemon.closed
  pipes.close()
  return latencies
}

/** Looks every 100 ms. */
async function sleeping(count) {
  const latencies = []
  const child = await barely()
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  for (let i = 0; i < count; i++) {
    text = ''
    child.kill('SIGUSR1')
    while (!text.includes('/t-')) await sleep(100)
    latencies.push(since(text))
  }
  child.kill()
  return latencies
}

async function viWaitFor() {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  process.env.BENCH_OUT = join(directory, 'latencies.json')
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const quiet = { onInit: () => undefined }
  const options = { config: false, root, include: ['test/bench/vi-wait.js'], reporters: [quiet], watch: false }
  const vitest = await startVitest('test', [], options)
  await vitest?.close()
  const latencies = JSON.parse(readFileSync(process.env.BENCH_OUT, 'utf8'))
  rmSync(directory, { recursive: true })
  return latencies
}

function quantile(latencies, share) {
  const sorted = [...latencies].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export async function waitBench() {
  const bare = []
  const ours = []
  // In turns, so that both meet the same machine.
  for (let i = 0; i < 5; i++) {
    bare.push(...(await barePipe(200)).slice(10))
    ours.push(...(await ourWait(200)).slice(10))
  }
  const rows = [
    ['bare pipe', bare],
    ['fusetrace wait', ours],
    ['100 ms sleep', await sleeping(20)],
    ['vi.waitFor', await viWaitFor()],
  ]
  console.log("wait: from the daemon's line being written to the wait's promise settled")
  for (const [name, latencies] of rows) {
    const [median, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)].map(
      (ns) => `${(ns / 1e6).toFixed(3)} ms`,
    )
    console.log(`  ${name.padEnd(15)} median ${median.padStart(11)}  p99 ${p99.padStart(11)}  of ${latencies.length}`)
  }
  const ratio = quantile(ours, 0.5) / quantile(bare, 0.5)
  console.log(`  median against the bare pipe: ${ratio.toFixed(2)} times (goal: at most 1.50)`)
}
