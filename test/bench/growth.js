import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { heavyLog } from './heavy-log.js'
import { row } from './table.js'

const cli = fileURLToPath(new URL('../../bin/fusetrace.js', import.meta.url))
const SIZES = [10_000, 100_000, 1_000_000]

/** Seconds of processor time and peak memory of a command. */
function measured(args) {
  const { stdout } = spawnSync(
    'bash',
    ['-c', '/usr/bin/time -f "%U %S %M" "$@" 2>&1 >/dev/null | tail -1', 'bash', process.execPath, cli, ...args],
    { encoding: 'utf8' },
  )
  const [user, system, kib] = stdout.trim().split(' ').map(Number)
  return { seconds: user + system, mib: kib / 1024 }
}

/** Time and memory of commands as logs grow: linear, and flat. `BENCH_LINES=10000000` adds 10^7 lines, 2 GB and half an hour. */
export async function growthBench() {
  const most = Number(process.env.BENCH_LINES ?? 0)
  console.log('growth: processor seconds (µs a line), peak MiB')
  for (const lines of most > 1_000_000 ? [...SIZES, most] : SIZES) {
    const log = await heavyLog(lines)
    const recording = `${log.file}.fusetrace`
    const commands = {
      import: ['import', log.file, '-o', recording],
      show: ['show', recording, '--operations', '--json'],
      stats: ['stats', recording],
      check: ['check', recording],
      'check --against': ['check', recording, '--against', log.file],
      diff: ['diff', recording, recording],
    }
    for (const [name, args] of Object.entries(commands)) {
      const { seconds, mib } = measured(args)
      const each = ((seconds / lines) * 1e6).toFixed(1)
      row('growth', `${name}, ${lines} lines`, `${seconds.toFixed(2)} s (${each} µs a line), ${mib.toFixed(0)} MiB`)
    }
    rmSync(dirname(log.file), { recursive: true })
  }
}
