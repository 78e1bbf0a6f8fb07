// How much of what a daemon has logged is lost with a kill -9 of the recorder? Run by hand: node test/attack/kill.js [kills] [creators]
// bindfs with its debug log on, creators that keep it and this machine busy, and every 5 ms a line with the time, which is kept in a
// file of its own as well. What counts is how long before the kill the first line was logged that the recording lacks. Needs a build.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRecording } from '../../dist/index.js'

const [kills = 200, creators = 8] = process.argv.slice(2).map(Number)
const CLI = new URL('../../bin/fusetrace.js', import.meta.url).pathname

/** Stands before the daemon: every line of it, and every 5 ms one of its own, which it then notes as logged. */
const STAMP = `
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const child = spawn(process.argv[2], process.argv.slice(3), { stdio: ['ignore', 'inherit', 'inherit'] })
child.on('exit', (code) => process.exit(code ?? 1))
process.on('SIGTERM', () => child.kill('SIGTERM'))
const truth = fs.openSync(__dirname + '/truth', 'a')
setInterval(() => {
  const now = process.hrtime.bigint()
  fs.writeSync(1, 'stamp ' + now + '\\n')
  fs.writeSync(truth, now + '\\n')
}, 5)
`

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function kill(round) {
  const dir = mkdtempSync(join(tmpdir(), 'fusetrace-kill-'))
  const [source, mount, file] = ['source', 'mount', 'x.fusetrace'].map((name) => join(dir, name))
  mkdirSync(source)
  mkdirSync(mount)
  writeFileSync(join(dir, 'stamp.js'), STAMP)
  const loop = 'i=0; while :; do i=$((i+1)); echo $i > $MOUNT/f$1-$((i%500)); done'
  writeFileSync(join(dir, 'creator.sh'), loop)
  const workload = `for n in $(seq ${creators}); do sh ${dir}/creator.sh $n & done; wait`
  const daemon = [process.execPath, join(dir, 'stamp.js'), 'bindfs', '-f', '-d', source, mount]
  const args = ['record', '-o', file, '--mountpoint', mount, '--workload', workload, '--', ...daemon]
  const recorder = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' })
  const ended = new Promise((resolve) => recorder.once('exit', resolve))
  while (!readFileSync('/proc/self/mountinfo', 'latin1').includes(mount) && recorder.exitCode === null) await sleep(20)
  await sleep(1500 + ((round * 7919) % 1500))
  recorder.kill('SIGKILL')
  const killedNs = process.hrtime.bigint()
  await ended
  const kept = new Set()
  let lines = 0
  const reader = openRecording(`${file}.partial`)
  for (const row of reader.rows({ kinds: ['line'] })) {
    lines++
    const stamp = /^stamp (\d+)$/.exec(row.raw)
    if (stamp) kept.add(stamp[1])
  }
  reader.close()
  const logged = readFileSync(join(dir, 'truth'), 'utf8').trim().split('\n')
  const lost = logged.find((stamp) => BigInt(stamp) <= killedNs && !kept.has(stamp))
  for (let i = 0; i < 100 && readFileSync('/proc/self/mountinfo', 'latin1').includes(mount); i++) await sleep(50)
  const left = readFileSync('/proc/self/mountinfo', 'latin1').includes(mount)
  // The guard ends the creators first.
  if (!left) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  return { ms: lost === undefined ? 0 : Number(killedNs - BigInt(lost)) / 1e6, lines, left }
}

const all = []
for (let round = 0; round < kills; round++) {
  const one = await kill(round)
  all.push(one.ms)
  console.error(`${round + 1}: ${one.ms.toFixed(1)} ms, ${one.lines} lines${one.left ? ', the mount is left' : ''}`)
}
all.sort((a, b) => a - b)
const at = (share) => all[Math.min(all.length - 1, Math.floor(all.length * share))]?.toFixed(1)
console.log(
  `${all.length} kills under ${creators} creators: median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms lost`,
)
