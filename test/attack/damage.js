// What every command that reads makes of damaged recordings: bits flipped, and cut at every byte. Run by hand, after a build of the
// bench (npm run bench -- size makes it): node test/attack/damage.js [flips]
// Damage is never passed over: exit code 0 is wrong, and so are an error of ours, more than 5 s of processor time, and more than 300 MB.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../.bench/cli/main.js'
import { openRecording } from '../../.bench/recording/reader.js'
import { RecordingWriter } from '../../.bench/recording/writer.js'

const flips = Number(process.argv[2] ?? 20_000)
const DEMO = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
const OLD = new URL('../recording/old/format-1.fusetrace', import.meta.url).pathname
const dir = mkdtempSync(join(tmpdir(), 'fusetrace-damage-'))
const file = join(dir, 'damaged.fusetrace')
const out = join(dir, 'out')

/** Commands, with FILE for the damaged one. */
const COMMANDS = [
  'info FILE',
  'info FILE --json',
  'show FILE',
  'show FILE --lines',
  'show FILE --json',
  'show FILE --canonical',
  'show FILE --steps',
  'show FILE --calls',
  'stats FILE',
  'replay FILE --speed instant',
  'verify FILE',
  'check FILE',
  'check FILE --against DEMO',
  'check DEMO --against FILE',
  'diff FILE DEMO',
  'diff DEMO FILE',
  `redact FILE -o ${out} --force`,
  `report FILE -o ${out}.html --force`,
  `export FILE --format csv -o ${out}.csv --force`,
  `export FILE --format perfetto -o ${out}.json --force`,
  `export FILE --format otlp -o ${out}.jsonl --force`,
  `export FILE --format parquet -o ${out}.parquet --force`,
  `export FILE --format folded -o ${out}.txt --force`,
  `coverage FILE --html ${out}.html --force`,
  `cut FILE --drop statfs#1 -o ${out} --force`,
  `cut FILE --delay create#1=1ms -o ${out} --force`,
  `report FILE DEMO -o ${out}.html --force`,
]

/** Runs the command line in this process; all that is printed is thrown away but for stderr. */
async function run(command) {
  const args = command.split(' ').map((word) => (word === 'FILE' ? file : word === 'DEMO' ? whole : word))
  let stderr = ''
  const kept = ['stdout', 'stderr'].map((name) => [name, process[name].write])
  for (const [name] of kept) {
    process[name].write = (chunk, ...more) => {
      if (name === 'stderr') stderr += chunk
      for (const done of more) if (typeof done === 'function') done()
      return true
    }
  }
  const began = process.cpuUsage()
  process.exitCode = undefined
  let thrown = null
  try {
    await main(['node', 'fusetrace', ...args])
  } catch (error) {
    thrown = error
  }
  for (const [name, write] of kept) process[name].write = write
  const code = Number(process.exitCode ?? 0)
  process.exitCode = undefined
  const { user, system } = process.cpuUsage(began)
  return { code, stderr, ms: (user + system) / 1000, thrown }
}

const bad = new Map()
const counts = {}
let slowest = 0
async function damaged(what, bytes, command) {
  writeFileSync(file, bytes)
  const { code, stderr, ms, thrown } = await run(command)
  slowest = Math.max(slowest, ms)
  counts[code] = (counts[code] ?? 0) + 1
  const why =
    thrown !== null
      ? `threw ${String(thrown).slice(0, 80)}`
      : code === 0
        ? 'exit 0'
        : /a bug|\bat .*\.js:\d/.test(stderr)
          ? `a bug: ${stderr.slice(0, 120)}`
          : ms > 5000
            ? `${Math.round(ms)} ms`
            : null
  if (why === null) return
  const key = `${command.replaceAll(dir, '')}: ${why}`
  const seen = bad.get(key) ?? { count: 0, first: what }
  seen.count++
  bad.set(key, seen)
}

/** One that was made by today's writer, of the rows of another. */
function packed(from, to) {
  const reader = openRecording(from)
  const writer = RecordingWriter.create(to, reader.header)
  for (const row of reader.rows()) writer.write(row)
  writer.finish({ unparsed: reader.footer?.unparsed ?? 0 })
  reader.close()
  return to
}

const whole = packed(DEMO, join(dir, 'whole.fusetrace'))
/** Always the same choice: no run is luckier than another. */
let seed = 1
const random = (below) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return Math.floor((seed / 2 ** 32) * below)
}

const originals = [readFileSync(whole), readFileSync(OLD)]
for (const original of originals) {
  for (let i = 0; i < flips / originals.length; i++) {
    const bytes = Buffer.from(original)
    const bit = random(bytes.length * 8)
    bytes[bit >> 3] ^= 1 << (bit & 7)
    await damaged(`bit ${bit}`, bytes, COMMANDS[i % COMMANDS.length])
  }
  for (let length = 0; length < original.length; length++) {
    await damaged(`cut at ${length}`, original.subarray(0, length), COMMANDS[length % COMMANDS.length])
  }
}
rmSync(dir, { recursive: true })
for (const [key, { count, first }] of bad) console.log(`!! ${count} × ${key} (first: ${first})`)
const cuts = originals.reduce((sum, { length }) => sum + length, 0)
const mb = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(
  `${flips} flips, ${cuts} cuts: exit codes ${JSON.stringify(counts)}, slowest ${Math.round(slowest)} ms, ${mb} MB, ${bad.size} kinds of what should not be`,
)
process.exitCode = bad.size > 0 || mb > 300 ? 1 : 0
