import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../.bench/clock.js'
import { dialects } from '../../.bench/dialect/builtin.js'
import { LineSplitter } from '../../.bench/line/splitter.js'
import { TraceMonitor } from '../../.bench/monitor/trace-monitor.js'
import { startDaemon } from '../../.bench/process/daemon.js'
import { PipeReader } from '../../.bench/process/pipe-reader.js'
import { createWaitFor } from '../../.bench/wait/wait-for.js'
import { quantile } from './measure.js'
import { row } from './table.js'
import { latencies, READY, startWriter, WRITER } from './writer.js'

/** From the write to the 'data' event of a pipe: what nothing can be faster than. */
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

/** From the write to the promise of a wait: pipe, splitter, dialect, assembler, monitor, wait; as a live session has them. */
async function ourWait(count) {
  const clock = systemClock()
  const monitor = new TraceMonitor({ clock, candidates: dialects })
  const splitter = new LineSplitter({ onLine: (line) => monitor.push(line) })
  const waitFor = createWaitFor({ monitor, prober: null })
  const pipes = new PipeReader({ clock })
  let written = ''
  const daemon = await startDaemon({
    pipes,
    argv: [process.execPath, WRITER],
    clock,
    onChunk(stream, chunk, atNs) {
      if (stream === 'stdout') written += chunk
      else splitter.push(stream, chunk, atNs)
    },
    onLoss: () => undefined,
  })
  await waitFor.operation({ where: ({ unique }) => unique === READY }, { timeoutMs: 60_000 })
  const known = []
  for (let i = 0; i < count; i++) {
    const wait = waitFor.operation({ opcode: 'create' }, { since: monitor.mark() })
    daemon.kill('SIGUSR1')
    await wait
    known.push(process.hrtime.bigint())
  }
  daemon.kill('SIGTERM')
  await daemon.closed
  pipes.close()
  return latencies(written, known)
}

/** Looks every 100 ms. */
async function sleeping(count) {
  const known = []
  const writer = await startWriter()
  for (let i = 0; i < count; i++) {
    writer.ask()
    while (!writer.answered()) await sleep(100)
    known.push(process.hrtime.bigint())
  }
  return latencies(await writer.end(), known)
}

async function viWaitFor() {
  const { startVitest } = await import('vitest/node')
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
  process.env.BENCH_OUT = join(directory, 'latencies.json')
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const quiet = { onInit: () => undefined }
  const options = { config: false, root, include: ['test/bench/vi-wait.js'], reporters: [quiet], watch: false }
  const vitest = await startVitest('test', [], options)
  await vitest?.close()
  const all = JSON.parse(readFileSync(process.env.BENCH_OUT, 'utf8'))
  rmSync(directory, { recursive: true })
  return all
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
  console.log("wait: from the daemon's reply line being written to the wait's promise settled")
  for (const [name, all] of rows) {
    const [median, p99] = [quantile(all, 0.5), quantile(all, 0.99)].map((ns) => `${(ns / 1e6).toFixed(3)} ms`)
    row('wait', name, `median ${median}, p99 ${p99} of ${all.length}`, all === ours ? 'p99 ≤ 3 ms' : '')
  }
  const ratio = quantile(ours, 0.5) / quantile(bare, 0.5)
  row('wait', 'median against the bare pipe', `${ratio.toFixed(2)} ×`, '≤ 1.20')
}
