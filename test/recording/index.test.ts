import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { makeHeader } from '../../src/recording/header.js'
import { openRecording } from '../../src/recording/reader.js'
import { RecordingWriter } from '../../src/recording/writer.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-index-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('the index of a recording has each block’s place, earliest time and first line', () => {
  const file = join(directory, 'x.fusetrace')
  const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'import', originNs: 0n } as const
  const writer = RecordingWriter.create(file, makeHeader(facts))
  const count = 70_000
  for (let i = 0; i < count; i++) {
    writer.write({ kind: 'line', atNs: 1000 + i * 10, stream: 'stdout', raw: `line ${i}`, terminated: true })
    // A call is written when it ends, and began long before.
    if (i === count - 1) {
      writer.write({
        kind: 'call',
        beginNs: 7,
        endNs: 999_999,
        root: 'mount',
        method: 'x',
        args: [],
        result: 1,
        error: null,
      })
    }
  }
  writer.finish({ unparsed: 0 })
  const reader = openRecording(file)
  const { index = [], durationNs } = reader.footer ?? {}
  expect(durationNs).toBe(999_999)
  expect(index.length).toBeGreaterThan(3)
  const offsets = index.map(([offset]) => offset)
  expect([...new Set(offsets)].sort((a, b) => a - b)).toEqual(offsets)
  expect(offsets[0]).toBeGreaterThan(0)
  expect(offsets.at(-1)).toBeLessThan(reader.bytes)
  // Lines come every 10 ns, so a block's first line says its earliest time; but for the last, in which the call is.
  const blocks = index.map(([, firstNs, firstLine]) => [firstNs, 1000 + firstLine * 10])
  expect(blocks[0]).toEqual([1000, 1000])
  expect(blocks.slice(0, -1).filter(([is, should]) => is !== should)).toEqual([])
  expect(index.at(-1)?.[1]).toBe(7)
  reader.close()
})

test('one that is written to a pipe while it is recorded has an index too', () => {
  const [pipe, file] = [join(directory, 'pipe'), join(directory, 'piped.fusetrace')]
  execFileSync('mkfifo', [pipe])
  const reading = openSync(pipe, constants.O_RDWR)
  const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'record', originNs: 0n } as const
  const writer = RecordingWriter.create(pipe, makeHeader(facts), { clock: virtualClock() })
  const line = { kind: 'line', stream: 'stdout', raw: 'a line', terminated: true } as const
  for (const atNs of [100, 200]) writer.write({ ...line, atNs })
  writer.flush()
  writer.write({ kind: 'call', beginNs: 150, endNs: 400, root: 'mount', method: 'x', args: [], result: 1, error: null })
  writer.write({ ...line, atNs: 300 })
  writer.finish()
  const bytes = Buffer.alloc(65536)
  writeFileSync(file, bytes.subarray(0, readSync(reading, bytes)))
  closeSync(reading)
  const reader = openRecording(file)
  expect(reader.footer?.index.map(([, firstNs, firstLine]) => [firstNs, firstLine])).toEqual([
    [100, 0],
    [150, 2],
  ])
  expect(reader.complete).toBe(true)
  reader.close()
})
