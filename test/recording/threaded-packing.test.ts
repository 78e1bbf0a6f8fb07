import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { dialects } from '../../src/dialect/builtin.js'
import { importLog } from '../../src/input/import-log.js'
import type { Operation } from '../../src/operation/operation.js'
import { makeHeader } from '../../src/recording/header.js'
import { Packing } from '../../src/recording/packed/packing.js'
import { BatchWriter, batched, packBatch } from '../../src/recording/packed/row-batch.js'
import { openRecording } from '../../src/recording/reader.js'
import type { RecordingHeader, Row } from '../../src/recording/row.js'
import { RecordingWriter, type WriterOptions } from '../../src/recording/writer.js'

/** What stands for `dist/packing-thread.js`; null: that itself. */
const thread = vi.hoisted(() => ({ program: null as URL | null }))
vi.mock('../../src/version.js', async (original) => {
  const real = await original<typeof import('../../src/version.js')>()
  return { ...real, packageFile: (path: string) => thread.program ?? real.packageFile(path) }
})

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-threaded-'))
afterAll(() => rmSync(directory, { recursive: true }))

const header = makeHeader({ fusetraceVersion: '1', nodeVersion: '20', origin: 'import', originNs: 0n })

const operation = (id: number): Operation => ({
  id,
  opcode: id % 3 === 0 ? 'lookup' : 'getattr',
  unique: id * 2,
  path: id % 5 === 0 ? null : `/a${id % 7}/ä`,
  newPath: null,
  name: null,
  startNs: id * 10,
  endNs: id % 11 === 0 ? null : id * 10 + 3,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  pid: 2 ** 31 + id,
  lines: [id, id + 1],
})

function row(i: number): Row {
  if (i % 4 === 3) return { kind: 'operation', operation: operation(i) }
  if (i % 1000 === 10) return { kind: 'loss', atNs: i, what: 'truncated', count: 1 }
  const raw = i % 3000 === 20 ? 'x'.repeat(300_000) : `unique: ${i}, opcode: LOOKUP (1), \xff name ${i % 9}`
  const replaced = i % 777 === 0 ? { readBytes: raw.length + 5 } : {}
  return { kind: 'line', atNs: i * 1e6, stream: i % 2 ? 'stdout' : 'tty', raw, terminated: i % 50 !== 0, ...replaced }
}
const rows = Array.from({ length: 5500 }, (_, i) => row(i))

/** Half of the rows in, the header is another. */
const amend = (writer: RecordingWriter, i: number): void => {
  if (i === 4600) writer.setDialect('libfuse', 1)
}

async function threaded(name: string, options: WriterOptions = {}, count = rows.length): Promise<Buffer> {
  const file = join(directory, name)
  const writer = RecordingWriter.create(file, header, { threaded: true, ...options })
  for (const [i, row] of rows.slice(0, count).entries()) {
    amend(writer, i)
    writer.write(row)
    if (i % 500 === 0) await writer.ready()
  }
  expect(await writer.finished({ unparsed: 3 })).toBe(file)
  return readFileSync(file)
}

function here(count = rows.length): Buffer {
  const file = join(directory, 'here')
  const writer = RecordingWriter.create(file, header, { force: true })
  for (const [i, row] of rows.slice(0, count).entries()) {
    amend(writer, i)
    writer.write(row)
  }
  writer.finish({ unparsed: 3 })
  return readFileSync(file)
}

async function* log(): AsyncGenerator<Uint8Array> {
  const text = Array.from({ length: 6000 }, (_, i) =>
    i % 2 === 0
      ? `unique: ${i + 2}, opcode: LOOKUP (1), nodeid: 1, insize: 47, pid: 1\n`
      : `   unique: ${i + 1}, success, outsize: 144\n`,
  )
  for (let i = 0; i < text.length; i += 100) yield Buffer.from(text.slice(i, i + 100).join(''))
}

const program = (name: string, text: string): URL => {
  const file = join(directory, name)
  writeFileSync(file, text)
  return pathToFileURL(file)
}

describe('many rows are packed in a thread', () => {
  test('the bytes are those that are packed without', async () => {
    thread.program = null
    expect(await threaded('with')).toEqual(here())
  })

  test('also where the thread has no program', async () => {
    thread.program = new URL('file:///nowhere/packing-thread.js')
    expect(await threaded('without')).toEqual(here())
  })

  test.each([5500, 2000])('also of what is written live: %d rows', async (count) => {
    thread.program = null
    expect(await threaded(`live-${count}`, { clock: virtualClock() }, count)).toEqual(here(count))
  })

  test('a live recording whose thread is lost stays as it was written', async () => {
    thread.program = program('gone.cjs', 'process.exit(0)')
    await threaded('journal', { clock: virtualClock() })
    const recording = openRecording(join(directory, 'journal'))
    expect(recording.header.format).toBe(1)
    expect([...recording.rows()].length).toBe(rows.length)
    expect(recording.complete).toBe(true)
    recording.close()
  })

  test('batches hold rows as they were, whatever their header', () => {
    const pack = (add: (packing: Packing, row: Row, header: RecordingHeader) => void): Buffer => {
      const bytes: Buffer[] = []
      const packing = new Packing((some) => bytes.push(some))
      for (const row of rows.slice(0, 900)) add(packing, row, header)
      packing.flush(header)
      return Buffer.concat(bytes)
    }
    const inBatches = pack((packing, row, header) => {
      const batch = new BatchWriter(batched(row))
      expect(batch.add(batched(row))).toBe(true)
      packBatch(packing, structuredClone(batch.end().batch), header)
    })
    expect(inBatches.equals(pack((packing, row, header) => packing.add(row, header)))).toBe(true)
  })

  test.each([
    ['throws', 'throw new Error("no memory\\nat all")', 'the thread that packs the recording has ended: no memory'],
    ['is stopped', 'process.exit(0)', 'the thread that packs the recording has ended: it was stopped'],
  ])('a thread that %s is an error of one line, and nothing is left', async (name, text, message) => {
    thread.program = program(`${name.replace(' ', '-')}.cjs`, text)
    const before = readdirSync(directory)
    const output = join(directory, 'lost.fusetrace')
    const importing = importLog(log(), { output, candidates: dialects, fusetraceVersion: '1' })
    await expect(importing).rejects.toMatchObject({ code: 'FT_ENVIRONMENT', message })
    expect(readdirSync(directory)).toEqual(before)
  })

  test('what cannot be written is said as ever', async () => {
    thread.program = null
    const importing = importLog(log(), { output: '/dev/full', candidates: dialects, fusetraceVersion: '1' })
    await expect(importing).rejects.toMatchObject({ code: 'FT_OUTPUT' })
  })

  test('a writer with a thread is not ended without waiting for it', () => {
    const writer = RecordingWriter.create(join(directory, 'early'), header, { threaded: true })
    expect(() => writer.finish()).toThrow('finished()')
    writer.discard()
  })
})
