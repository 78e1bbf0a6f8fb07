import { createReadStream, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { dialects } from '../../.bench/dialect/builtin.js'
import { readLog } from '../../.bench/input/log-file.js'
import { LineSplitter } from '../../.bench/line/splitter.js'
import { Interpreter } from '../../.bench/operation/interpreter.js'
import { CAPTURES, heavyLog } from './heavy-log.js'
import { pairs } from './measure.js'
import { row } from './table.js'

async function emptyReadline(file) {
  let count = 0
  for await (const _ of createInterface({ input: createReadStream(file) })) count++
  return count
}

/** What a JSON log costs at the very least. */
async function jsonParse(file) {
  let count = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    try {
      JSON.parse(line)
    } catch {}
    count++
  }
  return count
}

export async function fullParse(file) {
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

export async function parseBench() {
  console.log('parse: bytes to operations against an empty readline loop over the same file, medians of pairs')
  for (const [dialect, capture] of Object.entries(CAPTURES)) {
    // Long enough that compiling is no part of it.
    const log = await heavyLog(100_000, capture)
    const json = dialect === 'tracing-json'
    const { other, ratio } = await pairs(
      () => (json ? jsonParse : emptyReadline)(log.file),
      () => fullParse(log.file),
      { count: 7, warmUp: 3 },
    )
    const figure = `${Math.round(log.lines / other)} lines/ms, ${ratio.toFixed(2)} of ${json ? 'readline with JSON.parse' : 'readline'}`
    row('parse', dialect, figure, json ? '≥ 0.67' : dialect.startsWith('tracing') ? '≥ 0.80' : '≥ 0.50')
    rmSync(dirname(log.file), { recursive: true })
  }
  const small = await heavyLog(20_000)
  const large = await heavyLog(168_048)
  const before = heap()
  await fullParse(small.file)
  const afterSmall = heap()
  await fullParse(large.file)
  const [one, other] = [afterSmall - before, heap() - before].map((mib) => mib.toFixed(1))
  row('parse', `heap after ${small.lines} and ${large.lines} lines`, `${one} and ${other} MiB more`)
  for (const { file } of [small, large]) rmSync(dirname(file), { recursive: true })
}
