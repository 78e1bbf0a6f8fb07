// Breaks single pieces of the rooms that waits rest on, one at a time, and asks their tests whether they notice (Stryker).
//   node test/mutation.js [ROOM…]      default: all; one after another, one process each
// Prints what survived, room by room, and exits 1 where a score is below 0.85. What survives and why: test/MUTANTS.md
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const LEAST = 0.85
const ROOMS = {
  monitor: ['src/monitor/**/*.ts'],
  // What only runs tools, processes and threads is held up by live tests, which take too long for each mutant.
  mount: ['mountinfo', 'prober', 'readiness', 'unmount', 'watch'].map((name) => `src/mount/${name}.ts`),
  recording: ['src/recording/**/*.ts'],
  replay: ['src/replay/**/*.ts'],
  wait: ['src/wait/**/*.ts'],
}

const root = fileURLToPath(new URL('..', import.meta.url))
const asked = process.argv.slice(2)
const unknown = asked.find((room) => !Object.hasOwn(ROOMS, room))
if (unknown !== undefined) {
  console.error(`no room ${unknown}; there are ${Object.keys(ROOMS).join(', ')}`)
  process.exit(2)
}

const scores = []
for (const room of asked.length > 0 ? asked : Object.keys(ROOMS)) {
  const args = ['run', 'test/stryker.config.json', '--mutate', ROOMS[room].join(',')]
  const { status } = spawnSync('node_modules/.bin/stryker', args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ROOM: room },
  })
  if (status !== 0) process.exit(status ?? 1)
  scores.push([room, report(room)])
}
console.log('\nroom       score  killed  survived  not covered')
for (const [room, { killed, survived, uncovered, score }] of scores) {
  const columns = [killed, survived, uncovered].map((count, i) => String(count).padStart([7, 9, 12][i]))
  console.log(`${room.padEnd(10)} ${score.toFixed(3)} ${columns.join(' ')}`)
}
process.exitCode = scores.some(([, { score }]) => score < LEAST) ? 1 : 0

function report(room) {
  const { files } = JSON.parse(readFileSync(`${root}.fusetrace/mutation.json`, 'utf8'))
  const count = { Killed: 0, Timeout: 0, Survived: 0, NoCoverage: 0 }
  console.log(`\n## ${room}`)
  for (const [file, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, location, mutatorName, replacement = '' } of mutants) {
      if (status in count) count[status]++
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      const { line } = location.start
      const by = replacement.replaceAll(/\s+/g, ' ').slice(0, 60)
      console.log(`${file}:${line} ${status} ${mutatorName} → ${by} | ${lines[line - 1].trim().slice(0, 100)}`)
    }
  }
  const killed = count.Killed + count.Timeout
  const score = killed / (killed + count.Survived + count.NoCoverage)
  return { killed, survived: count.Survived, uncovered: count.NoCoverage, score }
}
