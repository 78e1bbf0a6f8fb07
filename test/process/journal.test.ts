import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { PipeReader } from '../../src/process/pipe-reader.js'
import { makeHeader } from '../../src/recording/header.js'
import { interpretTail } from '../../src/recording/interpret-tail.js'
import { journalFiles, readFrames } from '../../src/recording/journal-file.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { until } from '../live/machine.js'
import { compiled } from './compiled.js'

const clock = systemClock()

let dir: string
let file: string
const children: ChildProcess[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-journal-'))
  file = join(dir, 'x.fusetrace')
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** Rows of an unfinished recording, of some kinds. */
function rowsOf<K extends Row['kind']>(...kinds: K[]): Extract<Row, { kind: K }>[] {
  const reader = openRecording(`${file}.partial`, { interpret: interpretTail })
  try {
    return [...reader.rows({ kinds })] as Extract<Row, { kind: K }>[]
  } finally {
    reader.close()
  }
}

const linesOf = (stream: string): string[] => rowsOf('line').flatMap((row) => (row.stream === stream ? [row.raw] : []))

/** A recorder whose parser never comes back from the first chunk that it gets. */
const STUCK = `
import { spawn } from 'node:child_process'
import { systemClock } from 'src/clock.ts'
import { PipeReader } from 'src/process/pipe-reader.ts'
import { makeHeader } from 'src/recording/header.ts'
import { RecordingWriter } from 'src/recording/writer.ts'
const clock = systemClock()
const header = makeHeader({ fusetraceVersion: '1', nodeVersion: '1', origin: 'record', originNs: clock.originNs, dialect: 'libfuse' })
const writer = RecordingWriter.create(process.argv[2], header, { clock })
const pipes = new PipeReader({ clock, favour: 'times' })
pipes.beginJournal(process.argv[2])
const busy = { onChunk() { for (;;); }, onLoss() {} }
const [out, err] = await Promise.all([pipes.open(busy), pipes.open(busy)])
// The daemon's stdin ends with the recorder, and the daemon with its stdin.
spawn(process.execPath, ['-e', process.argv[3]], { stdio: ['pipe', out.fd, err.fd] })
out.spawned()
err.spawned()
setInterval(() => undefined, 1000)
`

describe('the journal of a recording', () => {
  test('what was read is there after a kill -9 of a recorder that has parsed nothing of it: lines, and what they show', async () => {
    const daemon = `
      const fs = require('node:fs')
      for (let i = 1; i <= 1000; i++) {
        fs.writeSync(2, 'unique: ' + i * 2 + ', opcode: MKDIR (9), nodeid: 1, insize: 44, pid: 1\\n')
        fs.writeSync(2, '   unique: ' + i * 2 + ', success, outsize: 144\\n')
        fs.writeSync(1, 'line ' + i + '\\n')
      }
      fs.writeSync(1, 'the end, without a line feed')
      process.stdin.resume()`
    const recorder = spawn(process.execPath, [await compiled(dir, STUCK), file, daemon], { stdio: 'ignore' })
    children.push(recorder)
    await until(() => journalFiles(file).some((name) => readFileSync(name, 'latin1').includes('without a line feed')))
    // It cannot be written by two.
    expect(() => RecordingWriter.create(file, makeHeader({ ...facts }), { force: true })).toThrow(
      expect.objectContaining({ code: 'FT_USAGE', message: `process ${recorder.pid} is recording to ${file}` }),
    )
    recorder.kill('SIGKILL')
    await new Promise((resolve) => recorder.once('exit', resolve))
    expect(linesOf('stdout')).toEqual([
      ...Array.from({ length: 1000 }, (_, i) => `line ${i + 1}`),
      'the end, without a line feed',
    ])
    expect(linesOf('stderr')).toHaveLength(2000)
    const operations = rowsOf('operation').map(({ operation }) => operation)
    expect(operations.map(({ unique, opcode, status }) => `${unique} ${opcode} ${status}`).join('\n')).toBe(
      Array.from({ length: 1000 }, (_, i) => `${2 * (i + 1)} mkdir ok`).join('\n'),
    )
    const times = rowsOf('line').map(({ atNs }) => atNs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  const facts = { fusetraceVersion: '1', nodeVersion: '1', origin: 'record' as const, originNs: 0n, dialect: 'libfuse' }

  /** Starts a reader with a journal, and a program whose stdout it reads. */
  async function reading(
    source: string,
    onChunk: (chunk: string) => void,
  ): Promise<{ pipes: PipeReader; ended: Promise<void> }> {
    const pipes = new PipeReader({ clock, favour: 'times', limitBytes: 1 })
    pipes.beginJournal(file)
    const out = await pipes.open({ onChunk, onLoss: () => expect.unreachable('nothing is lost') })
    children.push(spawn(process.execPath, ['-e', source], { stdio: ['ignore', out.fd, 'ignore'] }))
    out.spawned()
    return { pipes, ended: out.ended }
  }

  test('more than may wait is put aside in it and read back: nothing is lost, nothing is out of order', async () => {
    let text = ''
    let first = true
    const source = `
      const fs = require('node:fs')
      for (let i = 0; i < 3000; i++) fs.writeSync(1, String(i).padStart(9999) + '\\n')`
    const { pipes, ended } = await reading(source, (chunk) => {
      // Nothing is taken until all was written: 30 MB, of which 8 may wait.
      while (first && !children[0]?.killed && !zombie(children[0]?.pid ?? 0));
      first = false
      text += chunk
    })
    await ended
    const lines = text.split('\n')
    expect(lines).toHaveLength(3001)
    expect(lines.findIndex((line, i) => i < 3000 && Number(line) !== i)).toBe(-1)
    pipes.close()
    pipes.endJournal(false)
    expect(journalFiles(file)).toEqual([])
  })

  test('segments go when their lines are in the recording', async () => {
    let bytes = 0
    const source = `for (let i = 0; i < 1400; i++) require('node:fs').writeSync(1, 'x'.repeat(65_535) + '\\n')`
    const { pipes, ended } = await reading(source, (chunk) => {
      bytes += chunk.length
      pipes.tidyJournal({ stdout: bytes, stderr: 0 })
    })
    await ended
    pipes.tidyJournal({ stdout: bytes, stderr: 0 })
    const size = journalFiles(file).reduce((sum, name) => sum + statSync(name).size, 0)
    expect(bytes).toBe(1400 * 65_536)
    expect(size).toBeLessThan(64 * 1024 * 1024)
    pipes.close()
    pipes.endJournal(true)
    expect(journalFiles(file).length).toBeGreaterThan(0)
  })

  test('what the recording has is not read twice; a damaged end is not read, a gap is said', () => {
    const writer = RecordingWriter.create(file, makeHeader({ ...facts, dialect: 'none' }))
    writer.write({ kind: 'line', atNs: 1, stream: 'stdout', raw: 'one', terminated: true })
    writer.flush()
    writer.abandon()
    const keeper = new PipeReader({ clock })
    keeper.beginJournal(file)
    keeper.close()
    keeper.endJournal(true)
    const [name = ''] = journalFiles(file)
    const head = readFileSync(name)
    appendFileSync(name, frame(0, 0, 'one\ntw', 5))
    appendFileSync(name, frame(0, 6, 'o\nthr', 6))
    expect(linesOf('stdout')).toEqual(['one', 'two', 'thr'])
    const whole = readFileSync(name)
    for (let cut = head.length + frame(0, 0, 'one\ntw', 5).length; cut < whole.length; cut++) {
      truncateSync(name, cut)
      expect(linesOf('stdout')).toEqual(['one', 'tw'])
    }
    const flipped = Buffer.from(whole)
    flipped[whole.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    writeFileSync(name, flipped)
    expect(linesOf('stdout')).toEqual(['one', 'tw'])
    writeFileSync(name, Buffer.concat([head, frame(0, 10, 'ee\n', 7)]))
    expect(linesOf('stdout')).toEqual(['one', 'ee'])
    expect(rowsOf('loss')).toEqual([{ kind: 'loss', atNs: 7, what: 'log-bytes', count: 6 }])
    expect([...readFrames(name)]).toHaveLength(1)
  })
})

/** A frame as the journal has it, written here a second time. */
function frame(pipe: number, offset: number, text: string, atNs: number): Buffer {
  const head = Buffer.alloc(25)
  head.writeUInt32LE(text.length, 0)
  head.writeUInt8(pipe, 4)
  head.writeDoubleLE(atNs, 5)
  head.writeDoubleLE(offset, 13)
  const whole = Buffer.concat([head, Buffer.from(text, 'latin1')])
  whole.writeUInt32LE(crc32(Buffer.concat([whole.subarray(0, 21), whole.subarray(25)])), 21)
  return whole
}

function zombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.startsWith('Z') === true
  } catch {
    return true
  }
}
