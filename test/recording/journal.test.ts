import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import { journalFile, journalFiles, journalHead, journalOwner, readFrames } from '../../src/recording/journal-file.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-journal-'))
  path = join(dir, 'x.fusetrace')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function frame(pipe: number, atNs: number, offset: number, text: string, damage = 0): Buffer {
  const head = Buffer.alloc(25)
  const bytes = Buffer.from(text, 'latin1')
  head.writeUInt32LE(bytes.length, 0)
  head.writeUInt8(pipe, 4)
  head.writeDoubleLE(atNs, 5)
  head.writeDoubleLE(offset, 13)
  head.writeUInt32LE((crc32(bytes, crc32(head.subarray(0, 21))) ^ damage) >>> 0, 21)
  return Buffer.concat([head, bytes])
}

const journal = (segment: number, ...frames: Buffer[]): void =>
  writeFileSync(journalFile(path, segment), Buffer.concat([journalHead(), ...frames]))
const texts = (segment = 0): (string | null)[] => [...readFrames(journalFile(path, segment))].map(({ bytes }) => bytes)

describe('the journal', () => {
  test('is in segments, in the order of their numbers', () => {
    for (const name of ['raw10', 'raw9', 'raw0', 'rawx', 'raw1x', 'raw']) writeFileSync(`${path}.partial.${name}`, '')
    writeFileSync(join(dir, 'y.fusetrace.partial.raw1'), '')
    expect(journalFiles(path)).toEqual([0, 9, 10].map((segment) => journalFile(path, segment)))
    expect(journalFiles(join(dir, 'none/x'))).toEqual([])
  })

  test('gives back what was read, to its end or the first frame that is not whole', () => {
    journal(0, frame(1, 7, 3, 'a\xff'), frame(0, 8, 0, ''), frame(1, 9, 5, 'b'))
    const file = journalFile(path, 0)
    const frames = [...readFrames(file)]
    expect(frames).toEqual([
      { pipe: 1, atNs: 7, offset: 3, bytes: 'a\xff', end: 59 },
      { pipe: 0, atNs: 8, offset: 0, bytes: null, end: 84 },
      { pipe: 1, atNs: 9, offset: 5, bytes: 'b', end: 110 },
    ])
    expect([...readFrames(file, 59)]).toEqual(frames.slice(1))
    const whole = readFileSync(file)
    for (const length of [32, 58, 84, 108, 109]) {
      writeFileSync(file, whole.subarray(0, length))
      expect(texts()).toHaveLength(length < 59 ? 0 : length < 84 ? 1 : 2)
    }
    journal(0, frame(1, 7, 0, 'a'), frame(1, 7, 1, 'b', 1), frame(1, 7, 2, 'c'))
    expect(texts()).toEqual(['a'])
    journal(0, frame(1, 7, 0, 'x'.repeat(1 << 20)))
    expect(texts()).toHaveLength(1)
    journal(0, frame(1, 7, 0, 'x'.repeat((1 << 20) + 1)))
    expect(texts()).toEqual([])
  })

  test('is nothing but a file: no link is followed', () => {
    expect(texts()).toEqual([])
    journal(1, frame(1, 7, 0, 'a'))
    symlinkSync(journalFile(path, 1), journalFile(path, 0))
    expect([texts(0), texts(1)]).toEqual([[], ['a']])
    rmSync(journalFile(path, 1))
    symlinkSync(dir, journalFile(path, 1))
    expect(texts(1)).toEqual([])
  })

  test.skipIf(process.platform !== 'linux')('belongs to a process that lives: by its number and when it began', () => {
    expect(journalOwner(path)).toBeNull()
    journal(0)
    expect(journalOwner(path)).toBe(process.pid)
    const head = journalHead()
    const wrong = (change: (head: Buffer) => unknown): number | null => {
      const other = Buffer.from(head)
      change(other)
      writeFileSync(journalFile(path, 0), other)
      return journalOwner(path)
    }
    expect(wrong((other) => other.write('1', 12))).toBeNull()
    expect(wrong((other) => other.writeUInt32LE(2 ** 31, 8))).toBeNull()
    expect(wrong((other) => other.write('X', 0))).toBeNull()
    writeFileSync(journalFile(path, 0), head.subarray(0, 31))
    expect(journalOwner(path)).toBeNull()
    writeFileSync(journalFile(path, 1), head)
    expect(journalOwner(path)).toBe(process.pid)
    rmSync(journalFile(path, 0))
    symlinkSync(journalFile(path, 1), journalFile(path, 0))
    expect(journalOwner(path)).toBe(process.pid)
  })
})

describe('an unfinished recording', () => {
  const facts = { fusetraceVersion: '1', nodeVersion: '1', origin: 'record', originNs: 0n, dialect: 'tiny' } as const
  const line = (raw: string, stream: 'stdout' | 'stderr' = 'stdout'): Row => {
    return { kind: 'line', atNs: 5, stream, raw, terminated: true }
  }

  /** What is read after these rows and this journal, and which lines were interpreted. */
  function read(rows: readonly Row[], frames: Buffer[], change: object = {}, kinds?: Row['kind'][]) {
    rmSync(`${path}.partial`, { force: true })
    const writer = RecordingWriter.create(path, { ...makeHeader(facts), ...change }, { clock: virtualClock() })
    for (const row of rows) writer.write(row)
    writer.abandon()
    journal(0, ...frames)
    const seen: string[] = []
    const reader = openRecording(`${path}.partial`, {
      limits: { lineBytes: 20 },
      interpret: (header, onEnd) => ({
        push({ index, raw }) {
          seen.push(`${header.dialect} ${index} ${raw}`)
          onEnd({ id: /^\d+$/.test(raw) ? Number(raw) : index, opcode: raw } as Operation)
        },
        end: (atNs) => seen.push(`end ${atNs}`),
      }),
    })
    const out = [...reader.rows(kinds ? { kinds } : {})].map((row) => {
      if (row.kind === 'line') return `${row.stream} ${row.atNs} ${row.raw}${row.terminated ? '' : '…'}`
      return row.kind === 'loss'
        ? `${row.what} ${row.count}`
        : row.kind === 'operation'
          ? `#${row.operation.id}`
          : row.kind
    })
    expect(reader.complete).toBe(false)
    reader.close()
    return { out, seen }
  }

  test('goes on with what its journal has more, stream by stream', () => {
    const frames = [
      frame(0, 7, 0, 'one\ntw'),
      frame(1, 8, 0, 'first\n'),
      frame(0, 9, 6, 'o\nthr'),
      frame(2, 9, 0, 'no stream\n'),
      frame(0, 10, 11, ''),
      frame(1, 11, 6, 'second\n'),
    ]
    expect(read([line('one'), line('first', 'stderr')], frames).out).toEqual([
      ...['stdout 5 one', 'stderr 5 first', 'stdout 9 two', '#2', 'stderr 11 second', '#3', 'stdout 11 thr…', '#4'],
    ])
  })

  test('interprets all lines, and shows of their operations those that it does not have', () => {
    const known = (id: number) => ({ kind: 'operation', operation: { ...operation, id } }) as unknown as Row
    const rows: Row[] = [line('one'), known(0)]
    const { out, seen } = read(rows, [frame(0, 7, 0, 'one\ntwo\n')])
    expect(out).toEqual(['stdout 5 one', '#0', 'stdout 7 two', '#1'])
    expect(seen).toEqual(['tiny 0 one', 'tiny 1 two', 'end 7'])
    const frames = [frame(0, 7, 0, 'one\n9000\n9001\n8999\n2\n')]
    expect(read([line('one'), known(9000), known(2)], frames).out.filter((one) => one.startsWith('#'))).toEqual([
      ...['#9000', '#2', '#9001', '#8999'],
    ])
    expect(read([line('one')], [frame(0, 7, 0, 'one\ntwo\n')], { wire: true })).toEqual({
      ...{ out: ['stdout 5 one', 'stdout 7 two'], seen: [] },
    })
    expect(read(rows, [frame(0, 7, 0, 'one\ntwo\n')], {}, ['operation']).out).toEqual(['#0', '#1'])
  })

  test('counts what is missing between the two, what a line had lost, and what was replaced in it', () => {
    expect(read([line('one')], [frame(0, 7, 9, 'x\n')]).out).toEqual([
      'stdout 5 one',
      'log-bytes 5',
      'stdout 7 x',
      '#1',
    ])
    const lost: Row[] = [{ kind: 'loss', atNs: 5, what: 'line-bytes', count: 3 }, line('one'), line('two')]
    expect(read(lost, [frame(0, 7, 0, 'one+++\ntwo\nx\n')]).out.slice(3)).toEqual(['stdout 7 x', '#2'])
    const replaced: Row[] = [{ ...line('{home}'), readBytes: 2 } as Row, { ...line('x'), terminated: false } as Row]
    expect(read(replaced, [frame(0, 7, 0, '/h\nxy\n')]).out.slice(2)).toEqual(['stdout 7 y', '#2'])
    expect(read([], [frame(0, 7, 0, `${'x'.repeat(25)}\n`)]).out).toEqual([
      'line-bytes 5',
      `stdout 7 ${'x'.repeat(20)}`,
      '#0',
    ])
  })

  const operation = {
    ...{ opcode: 'one', unique: 1, path: null, newPath: null, name: null, startNs: 1, endNs: 2, endedBy: 'reply' },
    ...{ status: 'ok', errno: null, pid: null, lines: [0, 0] },
  }
})
