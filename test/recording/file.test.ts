import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { FusetraceError } from '../../src/errors.js'
import { block, MAGIC, PACKED_FORMAT, preamble } from '../../src/recording/format.js'
import { makeHeader } from '../../src/recording/header.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { tries } from '../tries.js'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-file-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const header = makeHeader({ fusetraceVersion: '1', nodeVersion: '20', origin: 'import', originNs: 2n ** 60n })

function written(rows: readonly Row[], name = 'x.fusetrace'): string {
  const path = join(directory, name)
  const writer = RecordingWriter.create(path, header, { force: true })
  for (const row of rows) writer.write(row)
  writer.finish({ unparsed: 3 })
  return path
}

const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const raw = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const text = fc.string({ unit: 'grapheme' })
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null })
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    text,
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value

const row: fc.Arbitrary<Row> = fc.oneof(
  fc.record({
    kind: fc.constant('line' as const),
    atNs: time,
    stream: fc.constantFrom('stdout' as const, 'stderr' as const, 'tty' as const),
    raw,
    terminated: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('wait' as const),
    title: text,
    since: text,
    sinceNs: time,
    beginNs: time,
    endNs: time,
    end: fc.constantFrom('satisfied' as const, 'timeout' as const, 'mount-lost' as const, 'error' as const),
    by: fc.constantFrom('trace' as const, 'poll' as const, null),
    operations: fc.array(fc.nat(), { maxLength: 5 }),
    misses: fc.array(fc.record({ operation: fc.nat(), reasons: fc.array(text, { maxLength: 3 }) }), { maxLength: 3 }),
    note: maybe(text),
  }),
  fc.record({
    kind: fc.constant('mark' as const),
    atNs: time,
    edge: fc.constantFrom('begin' as const, 'end' as const, 'moment' as const),
    name: text,
  }),
  fc.record({
    kind: fc.constant('call' as const),
    beginNs: time,
    endNs: time,
    root: text,
    method: text,
    args: fc.array(value),
    result: value,
    error: maybe(fc.record({ code: text, errno: maybe(fc.integer()), syscall: maybe(text), message: text })),
  }),
  fc.record({
    kind: fc.constant('kernel' as const),
    atNs: time,
    edge: fc.constantFrom('send' as const, 'end' as const),
    unique: time,
    opcode: maybe(text),
    error: maybe(fc.integer()),
  }),
  fc.record({
    kind: fc.constant('probe' as const),
    atNs: time,
    probe: text,
    args: fc.array(raw),
    answer: fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), raw),
    errno: maybe(text),
  }),
  fc.record({
    kind: fc.constant('mount' as const),
    atNs: time,
    event: fc.constantFrom('spawned' as const, 'answered' as const, 'lost' as const, 'unmounted' as const),
    detail: maybe(text),
  }),
  fc.record({
    kind: fc.constant('operation' as const),
    operation: fc.record(
      {
        id: fc.nat(),
        opcode: text,
        unique: maybe(time),
        path: maybe(text),
        pathBytes: text,
        newPath: maybe(text),
        newPathBytes: text,
        target: maybe(text),
        targetBytes: text,
        name: maybe(text),
        nameBytes: text,
        startNs: time,
        endNs: maybe(time),
        endedBy: fc.constantFrom(
          'reply' as const,
          'span' as const,
          'last-event' as const,
          'next-request' as const,
          null,
        ),
        status: fc.constantFrom('ok' as const, 'error' as const, 'unknown' as const, 'unfinished' as const),
        errno: maybe(text),
        pid: maybe(fc.nat()),
        lines: fc.tuple(fc.nat(), fc.nat()),
      },
      {
        noNullPrototype: true,
        requiredKeys: [
          'id',
          'opcode',
          'unique',
          'path',
          'newPath',
          'name',
          'startNs',
          'endNs',
          'endedBy',
          'status',
          'errno',
          'pid',
          'lines',
        ],
      },
    ),
  }),
  fc.record({ kind: fc.constant('exit' as const), atNs: time, code: maybe(fc.integer()), signal: maybe(text) }),
  fc.record({ kind: fc.constant('loss' as const), atNs: time, what: text, count: fc.nat() }),
)

const line = (i: number): Row => ({ kind: 'line', atNs: i, stream: 'stdout', raw: `line ${i}`, terminated: true })

/** What a reader makes of these bytes: the rows that it gives, and whether it says that all is well. */
function reading(bytes: Uint8Array): { rows: Row[]; complete: boolean; error: string | null } {
  const path = join(directory, 'damaged.fusetrace')
  writeFileSync(path, bytes)
  const rows: Row[] = []
  try {
    const reader = openRecording(path)
    for (const one of reader.rows()) rows.push(one)
    const { complete, problem } = reader
    reader.close()
    if (!complete) expect(problem).toMatch(/\w/)
    return { rows, complete, error: null }
  } catch (error) {
    expect(error).toBeInstanceOf(FusetraceError)
    return { rows, complete: false, error: (error as FusetraceError).code }
  }
}

describe('a recording', () => {
  test('gives back what was written', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
        const reader = openRecording(written(rows))
        expect([...reader.rows()]).toEqual(rows)
        expect(reader).toMatchObject({ complete: true, problem: null, footer: { unparsed: 3 } })
        expect(reader.header).toEqual({ ...header, format: PACKED_FORMAT })
        expect(reader.footer?.counts.line).toBe(rows.filter(({ kind }) => kind === 'line').length)
        reader.close()
      }),
      { numRuns: tries(40, 400) },
    )
  })

  test('spreads over many blocks and can be read for one kind alone', () => {
    const rows: Row[] = Array.from({ length: 40_000 }, (_, i) => line(i))
    rows.splice(10_000, 0, { kind: 'exit', atNs: 5, code: 1, signal: null })
    const reader = openRecording(written(rows))
    expect([...reader.rows({ kinds: ['exit'] })]).toEqual([{ kind: 'exit', atNs: 5, code: 1, signal: null }])
    expect([...reader.rows({ kinds: ['line'] })]).toHaveLength(40_000)
    expect(reader.footer?.index.length).toBeGreaterThan(2)
    reader.close()
  })

  test('cut at any byte is read as far as it goes, or refused', () => {
    const rows: Row[] = Array.from({ length: 30 }, (_, i) => line(i))
    const bytes = readFileSync(written(rows))
    for (let length = 0; length < bytes.length; length++) {
      const got = reading(bytes.subarray(0, length))
      expect(got.complete).toBe(false)
      expect(got.rows).toEqual(rows.slice(0, got.rows.length))
    }
  })

  test('with any bit flipped is never wrong in silence', () => {
    const rows: Row[] = Array.from({ length: 10 }, (_, i) => line(i))
    const bytes = readFileSync(written(rows))
    // One of each byte, another in each; or all.
    for (let bit = 0; bit < bytes.length * 8; bit += tries(9, 1)) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7))
      const got = reading(damaged)
      expect(got.complete).toBe(false)
      expect(got.rows).toEqual(rows.slice(0, got.rows.length))
    }
  })

  test('with a block taken out, or one twice, is not whole', () => {
    const rows: Row[] = Array.from({ length: 40_000 }, (_, i) => line(i))
    const bytes = readFileSync(written(rows))
    const reader = openRecording(written(rows))
    const [, second = 0, third = 0] = reader.footer?.index.map(([at]) => at) ?? []
    reader.close()
    const without = Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)])
    const twice = Buffer.concat([bytes.subarray(0, third), bytes.subarray(second)])
    for (const wrong of [without, twice]) expect(reading(wrong).complete).toBe(false)
  })

  test('any bytes after a sound beginning are a typed error or a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        expect(reading(Buffer.concat([preamble(), tail])).complete).toBe(false)
      }),
    )
  })

  test('a sound block of hostile MessagePack is refused', () => {
    const good = readFileSync(written([]))
    const headerEnd = 10 + 13 + good.readUInt32LE(10 + 1)
    const hostile = {
      'an extension type': Buffer.from([0x91, 0xd4, 0x72, 0x40]),
      'an array of four billion': Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
      'a prototype': Buffer.from([0x91, 0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]),
      'arrays without end': Buffer.alloc(100_000, 0x91),
      'text that is longer than the block': Buffer.from([0x91, 0xdb, 0x7f, 0xff, 0xff, 0xff]),
    }
    for (const [name, bytes] of Object.entries(hostile)) {
      const got = reading(Buffer.concat([good.subarray(0, headerEnd), block(0x43, bytes)]))
      expect(got, name).toEqual({ rows: [], complete: false, error: null })
    }
  })

  test('what is no recording, and what is a newer one, say so', () => {
    expect(reading(Buffer.from('just a log\n')).error).toBe('FT_RECORDING')
    const newer = Buffer.concat([MAGIC, Buffer.from([PACKED_FORMAT + 1, 0])])
    expect(reading(newer).error).toBe('FT_RECORDING_VERSION')
    expect(() => openRecording(join(directory, 'missing'))).toThrow(expect.objectContaining({ code: 'FT_INPUT' }))
  })

  test('an unfinished one is readable under its partial name, and the error for its own name says so', () => {
    const path = join(directory, 'killed.fusetrace')
    const writer = RecordingWriter.create(path, header, { force: true })
    writer.write(line(0))
    writer.flush()
    expect(() => openRecording(path)).toThrow(expect.objectContaining({ hint: expect.stringContaining('.partial') }))
    const reader = openRecording(`${path}.partial`)
    expect([...reader.rows()]).toEqual([line(0)])
    expect(reader).toMatchObject({ complete: false, problem: 'it was not finished' })
    reader.close()
    writer.abandon()
  })

  test('has every row in the file within a tenth of a second, also when nothing follows', () => {
    const path = join(directory, 'live.fusetrace')
    const clock = virtualClock()
    const writer = RecordingWriter.create(path, header, { clock, force: true })
    const readable = (): Row[] => {
      const reader = openRecording(`${path}.partial`)
      const rows = [...reader.rows()]
      reader.close()
      return rows
    }
    for (let i = 0; i < 3; i++) {
      writer.write(line(i))
      clock.advanceBy(100e6)
      // What would be left if we were killed now.
      expect(readable()).toHaveLength(i + 1)
    }
    expect(clock.nextTimerNs).toBeNull()
    writer.abandon()
  })

  test('a directory cannot be written, nor below a file', () => {
    for (const path of [directory, join(written([]), 'x')]) {
      expect(() => RecordingWriter.create(path, header)).toThrow(expect.objectContaining({ code: 'FT_INPUT' }))
    }
  })

  test('the dialect may become known late', () => {
    const path = join(directory, 'late.fusetrace')
    const writer = RecordingWriter.create(path, header, { force: true })
    writer.write(line(0))
    writer.flush()
    writer.setDialect('tracing', 4)
    writer.write(line(1))
    writer.finish()
    const reader = openRecording(path)
    expect(reader.header).toMatchObject({ dialect: 'tracing', dialectVersion: 4 })
    expect([...reader.rows()]).toEqual([line(0), line(1)])
    reader.close()
  })
})

describe('the header', () => {
  const facts = {
    fusetraceVersion: '1',
    nodeVersion: '20',
    origin: 'record' as const,
    originNs: 0n,
    home: '/home/ann',
    temporary: '/tmp',
  }

  test('names directories the same on every machine', () => {
    const made = makeHeader({
      ...facts,
      mountpoint: '/tmp/x/mnt',
      branches: ['/tmp/x/b0', '/home/ann/data'],
      command: [
        'mergerfs',
        '/tmp/x/b0:/home/ann/data',
        '/tmp/x/mnt',
        '--log=/tmp/run-Ab3dE9/log',
        '/tmpfs',
        '/var/tmp/a',
      ],
    })
    expect(made.command).toEqual([
      'mergerfs',
      '$BRANCH0:$BRANCH1',
      '$MOUNT',
      '--log=$TMP/run-XXXXXX/log',
      '/tmpfs',
      '/var/tmp/a',
    ])
    expect(made).toMatchObject({ mountpoint: '$MOUNT', branches: ['$BRANCH0', '$BRANCH1'] })
  })

  test('keeps of the environment only what a log depends on', () => {
    const made = makeHeader({ ...facts, environment: { RUST_LOG: 'debug', SECRET: 'x', PATH: '/bin' } })
    expect(made.environment).toEqual({ RUST_LOG: 'debug' })
  })
})
