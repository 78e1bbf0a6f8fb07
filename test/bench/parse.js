import { createReadStream, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { dialects } from './dist/dialect/builtin.js'
import { readLog } from './dist/input/log-file.js'
import { LineSplitter } from './dist/line/splitter.js'
import { Interpreter } from './dist/operation/interpreter.js'
import { heavyLog } from './heavy-log.js'

async function emptyReadline(file) {
  let count = 0
  for await (const _ of createInterface({ input: createReadStream(file) })) count++
  return count
}

async function fullParse(file) {
  let count = 0
  const interpreter = new Interpreter({ candidates: dialects, onEnd: () => count++ })
  const splitter = new LineSplitter({ onLine: (line) => interpreter.push(line) })
  for await (const chunk of readLog(file)) splitter.push('stdout', chunk, 0)
  splitter.end(0)
  interpreter.end(0)
  return count
}

/** Heap in use after parsing, in MiB, with everything collectable collected where node runs with --expose-gc. */
function heap() {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const PAIRS = 11
const WARM_UP = 3

async function timed(task) {
  const began = process.hrtime.bigint()
  await task()
  return Number(process.hrtime.bigint() - began) / 1e6
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

/** Medians of pairs, one task right after the other: what else the machine does then slows both down. */
async function pairs(one, other) {
  const all = []
  for (let i = 0; i < WARM_UP + PAIRS; i++) all.push([await timed(one), await timed(other)])
  const measured = all.slice(WARM_UP)
  return {
    one: median(measured.map(([ms]) => ms)),
    other: median(measured.map(([, ms]) => ms)),
    ratio: median(measured.map(([a, b]) => a / b)),
  }
}

export async function parseBench() {
  const small = await heavyLog(20_000)
  const large = await heavyLog(168_048)
  const { one, other, ratio } = await pairs(
    () => emptyReadline(large.file),
    () => fullParse(large.file),
  )
  const size = `${large.lines} lines, ${(large.bytes / 2 ** 20).toFixed(1)} MiB`
  console.log(`parse: ${size}, medians of ${PAIRS} pairs after ${WARM_UP} to warm up`)
  console.log(`  empty readline loop  ${one.toFixed(0)} ms  ${Math.round(large.lines / one)} lines/ms`)
  console.log(`  bytes to operations  ${other.toFixed(0)} ms  ${Math.round(large.lines / other)} lines/ms`)
  console.log(`  speed against the empty loop: ${ratio.toFixed(2)} (goal: at least 0.50)`)
  const before = heap()
  const operations = await fullParse(small.file)
  const afterSmall = heap()
  await fullParse(large.file)
  const afterLarge = heap()
  console.log(
    `  heap after ${small.lines} lines (${operations} operations): ${(afterSmall - before).toFixed(1)} MiB more; ` +
      `after ${large.lines}: ${(afterLarge - before).toFixed(1)} MiB more`,
  )
  for (const { file } of [small, large]) rmSync(dirname(file), { recursive: true })
}
