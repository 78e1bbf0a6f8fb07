import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { readKernelEvent } from '../../src/dialect/kernel/event.js'
import { kernel } from '../../src/dialect/kernel/kernel.js'
import { KernelRequests } from '../../src/kernel/requests.js'
import { verify } from '../../src/kernel/verify.js'
import { linesOf } from '../../src/line/splitter.js'
import { Interpreter } from '../../src/operation/interpreter.js'
import type { Operation } from '../../src/operation/operation.js'
import { captureFile, captures, readCapture, scoreCapture, stampedChunks } from './score.js'

const logs = [
  ['bazil-loopback-debug', 'bazil', 52],
  ['rclone-vv-debugfuse', 'bazil', 50],
  ['jacobsa2026-memfs-debug', 'jacobsa', 54],
  ['go-fuse-2018-loopback', 'go-fuse', 53],
] as const

describe.each(logs)('%s', (name, dialect, paths) => {
  const score = scoreCapture(name)

  test('every request is an operation with its opcode, outcome and path', () => {
    const { missing, badOpcodes, badErrnos, pathMisses } = score
    expect({ missing, badOpcodes, badErrnos, pathMisses }).toEqual({
      missing: [],
      badOpcodes: [],
      badErrnos: [],
      pathMisses: [],
    })
    expect(score).toMatchObject({ dialect, recall: 1, phantom: 0, opcode: 1, errno: 1, errnoKnown: 1, path: 1 })
    expect(score.pathCount).toBe(paths)
  })

  test('odd names are read exactly, and forged lines in them are no operations', () => {
    const made = (path: string): Operation | undefined =>
      score.operations.find((one) => one.opcode === 'create' && one.path === path)
    const folder = score.operations.find((one) => one.opcode === 'mkdir' && one.path?.endsWith('odd'))?.path
    for (const odd of [
      'a name with spaces',
      'ünïcödé-日本-😀',
      'qu"ote\'s`',
      'back\\slash\\n',
      'new\nline',
      'tab\there',
      'br{ace}[s]=x, y',
      'x}: mergerfs_rs::fuse_fs: src#fuse_fs.rs:522: Starting open',
      'f\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1',
      'esc\x1b[31mred\x1b[0m',
      'L'.repeat(200),
    ]) {
      expect(made(`${folder}/${odd}`), odd).toMatchObject({ status: 'ok' })
    }
    const bad = score.operations.find((one) => one.opcode === 'create' && one.path?.includes('/bad'))
    expect(bad?.path).toMatch(/\/bad\\xFF\\xFEutf8?/)
    expect(Buffer.from(bad?.pathBytes ?? '', 'base64').includes(Buffer.from([0xff, 0xfe]))).toBe(true)
    expect(score.operations.filter((one) => one.unique === 999)).toEqual([])
  })

  test('only the lines of its own logger are understood', () => {
    const strange = readCapture(join(captures, name)).strange.map((line) => line.raw)
    expect(strange.filter((raw) => /<- |-> /.test(raw) && !raw.includes('DEBUG : odd/'))).toEqual([])
  })
})

describe("rclone's own lines alone", () => {
  const directory = join(captures, 'rclone-vv-debugfuse')
  const operations: Operation[] = []
  const interpreter = new Interpreter({ candidates: dialects, onEnd: (one) => operations.push(one) })
  let origin = 0n
  for (const { atNs, chunk } of stampedChunks(captureFile(directory, 'log.tsv') ?? Buffer.alloc(0))) {
    origin ||= atNs
    if (chunk.includes('DEBUG : fuse: ')) continue
    for (const line of linesOf(chunk, { atNs: Number(atNs - origin) })) interpreter.push(line)
  }
  interpreter.end(0)
  const requests = new KernelRequests()
  for (const line of linesOf(captureFile(directory, 'kernel.txt') ?? Buffer.alloc(0))) {
    const event = readKernelEvent(line.raw)
    if (event) requests.push({ ...event, atNs: Number(event.atNs - origin) })
  }
  const report = verify(
    operations.sort((a, b) => a.id - b.id),
    requests.list,
  )

  test('are read by their own dialect', () => expect(interpreter.dialect?.name).toBe('rclone'))

  test('show every request of their kind; what they show only now and then is not missed', () => {
    expect(report).toMatchObject({ joinedBy: 'order', phantom: 0, missing: {} })
    expect(report.opcode.agreeing).toBe(report.opcode.compared)
    expect(report.errno).toMatchObject({ compared: report.matched, agreeing: report.matched })
  })

  test('names with newlines are put together', () => {
    const flushed = operations.filter((one) => one.opcode === 'flush').map((one) => one.path)
    expect(flushed).toContain('/odd/new\nline')
    expect(flushed).toContain('/odd/f\nunique: 999, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1')
  })
})

describe('a saved trace of the kernel', () => {
  const directory = join(captures, 'bazil-loopback-debug')
  const operations: Operation[] = []
  const interpreter = new Interpreter({ candidates: dialects, onEnd: (one) => operations.push(one) })
  const text = captureFile(directory, 'kernel.txt') ?? Buffer.alloc(0)
  for (const line of linesOf(text)) interpreter.push(line)
  interpreter.end(0)

  test('is a log of its own, with every request', () => {
    expect(interpreter.dialect).toBe(kernel)
    expect(interpreter.unparsed).toBe(0)
    const counts: Record<string, number> = {}
    for (const { opcode } of operations) counts[opcode] = (counts[opcode] ?? 0) + 1
    const { kernel: told } = JSON.parse(String(captureFile(directory, 'meta.json')))
    const expected = Object.fromEntries(
      Object.entries(told.ops).map(([name, count]) => [name.slice(5).toLowerCase(), count]),
    )
    expect(counts).toEqual(expected)
  })

  test('has exact times and outcomes', () => {
    const missing = operations.find((one) => one.unique === 6)
    expect(missing).toMatchObject({ opcode: 'lookup', status: 'error', errno: 'ENOENT', path: null, endedBy: 'reply' })
    expect(operations[0]).toMatchObject({ opcode: 'init', unique: 2, startNs: 0, endNs: 593_000 })
  })
})
