import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encode } from '../../src/line/text.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { fusetrace, objects } from './run.js'

let directory: string
let path: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-show-'))
  path = recording('x.fusetrace', rows)
})
afterAll(() => rmSync(directory, { recursive: true }))

function recording(name: string, given: readonly Row[], finish = true): string {
  const file = join(directory, name)
  const header = makeHeader({
    fusetraceVersion: '1',
    nodeVersion: '20',
    origin: 'test',
    originNs: 5n,
    dialect: 'libfuse',
  })
  const writer = RecordingWriter.create(file, header)
  for (const row of given) writer.write(row)
  if (finish) writer.finish({ unparsed: 1 })
  else writer.abandon()
  return finish ? file : `${file}.partial`
}

const base: Operation = {
  id: 0,
  opcode: 'create',
  unique: 8,
  path: '/a.txt',
  newPath: null,
  name: null,
  startNs: 1e6,
  endNs: 1_250_000,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  pid: 7,
  lines: [0, 1],
}
const line = (atNs: number, text: string): Row => ({
  kind: 'line',
  atNs,
  stream: 'stderr',
  raw: encode(text),
  terminated: true,
})
const operation = (given: Partial<Operation>): Row => ({ kind: 'operation', operation: { ...base, ...given } })
const hostile = 'f\n\x1b[31mred'

/** Two steps; the lookup starts before the rename and ends after it. */
const rows: readonly Row[] = [
  { kind: 'mount', atNs: 0, event: 'answered', detail: null },
  { kind: 'mark', atNs: 500_000, edge: 'begin', name: 'make' },
  line(1e6, 'create'),
  operation({}),
  { kind: 'mark', atNs: 2e6, edge: 'end', name: 'make' },
  { kind: 'mark', atNs: 3e6, edge: 'begin', name: 'move' },
  line(4e6, 'rename \x1b[2J'),
  operation({
    id: 2,
    opcode: 'rename',
    unique: 12,
    newPath: '/b.txt',
    startNs: 5e6,
    endNs: 6e6,
    pid: 9,
    lines: [2, 3],
  }),
  operation({
    id: 1,
    opcode: 'lookup',
    unique: 10,
    path: `/${hostile}`,
    startNs: 4e6,
    endNs: 8e6,
    status: 'error',
    errno: 'ENOENT',
    lines: [1, 4],
  }),
  operation({ id: 3, opcode: 'release', startNs: 8e6, endNs: 9e6, endedBy: 'next-request', status: 'unknown' }),
  operation({ id: 4, opcode: 'read', startNs: 9e6, endNs: null, endedBy: null, status: 'unfinished' }),
  { kind: 'mark', atNs: 9_500_000, edge: 'moment', name: 'look here' },
  { kind: 'loss', atNs: 9_600_000, what: 'line-bytes', count: 4 },
  { kind: 'loss', atNs: 9_700_000, what: 'line-bytes', count: 2 },
  { kind: 'exit', atNs: 1e7, code: null, signal: 'SIGKILL' },
]

const ids = async (...options: string[]): Promise<unknown[]> =>
  objects((await fusetrace('show', path, '--json', ...options)).stdout).map(({ id }) => id)

describe('show', () => {
  test('prints operations as the contract has them, in order of start', async () => {
    const ran = await fusetrace('show', path, '--operations', '--json')
    const [first, ...rest] = ran.stdout.split('\n')
    expect(first).toBe(
      '{"id":0,"opcode":"create","unique":8,"path":"/a.txt","newPath":null,"name":null,"startNs":1000000,"endNs":1250000,' +
        '"endedBy":"reply","status":"ok","errno":null,"pid":7,"lines":[0,1]}',
    )
    expect(objects(rest.join('\n')).map(({ id }) => id)).toEqual([1, 2, 3, 4])
    expect(ran).toMatchObject({ code: 0, stderr: '' })
  })

  test('is a table with steps as headings, and nothing in it acts on a terminal', async () => {
    const { stdout } = await fusetrace('show', path)
    expect(Buffer.from(stdout, 'latin1').toString().split('\n')).toEqual([
      '       time   duration  opcode        outcome       path',
      '   0.000000  · mount answered',
      '   0.000500  ▸ make',
      '   0.001000     250 µs  create        ok            /a.txt',
      '   0.003000  ▸ move',
      '   0.004000    4.00 ms  lookup        ENOENT        /f\\n\\e[31mred',
      '   0.005000    1.00 ms  rename        ok            /a.txt → /b.txt',
      '   0.008000          –  release       unknown ~     /a.txt',
      '   0.009000             read          unfinished    /a.txt',
      '   0.009500    · look here',
      '   0.009600  · lost: 4 line-bytes',
      '   0.009700  · lost: 2 line-bytes',
      '   0.010000  · the daemon ended: SIGKILL',
      '',
    ])
  })

  test.each([
    [
      ['--opcode', 'create,RENAME'],
      [0, 2],
    ],
    [
      ['--path', 'a.txt'],
      [0, 2, 3, 4],
    ],
    [['--path', '/b*'], [2]],
    [['--pid', '9'], [2]],
    [['--errno', 'enoent'], [1]],
    [
      ['--since', '5ms'],
      [2, 3, 4],
    ],
    [
      ['--since', 'move'],
      [1, 2, 3, 4],
    ],
    [['--since', 'move', '--opcode', 'read,create'], [4]],
    [
      ['--limit', '2'],
      [0, 1],
    ],
    [['--limit', '0'], []],
  ])('%j chooses', async (options, expected) => {
    expect(await ids(...options)).toEqual(expected)
  })

  test('steps have their times and counts', async () => {
    expect(objects((await fusetrace('show', path, '--steps', '--json')).stdout)).toEqual([
      { name: 'make', depth: 0, beginNs: 500_000, endNs: 2e6, operations: 1, errors: 0 },
      { name: 'move', depth: 0, beginNs: 3e6, endNs: null, operations: 4, errors: 1 },
    ])
    const { stdout } = await fusetrace('show', path, '--steps')
    expect(stdout).toMatch(/0\.000500 +1\.50 ms +1 operations +0 failed +make\n/)
    expect(stdout).toMatch(/0\.003000 +not ended +4 operations +1 failed +move\n/)
  })

  test('lines are escaped for people and exact in JSON', async () => {
    expect((await fusetrace('show', path, '--lines')).stdout).toMatch(/0\.004000 {2}stderr {2}rename \\e\[2J\n$/)
    expect(objects((await fusetrace('show', path, '--lines', '--json', '--since', 'move')).stdout)).toEqual([
      { index: 1, atNs: 4e6, stream: 'stderr', text: 'rename \x1b[2J', terminated: true },
    ])
  })

  test.each([
    ['--since', 'nowhere'],
    ['--limit', '-1'],
    ['--pid', 'x'],
    ['--lines', '--steps'],
    ['--lines', '--opcode', 'create'],
    ['--jsn'],
  ])('%s %s is refused in one line', async (...options) => {
    const ran = await fusetrace('show', path, ...options)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/^fusetrace: [^\n]+; [^\n]+\n$/)
  })
})

test('a misspelt opcode is answered in the words of the command line', async () => {
  const { code, stderr } = await fusetrace('show', path, '--opcode', 'crate')
  expect(code).toBe(2)
  expect(stderr).toMatch(/there is no opcode "crate": did you mean create\?; without the filter, all that is there/)
})

describe('info and stats', () => {
  test('agree with show', async () => {
    const info = JSON.parse((await fusetrace('info', path, '--json')).stdout)
    expect(info).toMatchObject({
      format: 4,
      dialect: 'libfuse',
      originNs: '5',
      durationNs: 1e7,
      lines: 2,
      operations: 5,
      unparsed: 1,
      losses: [{ what: 'line-bytes', count: 6 }],
      complete: true,
      exit: { code: null, signal: 'SIGKILL' },
      steps: ['make', 'move'],
      problem: null,
    })
    expect((await fusetrace('info', path)).stdout).toMatch(/losses: +6 line-bytes\nexit: +SIGKILL\ncomplete: +yes\n$/)
    const stats = JSON.parse((await fusetrace('stats', path, '--json')).stdout)
    expect(stats).toMatchObject({ operations: 5, errors: 1, complete: true })
    expect(stats.opcodes).toHaveLength(5)
    expect(stats.opcodes).toContainEqual({
      queueMedianNs: null,
      queueP99Ns: null,
      opcode: 'lookup',
      count: 1,
      errors: 1,
      unfinished: 0,
      inferred: 0,
      minNs: 4e6,
      medianNs: 4e6,
      p99Ns: 4e6,
      maxNs: 4e6,
    })
    // What only the next request or nothing ended has no duration.
    for (const opcode of ['release', 'read']) {
      expect(stats.opcodes).toContainEqual(expect.objectContaining({ opcode, medianNs: null }))
    }
    expect((await fusetrace('stats', path)).stdout).toMatch(/^all +5 +1 +1$/m)
  })

  test('stats know the median and the tail', async () => {
    const many = Array.from({ length: 200 }, (_, id) =>
      operation({ id, startNs: 0, endNs: (id + 1) * 1000, lines: [id, id] }),
    )
    const { opcodes } = JSON.parse((await fusetrace('stats', recording('many.fusetrace', many), '--json')).stdout)
    expect(opcodes).toMatchObject([{ count: 200, minNs: 1000, medianNs: 100_000, p99Ns: 198_000, maxNs: 200_000 }])
  })
})

describe('a recording that is not whole', () => {
  test('unfinished: what there is, and that it is not all', async () => {
    const partial = recording('killed.fusetrace', rows.slice(0, 8), false)
    expect(JSON.parse((await fusetrace('info', partial, '--json')).stdout)).toMatchObject({
      complete: false,
      problem: 'it was not finished',
      lines: 2,
      operations: 2,
      unparsed: 2,
      exit: null,
    })
    for (const command of [['show'], ['show', '--lines'], ['stats'], ['replay', '--speed', 'instant']]) {
      const ran = await fusetrace(...command, partial)
      expect(ran.code).toBe(0)
      expect(ran.stderr).toMatch(/killed.fusetrace.partial is not whole: it was not finished\n$/)
    }
    const ran = await fusetrace('info', partial.replace('.partial', ''))
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('killed.fusetrace.partial')
  })

  test('cut: what can be read is shown, and that it is not all is a finding of every command', async () => {
    const cut = join(directory, 'cut.fusetrace')
    writeFileSync(cut, readFileSync(path).subarray(0, -3))
    const out = join(directory, 'cut.out')
    const all = [
      ...[['show'], ['show', '--lines'], ['show', '--canonical'], ['stats'], ['stats', '--json'], ['info']],
      ...[
        ['replay', '--speed', 'instant'],
        ['export', '--format', 'csv', '-o', out],
      ],
      ...[['report', '-o', out], ['coverage']],
    ]
    for (const [command = '', ...options] of all) {
      const whole = await fusetrace(command, path, ...options)
      rmSync(out, { force: true })
      const ran = await fusetrace(command, cut, ...options)
      expect(whole.code, command).toBe(0)
      expect(ran.code, command).toBe(1)
      if (command === 'show' || command === 'replay')
        expect(ran.stdout.length).toBeGreaterThanOrEqual(whole.stdout.length)
      rmSync(out, { force: true })
    }
  })

  test('cut: also where it is read for something else', async () => {
    const demo = 'recordings/demo.fusetrace'
    const half = join(directory, 'half.fusetrace')
    writeFileSync(half, readFileSync(demo).subarray(0, 3000))
    const module = join(directory, 'waits.mjs')
    writeFileSync(module, 'export default async () => undefined')
    for (const words of [
      ['formats', 'explain'],
      ['explore', module, '--recording'],
    ]) {
      expect(await fusetrace(...words, demo)).toMatchObject({ code: 0, stderr: '' })
      expect(await fusetrace(...words, half)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/half.fusetrace is not whole: it is cut in the block at byte \d+\n$/),
      })
    }
    const golden = await fusetrace('check', half)
    expect(golden.code).toBe(1)
    expect(golden.stdout).toMatch(/: 1 finding \(1 breaks\)\n[\s\S]*\nbreaks {2}recording-damaged /)
    // A part of it that has its dialect can be edited.
    const edit = ['cut', half, '--drop', 'create', '-o', join(directory, 'edited')]
    expect(await fusetrace(...edit)).toMatchObject({ code: 1, stderr: expect.stringMatching(/is not whole: /) })
    writeFileSync(half, readFileSync(demo).subarray(0, 500))
    const ran = await fusetrace(...edit, '--force')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/cannot be edited: its dialect is not known, since it /)
    expect(await fusetrace('watch', demo)).toMatchObject({
      code: 2,
      stderr: 'fusetrace: recordings/demo.fusetrace is a recording, and no log; fusetrace show prints its operations\n',
    })
  })

  test('damaged: nothing is wrong in silence', async () => {
    const bytes = readFileSync(path)
    const damaged = join(directory, 'damaged.fusetrace')
    for (let at = 0; at < bytes.length; at += 7) {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] as number) ^ 0x10
      writeFileSync(damaged, copy)
      const info = await fusetrace('info', damaged, '--json')
      expect(info.code).not.toBe(0)
      if (info.code === 1)
        expect(JSON.parse(info.stdout)).toMatchObject({ complete: false, problem: expect.any(String) })
      else expect(info).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^fusetrace: [^\n]+\n$/) })
      const shown = await fusetrace('show', damaged, '--operations', '--json')
      expect(shown.code).not.toBe(0)
      expect(shown.stderr).toMatch(/^fusetrace: [^\n]+\n$/)
      expect(objects(shown.stdout).every(({ id }) => typeof id === 'number')).toBe(true)
    }
  })
})
