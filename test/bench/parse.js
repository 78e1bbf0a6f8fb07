import { createReadStream, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { Bench } from 'tinybench'
import { dialects } from '../../dist/dialect/builtin.js'
import { LineSplitter } from '../../dist/line/splitter.js'
import { Interpreter } from '../../dist/operation/interpreter.js'
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
  for await (const chunk of createReadStream(file)) splitter.push('stdout', chunk, 0)
  splitter.end(0)
  interpreter.end(0)
  return count
}

/** Heap in use after parsing, in MiB, with everything collectable collected where node runs with --expose-gc. */
function heap() {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

export async function parseBench() {
  const small = await heavyLog(20_000)
  const large = await heavyLog(168_048)
  const bench = new Bench({ iterations: 9, time: 0, warmupIterations: 3, warmupTime: 0 })
  bench.add('empty readline', () => emptyReadline(large.file))
  bench.add('full parse', () => fullParse(large.file))
  await bench.run()
  const median = (name) => bench.getTask(name).result.latency.p50
  const loop = median('empty readline')
  const parse = median('full parse')
  console.log(`parse: ${large.lines} lines, ${(large.bytes / 2 ** 20).toFixed(1)} MiB, medians of 9 after 3 to warm up`)
  console.log(`  empty readline loop  ${loop.toFixed(0)} ms  ${Math.round(large.lines / loop)} lines/ms`)
  console.log(`  bytes to operations  ${parse.toFixed(0)} ms  ${Math.round(large.lines / parse)} lines/ms`)
  console.log(`  speed against the empty loop: ${(loop / parse).toFixed(2)} (goal: at least 0.50)`)
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
