import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { exploreRecording } from '../../src/schedule/explore-recording.js'
import { movesOf } from '../../src/schedule/moves.js'
import type { Explored } from '../../src/schedule/order.js'
import { variantOf } from '../../src/schedule/variant.js'
import { fusetrace, fusetraceProgram } from '../live/machine.js'

let dir: string
let recording: string

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-explore-'))
  recording = join(dir, 'run.fusetrace')
  const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'test', originNs: 5n, dialect: 'libfuse' } as const
  const writer = RecordingWriter.create(recording, makeHeader(facts))
  for (const row of rowsOf(RUN)) writer.write(row)
  writer.finish({ unparsed: 0 })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A file is written in a step, whose release came within it. */
const RUN = `+ create
unique: 8, opcode: CREATE (35), nodeid: 1, insize: 61, pid: 100
create flags: 0x8241 /a.txt 0100644 umask=0022
   create[5] flags: 0x8241 /a.txt
getattr /a.txt
   NODEID: 2
   unique: 8, success, outsize: 160
unique: 10, opcode: RELEASE (18), nodeid: 2, insize: 64, pid: 0
release[5] flags: 0x8001
   unique: 10, success, outsize: 16
- create
+ others
unique: 12, opcode: LOOKUP (1), nodeid: 1, insize: 42, pid: 100
LOOKUP /b.txt
getattr /b.txt
   unique: 12, error: -2 (No such file or directory), outsize: 16
unique: 14, opcode: MKDIR (9), nodeid: 1, insize: 42, pid: 100
mkdir /dir 0755 umask=0022
getattr /dir
   NODEID: 3
   unique: 14, success, outsize: 144
unique: 16, opcode: FORGET (2), nodeid: 2, insize: 48, pid: 0
- others`

/** A millisecond each: `+ NAME` and `- NAME` begin and end a step, the rest is the log. */
function rowsOf(script: string): Row[] {
  return script.split('\n').map((text, ms): Row => {
    const atNs = ms * 1e6
    if (text.startsWith('+ ')) return { kind: 'mark', atNs, edge: 'begin', name: text.slice(2) }
    if (text.startsWith('- ')) return { kind: 'mark', atNs, edge: 'end', name: text.slice(2) }
    return { kind: 'line', atNs, stream: 'stderr', raw: text, terminated: true }
  })
}

/** Passes as recorded; the kernel may send RELEASE later than the step that closed the file. */
const HASTY = `export default async ({ step, monitor }) => {
  await step('create', () => undefined)
  if (!monitor.recentOperations().some(({ opcode }) => opcode === 'release')) throw new Error('not released yet')
}`
const hasty: Explored = async ({ step, monitor }) => {
  await step('create', () => undefined)
  if (!monitor.recentOperations().some(({ opcode }) => opcode === 'release')) throw new Error('not released yet')
}

describe('a test on a recording, in the orders that could have come', () => {
  test('what waits for what it needs passes in each', async () => {
    const sound: Explored = async ({ step, waitFor }) => {
      await step('create', () => undefined)
      await waitFor.released('a.txt')
      await step('others', () => undefined)
      await waitFor.dirVisible('dir')
    }
    const report = await exploreRecording(recording, sound, { preemptions: 2, samples: 20 })
    expect(report).toMatchObject({ complete: true, failing: null })
    expect(report.orders).toBeGreaterThan(10)
  })

  test('what asserts a release without waiting for it fails in another order, and that order is named', async () => {
    expect(await exploreRecording(recording, hasty, { preemptions: 0 })).toMatchObject({ orders: 1, failing: null })
    const { failing } = await exploreRecording(recording, hasty)
    expect(failing?.error.message).toBe('not released yet')
    expect(failing?.preemptions).toMatchObject([
      { operation: { opcode: 'release', path: '/a.txt' }, what: 'log', after: 'the end of step create' },
    ])
  })

  test('a test that fails as recorded needs no other order', async () => {
    const wrong: Explored = () => {
      throw new Error('wrong')
    }
    expect(await exploreRecording(recording, wrong)).toMatchObject({
      orders: 1,
      failing: { preemptions: [], seed: null, error: { message: 'wrong' } },
    })
  })

  test('random orders are the same for the same seed, and the bound is kept and said', async () => {
    const orders = async (seed: number): Promise<string[]> => {
      const seen: string[] = []
      const play: Explored = async (session) => {
        await session.playToEnd()
        seen.push([...session.monitor.recentOperations()].map(({ opcode, lines }) => `${opcode} ${lines}`).join())
      }
      await exploreRecording(recording, play, { preemptions: 0, samples: 8, seed })
      return seen
    }
    const first = await orders(7)
    expect(await orders(7)).toEqual(first)
    expect(await orders(8)).not.toEqual(first)
    const bounded = await exploreRecording(recording, () => undefined, { preemptions: 3, maxOrders: 5 })
    expect(bounded).toMatchObject({ complete: false, failing: null })
    expect(bounded.orders + bounded.leftOut).toBe(5)
  })
})

describe('operations in flight together', () => {
  const operation = (id: number, lines: [number, number], opcode = 'write'): Operation => ({
    id,
    opcode,
    unique: 2 * id,
    path: `/${id}`,
    newPath: null,
    name: null,
    startNs: lines[0],
    endNs: lines[1],
    endedBy: 'reply',
    status: 'ok',
    errno: null,
    pid: null,
    lines,
  })
  const logOf = (...texts: string[]): Row[] =>
    texts.map((raw, atNs) => ({ kind: 'line', atNs, stream: 'stderr', raw, terminated: true }))
  const texts = (moved: Row[]): string[] => moved.flatMap((row) => (row.kind === 'line' ? [row.raw] : []))

  test('end in another order, unless one began after the other had ended', () => {
    const log = logOf('a', 'b', '/a', '/b')
    const moves = movesOf(log, [operation(0, [0, 2]), operation(1, [1, 3])])
    expect(moves.map((move) => texts(variantOf(log, [move])))).toEqual([['a', 'b', '/b', '/a']])
    // c may have waited for a's end.
    const waits = logOf('a', 'b', '/a', 'c', '/b', '/c')
    const fewer = movesOf(waits, [operation(0, [0, 2]), operation(1, [1, 4]), operation(2, [3, 5])])
    expect(fewer.map((move) => texts(variantOf(waits, [move])))).toEqual([['a', 'b', '/a', 'c', '/c', '/b']])
  })

  test('a descriptor is given out again after its release', () => {
    const log = logOf('release', '/release', 'open', '/open', 'read', '/read')
    const release = { ...operation(0, [0, 1], 'release'), path: '/x', fh: 3 }
    const read = operation(2, [4, 5], 'read')
    const open = { ...operation(1, [2, 3], 'open'), path: '/x' }
    expect(movesOf(log, [release, { ...open, fh: 3 }, read])).toEqual([])
    expect(movesOf(log, [release, { ...open, fh: 4 }, read]).map(({ behind }) => behind)).toEqual([3, 5])
  })

  test('times stay in order', () => {
    const log = logOf('a', 'b', '/a', '/b')
    const [move] = movesOf(log, [operation(0, [0, 2]), operation(1, [1, 3])])
    const times = variantOf(log, move ? [move] : []).map((row) => ('atNs' in row ? row.atNs : -1))
    expect(times).toEqual([0, 1, 3, 3])
  })
})

describe('fusetrace explore', () => {
  const module = (name: string, text: string): string => {
    const file = join(dir, name)
    writeFileSync(file, text)
    return file
  }

  test('exits with 0 when the test passes in each order, with 1 and the order when not', async () => {
    const good = module('good.mjs', 'export default ({ waitFor }) => waitFor.released("a.txt")')
    expect(await fusetraceProgram('explore', good, '--recording', recording)).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/^\d+ orders tried.*: the test passes in each$/),
    })
    const bad = module('bad.mjs', HASTY)
    const text = await fusetrace('explore', bad, '--recording', recording, '--preemptions', '1')
    expect(text.exitCode).toBe(1)
    expect(text.stdout).toMatch(
      /: the test fails in this one\n {2}#1 release \/a\.txt comes after the end of step create\n/,
    )
    expect(text.stdout).toMatch(/\n\nnot released yet$/)
    const json = JSON.parse((await fusetrace('explore', bad, '--recording', recording, '--json')).stdout)
    expect(json.failing).toMatchObject({
      preemptions: [{ operation: { opcode: 'release', path: '/a.txt' }, what: 'log', after: 'the end of step create' }],
      seed: null,
      error: 'not released yet',
    })
  })

  test.each([
    [() => ['nowhere.mjs'], /there is no module nowhere\.mjs; it is to end with `export default/],
    [() => [module('broken.mjs', 'export default (')], /broken\.mjs cannot be loaded: /],
    [() => [module('test.ts', 'export default (')], /test\.ts cannot be loaded: .*; compile TypeScript first$/],
    [() => [module('object.mjs', 'export default {}')], /no function; it is to end with/],
    [() => [module('fine.mjs', HASTY), '--samples', 'x'], /--samples x is not a whole number/],
  ])('says in one line what was wrongly given (%#)', async (args, says) => {
    const ran = await fusetrace('explore', ...args(), '--recording', recording)
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
    expect(ran.stderr).toMatch(says)
    expect(ran.stderr.split('\n')).toHaveLength(1)
  })
})
