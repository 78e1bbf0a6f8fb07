// npm run bench [NAME…]: ratios measured in one run on this machine. Build first: starts are measured on dist/.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { makeRows, printTable } from './table.js'

/** Each is loaded in a process of its own: what one leaves behind is no burden to the next. */
const BENCHES = {
  start: async () => (await import('./start.js')).startBench(),
  parse: async () => (await import('./parse.js')).parseBench(),
  wait: async () => (await import('./wait.js')).waitBench(),
  replay: async () => (await import('./replay.js')).replayBench(),
  mount: async () => (await import('./mount.js')).mountBench(),
  wire: async () => {
    await (await import('./wire.js')).wireBench()
    await (await import('./relay.js')).relayBench()
  },
  kernel: async () => (await import('./kernel.js')).kernelBench(),
  size: async () => (await import('./size.js')).sizeBench(),
  pack: async () => (await import('./pack.js')).packBench(),
  growth: async () => (await import('./growth.js')).growthBench(),
  page: async () => (await import('./page.js')).pageBench(),
  suite: async () => (await import('./suite.js')).suiteBench(),
}
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`no bench is called ${unknown}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
if (asked.length === 1) await BENCHES[asked[0]]()
else {
  process.env.BENCH_ROWS = makeRows()
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), name]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    // What one bench lacks (a mount, a program) is no reason to lose the others' figures.
    if (status !== 0) {
      console.error(`  ${name} failed`)
      process.exitCode = 1
    }
  }
  printTable(process.env.BENCH_ROWS)
}
