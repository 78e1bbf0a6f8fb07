import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { LineSplitter, linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import { toJson } from '../../src/operation/json.js'
import { captureFile, captures, stampedChunks } from '../dialect/score.js'
import { tries } from '../tries.js'

/** A capture's bytes of one stream, in one piece. */
function log(name: string, stream: string): Buffer {
  const bytes = captureFile(`${captures}/${name}`, 'log.tsv') ?? Buffer.alloc(0)
  return Buffer.concat([...stampedChunks(bytes)].flatMap((line) => (line.stream === stream ? [line.chunk] : [])))
}

function operations(bytes: Buffer, sizes: readonly number[]): string[] {
  const found: string[] = []
  const interpreter = new Interpreter({
    candidates: dialects,
    onEnd: (operation) => found.push(JSON.stringify(toJson(operation))),
  })
  const splitter = new LineSplitter({ onLine: (line) => interpreter.push(line) })
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const to = from + (sizes[i % sizes.length] ?? 0) + 1
    splitter.push('stdout', bytes.subarray(from, to), 0)
    from = to
  }
  splitter.end(0)
  interpreter.end(0)
  return found
}

describe('lines to operations', () => {
  test.each([
    ['mergerfs-rs-selfdebug', 'stdout'],
    ['mergerfs-rs-v-pretty-nocolor', 'stdout'],
    ['mergerfs-rs-v-json-nocolor', 'stdout'],
    ['mergerfs-rs-v-stderr', 'stderr'],
    ['bindfs-d', 'stderr'],
    ['libfuse3-passthrough_ll-d', 'stderr'],
    ['gocryptfs-fusedebug', 'stderr'],
    ['rclone-vv-debugfuse', 'stderr'],
  ])('%s: any cut of its bytes gives the same operations', (name, stream) => {
    const bytes = log(name, stream)
    const whole = operations(bytes, [bytes.length])
    expect(whole.length).toBeGreaterThan(100)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        expect(operations(bytes, sizes)).toEqual(whole)
      }),
      { numRuns: tries(2, 20) },
    )
  })

  test('every line is reported once, in order, whether it waited for the dialect or not', () => {
    const seen: number[] = []
    const interpreter = new Interpreter({ candidates: dialects, onLine: ({ index }) => seen.push(index) })
    const text = `${'prose\n'.repeat(5000)}unique: 2, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 1\n   unique: 2, success, outsize: 96\n`
    for (const line of linesOf(text)) interpreter.push(line)
    interpreter.end(0)
    expect(seen).toEqual([...Array(5002).keys()])
    expect([interpreter.lines, interpreter.unparsed, interpreter.dialect?.name]).toEqual([5002, 5000, 'libfuse'])
  })

  test('a log of no dialect gives no operations and says so', () => {
    const interpreter = new Interpreter({ candidates: dialects })
    for (const line of linesOf('hello\nworld\n')) interpreter.push(line)
    interpreter.end(0)
    expect([interpreter.dialect?.name, interpreter.unparsed]).toEqual(['none', 2])
  })

  test('an end without a beginning counts as not understood', () => {
    const interpreter = new Interpreter({ candidates: dialects })
    const text = '   unique: 2, success, outsize: 96\nunique: 4, opcode: STATFS (17), nodeid: 1, insize: 40, pid: 1\n'
    for (const line of linesOf(text)) interpreter.push(line)
    interpreter.end(0)
    expect(interpreter.unparsed).toBe(1)
  })
})
