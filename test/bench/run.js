// npm run bench [parse|wait …]: ratios measured in one run on this machine. Build first: it measures dist/.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseBench } from './parse.js'
import { waitBench } from './wait.js'

const benches = { parse: parseBench, wait: waitBench }
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in benches))
if (unknown !== undefined) {
  console.error(`no bench is called ${unknown}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
// One bench a process: what one leaves behind is no burden to the next.
if (asked.length === 1) await benches[asked[0]]()
else {
  for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
    const args = [...process.execArgv, fileURLToPath(import.meta.url), name]
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (status !== 0) process.exit(status ?? 1)
  }
}
