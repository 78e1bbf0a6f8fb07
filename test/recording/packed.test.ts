import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { dialects } from '../../src/dialect/builtin.js'
import { FusetraceError } from '../../src/errors.js'
import { importLog } from '../../src/input/import-log.js'
import { readLog } from '../../src/input/log-file.js'
import { BLOCK, block, PACKED_FORMAT, preamble, storedBlock, trailer } from '../../src/recording/format.js'
import { encodeHeader, makeHeader } from '../../src/recording/header.js'
import { pack } from '../../src/recording/pack.js'
import { BlockPacker } from '../../src/recording/packed/block.js'
import { DICTIONARY } from '../../src/recording/packed/dictionary.js'
import { LineWriter } from '../../src/recording/packed/line-writer.js'
import { unpackBlock } from '../../src/recording/packed/unpack-block.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { encodeRow } from '../../src/recording/row-codec.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { tries } from '../tries.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-packed-'))
afterAll(() => rmSync(directory, { recursive: true }))

const captures = new URL('../captures/', import.meta.url).pathname
const header = makeHeader({ fusetraceVersion: '1', nodeVersion: '20', origin: 'import', originNs: 0n })
const ALL = { maxItems: 1_000_000 }

function* unpackRows(stored: Buffer, plainBytes: number, options: Parameters<typeof unpackBlock>[2]): Generator<Row> {
  const rows = unpackBlock(stored, plainBytes, options)
  for (let row = rows.next(); row !== null; row = rows.next()) yield row
}

const line = (raw: string, atNs = 0): Row => ({ kind: 'line', atNs, stream: 'stderr', raw, terminated: true })

function packed(rows: readonly Row[]): { stored: Buffer; plainBytes: number } {
  const packer = new BlockPacker(0)
  for (const row of rows) packer.add(row)
  return packer.end('best')
}

function again(rows: readonly Row[]): Row[] {
  const { stored, plainBytes } = packed(rows)
  return [...unpackRows(stored, plainBytes, ALL)]
}

function write(path: string, rows: readonly Row[]): void {
  const writer = RecordingWriter.create(path, header, { force: true })
  for (const row of rows) writer.write(row)
  writer.finish()
}

/** Pieces of which lines are made that can be taken for something else. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      'unique: ',
      '2026-02-30T10:00:00',
      '2026-01-31T23:59:59.123456Z',
      '2026/01/31 24:00:00',
      '12:34:56,07',
      '00:00:00',
    ],
    ...[
      '0x',
      '0x0',
      '0x00ff',
      '0xDEAD',
      '0x1fffffffffffff',
      '0x20000000000000',
      '007',
      '0',
      '1.050',
      '1.5e9',
      '10.0.0.1',
    ],
    ...[
      '99999999999999999999',
      '999999999999999',
      '/a/b c',
      '/',
      '//',
      '"a b"',
      '"name"',
      '"":',
      'k=v',
      '\x1b[0m',
      '\xff\xfe',
    ],
    ...['\x00', '\x05', '\r', '\t', '-', '.', ':', '5ms', '12abc', 'a1.txt', 'x-y/z', '::', '{', '}'],
  ),
  fc.nat().map(String),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 6 }),
)
const raw = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))

describe('packed rows', () => {
  test('give back lines of any bytes, however alike', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(raw, fc.integer()), { minLength: 1, maxLength: 60 }), (lines) => {
        const rows = lines.map(([text, atNs]) => line(text, atNs))
        expect(again(rows)).toEqual(rows)
      }),
      { numRuns: tries(60, 600) },
    )
  })

  test('give back lines of every block, whatever those of the one before were like', () => {
    const lines = new LineWriter()
    // Parts differ within a block, from block to block, or not at all; some lines are whole texts, some had something replaced.
    const blockOf = (turn: number): Row[] =>
      Array.from({ length: 60 }, (_, i) => {
        const row = line(
          `open /dir/${turn % 3} fd=${turn} flags=0x8000 n=${i % (turn + 1)} "${i % 2 ? 'a' : `b${turn}`}"`,
          i,
        )
        if (i % 7 === 0) return line(`\x01${turn}`, i)
        return i % 5 === 0 && row.kind === 'line' ? { ...row, readBytes: row.raw.length + turn } : row
      })
    for (const turn of [0, 1, 0, 5, 2, 2, 9]) {
      const rows = blockOf(turn)
      const packer = new BlockPacker(turn * 60, lines)
      for (const row of rows) packer.add(row)
      const { stored, plainBytes } = packer.end('fast')
      expect([...unpackRows(stored, plainBytes, ALL)]).toEqual(rows)
    }
  })

  test('give back times that are too far apart to be compared', () => {
    const most = Number.MAX_SAFE_INTEGER
    const rows = [line('a', -most), line('b', most), line('c', -most + 1)]
    expect(again(rows)).toEqual(rows)
    const path = join(directory, 'far.fusetrace')
    const mixed = [line('near', 5), ...rows, line('near again', 7)]
    write(path, mixed)
    const reader = openRecording(path)
    expect([...reader.rows()]).toEqual(mixed)
    expect(reader.complete).toBe(true)
    reader.close()
  })

  test('are the lines of a capture of every dialect', () => {
    for (const name of readdirSync(captures)) {
      if (!statSync(join(captures, name)).isDirectory()) continue
      const log = gunzipSync(readFileSync(join(captures, name, 'log.tsv.gz'))).toString('latin1')
      const rows = log
        .split('\n')
        .filter((text) => text.includes('\t'))
        .slice(0, tries(200, 2000))
        .map((text) => line(text.split('\t').slice(2).join('\t'), Number(text.split('\t')[0])))
      expect(again(rows), name).toEqual(rows)
    }
  })

  // Bytes that xz -9 makes of the stamped captures.
  test.each([
    ['mergerfs-rs-trace-killed', 9264],
    ['mergerfs-rs-fuser-alone', 6968],
    ['libfuse3-passthrough_ll-d', 9056],
    ['gocryptfs-fusedebug', 10_800],
  ])('with the operations take at most what xz makes of the log alone: %s', async (name, most) => {
    const log = gunzipSync(readFileSync(join(captures, name, 'log.tsv.gz')))
    const output = join(directory, `${name}.fusetrace`)
    writeFileSync(join(directory, 'log'), log)
    const options = { stamped: true, candidates: dialects, fusetraceVersion: '0' }
    await importLog(readLog(join(directory, 'log')), { output, ...options })
    expect(statSync(output).size).toBeLessThanOrEqual(most)
  })

  test('are the same bytes whenever they were flushed', () => {
    const rows = Array.from({ length: 500 }, (_, i) => line(`unique: ${i * 2}, opcode: LOOKUP (1)`, i * 1e6))
    const files = [1, 7, 1000].map((every) => {
      const path = join(directory, `every-${every}.fusetrace`)
      const clock = virtualClock()
      const writer = RecordingWriter.create(path, header, { clock, force: true })
      for (const [i, row] of rows.entries()) {
        writer.write(row)
        if (i % every === 0) clock.advanceBy(100e6)
      }
      writer.finish()
      return readFileSync(path)
    })
    expect(files[1]?.equals(files[0] as Buffer)).toBe(true)
    expect(files[2]?.equals(files[0] as Buffer)).toBe(true)
  })

  test('of kinds that a block does not have are not looked for in it', () => {
    const { stored, plainBytes } = packed([line('a'), line('b')])
    // What follows its head is nonsense: it is not read.
    stored.fill(0xff, 24)
    expect([...unpackRows(stored, plainBytes, { ...ALL, wanted: (kind) => kind === 'exit' })]).toEqual([])
  })
})

describe('a finished recording', () => {
  test('is packed; while it is written it is a journal that can be read', () => {
    const path = join(directory, 'live.fusetrace')
    const clock = virtualClock()
    const writer = RecordingWriter.create(path, header, { clock, force: true })
    writer.write(line('one'))
    clock.advanceBy(100e6)
    const partial = openRecording(`${path}.partial`)
    expect([...partial.rows()]).toEqual([line('one')])
    expect(partial.header.format).toBeLessThan(PACKED_FORMAT)
    partial.close()
    writer.write(line('two', 5))
    writer.finish()
    const reader = openRecording(path)
    expect([...reader.rows()]).toEqual([line('one'), line('two', 5)])
    expect(reader).toMatchObject({ complete: true, header: { format: PACKED_FORMAT } })
    reader.close()
    expect(readdirSync(directory).filter((name) => name.startsWith('live.fusetrace.'))).toEqual([])
  })

  test('stays as it was written where it cannot be packed', () => {
    const path = join(directory, 'blocked.fusetrace')
    const clock = virtualClock()
    const writer = RecordingWriter.create(path, header, { clock, force: true })
    writer.write(line('one'))
    // Somebody's file has the name that the packed one would have.
    writeFileSync(`${path}.partial.packed`, 'mine')
    writer.finish()
    const reader = openRecording(path)
    expect([...reader.rows()]).toEqual([line('one')])
    expect(reader).toMatchObject({ complete: true, header: { format: 1 } })
    reader.close()
    expect(readFileSync(`${path}.partial.packed`, 'utf8')).toBe('mine')
  })

  test('of an older format is still read', () => {
    const reader = openRecording(new URL('old/format-1.fusetrace', import.meta.url).pathname)
    expect(reader.header.format).toBe(1)
    expect([...reader.rows()].length).toBeGreaterThan(10)
    expect(reader.complete).toBe(true)
    reader.close()
  })

  test('of format 3 is still read: row by row what was written', () => {
    const reader = openRecording(new URL('old/format-3.fusetrace', import.meta.url).pathname)
    expect(reader.header.format).toBe(3)
    const rows = [...reader.rows()]
    expect(reader.complete).toBe(true)
    expect(rows.length).toBe(Object.values(reader.footer?.counts ?? {}).reduce((sum, count) => sum + count, 0))
    const path = join(directory, 'anew.fusetrace')
    write(path, rows)
    const anew = openRecording(path)
    expect([...anew.rows()]).toEqual(rows)
    anew.close()
    reader.close()
  })

  test('keeps how long a line was before something in it was replaced', () => {
    const rows: Row[] = [
      { ...(line('token={token1}') as Extract<Row, { kind: 'line' }>), readBytes: 40 },
      line('token={token1}'),
    ]
    expect(again(rows)).toEqual(rows)
  })

  test('with rows of a kind that is not known yet is read without them', () => {
    const path = join(directory, 'newer.fusetrace')
    const end = { counts: {}, unparsed: 0, durationNs: 7, index: [[0, 5, 0]] }
    const [head, first] = [preamble(1), block(BLOCK.header, pack(encodeHeader(header)))]
    const at = head.length + first.length
    const rows = block(BLOCK.rows, pack([[99, 5, 'what it is'], encodeRow(line('known', 7)), [0x7fff, 9]]))
    const footer = block(BLOCK.footer, pack({ ...end, index: [[at, 5, 0]] }))
    writeFileSync(path, Buffer.concat([head, first, rows, footer, trailer(at + rows.length)]))
    const reader = openRecording(path)
    expect([...reader.rows()]).toEqual([line('known', 7)])
    expect(reader.problem).toBe(null)
    reader.close()
  })

  test('depends on a dictionary that never changes', () => {
    expect(createHash('sha256').update(DICTIONARY).digest('hex')).toBe(
      '8c84d181e836dc24632cac738b144de62db5d619d400b5f65883a3faf9fae729',
    )
  })
})

/** A recording with one packed block of these bytes, checked as if they had been written so. */
function withBlock(stored: Buffer, plainBytes: number): string {
  const path = join(directory, 'hostile.fusetrace')
  write(path, [])
  const good = readFileSync(path)
  const end = 10 + 13 + good.readUInt32LE(11)
  writeFileSync(path, Buffer.concat([good.subarray(0, end), storedBlock(BLOCK.packedRows, stored, plainBytes)]))
  return path
}

function outcome(path: string): string {
  const reader = openRecording(path)
  try {
    for (const _ of reader.rows());
    return reader.problem ?? 'whole'
  } catch (error) {
    expect(error).toBeInstanceOf(FusetraceError)
    return (error as FusetraceError).code
  } finally {
    reader.close()
  }
}

describe('a hostile packed block', () => {
  const rows: Row[] = [
    line('lookup /a/b/c', 5),
    { kind: 'mark', atNs: 7, edge: 'begin', name: 'step' },
    {
      kind: 'call',
      beginNs: 8,
      endNs: 9,
      root: 'mount',
      method: 'x',
      args: [{ a: [1, 'x'] }],
      result: 1.5,
      error: null,
    },
    line('lookup /a/b/d', 10),
  ]

  test('of any bytes is damage or a limit, not an error of ours', () => {
    const { stored, plainBytes } = packed(rows)
    fc.assert(
      fc.property(fc.nat(stored.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const damaged = Buffer.from(stored)
        damaged.set(bytes.subarray(0, stored.length - at), at)
        expect(outcome(withBlock(damaged, plainBytes))).toMatch(/damaged|not valid|not finished|FT_LIMIT/)
      }),
      { numRuns: tries(80, 800) },
    )
  })

  test('that names one text again and again gives no more than it said', () => {
    const long = 'x'.repeat(1 << 20)
    const { stored, plainBytes } = packed(Array.from({ length: 3 }, () => line(`${long}1`)))
    expect(outcome(withBlock(stored, plainBytes))).toBe('it was not finished')
    // It is said to be one of them.
    expect(outcome(withBlock(stored, Math.ceil(plainBytes / 2)))).toMatch(/damaged/)
  })

  test('with more values than are taken is one error that names the limit', () => {
    const many: Row[] = [
      {
        kind: 'call',
        beginNs: 0,
        endNs: 0,
        root: 'm',
        method: 'x',
        args: Array(5000).fill(7),
        result: null,
        error: null,
      },
    ]
    const { stored, plainBytes } = packed(many)
    expect(() => [...unpackRows(stored, plainBytes, { maxItems: 1000 })]).toThrow()
    const path = withBlock(stored, plainBytes)
    const reader = openRecording(path, { limits: { blockItems: 1000 } })
    expect(() => [...reader.rows()]).toThrow(expect.objectContaining({ code: 'FT_LIMIT' }))
    reader.close()
  })

  test('that claims more than a block may hold is refused before it is unpacked', () => {
    const { stored } = packed(rows)
    expect(() => outcome(withBlock(stored, 2 ** 29))).not.toThrow()
    expect(outcome(withBlock(stored, 2 ** 29))).toBe('FT_LIMIT')
  })

  test('in a recording of an older format is damage', () => {
    const { stored, plainBytes } = packed(rows)
    const path = withBlock(stored, plainBytes)
    const bytes = readFileSync(path)
    bytes.writeUInt16LE(1, 8)
    writeFileSync(path, bytes)
    expect(() => openRecording(path)).toThrow(expect.objectContaining({ code: 'FT_RECORDING' }))
  })
})
