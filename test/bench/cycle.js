// What a mount of ours costs more than a bare one, up and down: alternating pairs on bindfs. Run by hand after a build:
//   node test/bench/cycle.js [pairs]
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLive } from '../../dist/index.js'
import { median } from './measure.js'

const pairs = Number(process.argv[2] ?? 15)
const mounted = (path) => readFileSync('/proc/self/mountinfo', 'latin1').includes(` ${path} `)
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
const exited = (child) => new Promise((resolve) => child.once('exit', resolve))

async function bare(source, mount) {
  let began = performance.now()
  const daemon = spawn('bindfs', ['-f', source, mount], { stdio: 'ignore' })
  const ended = exited(daemon)
  while (!mounted(mount)) await turn()
  const up = performance.now() - began
  began = performance.now()
  await exited(spawn('umount', [mount]))
  await ended
  return { up, down: performance.now() - began }
}

async function ours(source, mount) {
  let began = performance.now()
  const session = await startLive({ daemon: ['bindfs', '-f', '-d', source, mount], mountpoint: mount })
  const up = performance.now() - began
  began = performance.now()
  await session.close()
  return { up, down: performance.now() - began }
}

const rows = []
for (let i = 0; i < pairs + 1; i++) {
  const directory = mkdtempSync(join(tmpdir(), 'fusetrace-cycle-'))
  const [source, mount] = ['source', 'mount'].map((name) => join(directory, name))
  for (const path of [source, mount]) mkdirSync(path)
  const [first, second] = i % 2 === 0 ? [bare, ours] : [ours, bare]
  const one = await first(source, mount)
  const other = await second(source, mount)
  // The first pair loads what is used.
  if (i > 0) rows.push(i % 2 === 0 ? { bare: one, ours: other } : { bare: other, ours: one })
  rmSync(directory, { recursive: true, force: true })
}
const show = (of) => median(rows.map(of)).toFixed(1).padStart(7)
console.log(`cycle of a mount, ms, medians of ${pairs} alternating pairs (bindfs)`)
console.log(`             up    down   whole`)
for (const who of ['bare', 'ours']) {
  console.log(
    `  ${who}  ${show((row) => row[who].up)} ${show((row) => row[who].down)} ${show((row) => row[who].up + row[who].down)}`,
  )
}
const over = median(rows.map(({ bare: b, ours: o }) => o.up + o.down - 1.5 * (b.up + b.down)))
console.log(`  ours less 1.5 × bare, pair by pair: ${over.toFixed(1)} ms (goal: 20)`)
