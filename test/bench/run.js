// npm run bench [parse|wait …]: ratios measured in one run on this machine. Build first: it measures dist/.
import { parseBench } from './parse.js'
import { waitBench } from './wait.js'

const benches = { parse: parseBench, wait: waitBench }
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in benches))
if (unknown !== undefined) {
  console.error(`no bench is called ${unknown}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : Object.keys(benches)) await benches[name]()
