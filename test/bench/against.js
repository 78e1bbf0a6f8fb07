// node test/bench/against.js CHECKOUT [PAIRS]: whole commands, processor time of this checkout against another one, both built.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { CAPTURES, heavyLog } from './heavy-log.js'
import { median, processorMs } from './measure.js'

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

console.log('| log | command | here ms | there ms | × |')
console.log('| --- | --- | --: | --: | --: |')
const all = { import: [], show: [], check: [] }
for (const { name, file, stamped } of await logs()) {
  const recordings = [own, other].map((cli, i) => {
    const recording = join(directory, `${i}.fusetrace`)
    processorMs([process.execPath, cli, 'import', file, '-o', recording, '--force', ...stamped])
    return recording
  })
  const commands = {
    import: (cli, i) => [cli, 'import', file, '-o', recordings[i], '--force', ...stamped],
    show: (cli, i) => [cli, 'show', recordings[i], '--operations', '--json'],
    check: (cli, i) => [cli, 'check', recordings[i]],
  }
  for (const [command, argumentsOf] of Object.entries(commands)) {
    const rounds = Array.from({ length: Number(pairs) }, () =>
      [own, other].map((cli, i) => processorMs([process.execPath, ...argumentsOf(cli, i)])),
    )
    const ratio = median(rounds.map(([a, b]) => a / b))
    all[command].push(ratio)
    const ms = [0, 1].map((i) => median(rounds.map((round) => round[i])).toFixed(0))
    const bytes = recordings.map((recording) => statSync(recording).size)
    console.log(`| ${name} | ${command} (${bytes.join(', ')} bytes) | ${ms.join(' | ')} | ${ratio.toFixed(2)} |`)
  }
}
for (const [command, ratios] of Object.entries(all)) console.log(`${command}: median ${median(ratios).toFixed(2)} ×`)
rmSync(directory, { recursive: true })
