// node test/bench/against.js CHECKOUT [PAIRS]: whole commands of this checkout against those of another one, both built:
// how long they take, how long their main threads are at work (what is waited for where the other processor is free), and all threads.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { CAPTURES, heavyLog } from './heavy-log.js'
import { commandMs, median } from './measure.js'

const [checkout, pairs = '7'] = process.argv.slice(2)
if (checkout === undefined) {
  console.error('usage: node test/bench/against.js CHECKOUT [PAIRS]; build both first')
  process.exit(2)
}
const own = fileURLToPath(new URL('../../bin/fusetrace.js', import.meta.url))
const other = join(resolve(checkout), 'bin/fusetrace.js')
const directory = mkdtempSync(join(tmpdir(), 'fusetrace-bench-'))
/** One of a test's size, and those of long runs, by the folder in test/captures. */
const heavy = Number(process.env.BENCH_LINES ?? 60_000)

async function logs() {
  const found = []
  for (const [dialect, capture] of Object.entries(CAPTURES)) {
    const file = join(directory, `${capture}.tsv`)
    writeFileSync(file, gunzipSync(readFileSync(new URL(`../captures/${capture}/log.tsv.gz`, import.meta.url))))
    found.push({ name: capture, file, stamped: ['--stamped'] })
    if (!['tracing', 'libfuse', 'fuser', 'rclone', 'tracing-json'].includes(dialect)) continue
    const long = await heavyLog(heavy, capture)
    found.push({ name: `${capture}, ${heavy} lines`, file: long.file, stamped: [] })
  }
  return found
}

const WHAT = ['wall', 'main', 'all']
console.log(`| log | command | ${WHAT.map((what) => `${what}: here | there | ×`).join(' | ')} |`)
console.log(`| --- | --- |${' --: | --: | --: |'.repeat(WHAT.length)}`)
const all = Object.fromEntries(['import', 'show', 'check'].map((one) => [one, { wall: [], main: [], all: [] }]))
for (const { name, file, stamped } of await logs()) {
  const recordings = [own, other].map((cli, i) => {
    const recording = join(directory, `${i}.fusetrace`)
    commandMs([process.execPath, cli, 'import', file, '-o', recording, '--force', ...stamped])
    return recording
  })
  const commands = {
    import: (cli, i) => [cli, 'import', file, '-o', recordings[i], '--force', ...stamped],
    show: (cli, i) => [cli, 'show', recordings[i], '--operations', '--json'],
    check: (cli, i) => [cli, 'check', recordings[i]],
  }
  for (const [command, argumentsOf] of Object.entries(commands)) {
    const rounds = Array.from({ length: Number(pairs) }, (_, round) => {
      const pair = []
      // Each is first by turns.
      for (const i of round % 2 ? [1, 0] : [0, 1]) {
        pair[i] = commandMs([process.execPath, ...argumentsOf([own, other][i], i)])
      }
      return pair
    })
    const figures = WHAT.map((what) => {
      const ratio = median(rounds.map(([a, b]) => a[what] / b[what]))
      all[command][what].push(ratio)
      const ms = [0, 1].map((i) => median(rounds.map((round) => round[i][what])).toFixed(0))
      return `${ms.join(' | ')} | ${ratio.toFixed(2)}`
    })
    const bytes = recordings.map((recording) => statSync(recording).size)
    console.log(`| ${name} | ${command} (${bytes.join(', ')} bytes) | ${figures.join(' | ')} |`)
  }
}
for (const [command, ratios] of Object.entries(all)) {
  console.log(`${command}: medians ${WHAT.map((what) => `${what} ${median(ratios[what]).toFixed(2)} ×`).join(', ')}`)
}
rmSync(directory, { recursive: true })
