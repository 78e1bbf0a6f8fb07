import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { NO_COUNTS } from '../../src/recording/footer.js'
import {
  BLOCK,
  type BlockKind,
  block,
  checkPreamble,
  isRecording,
  preamble,
  readBlockHead,
  readTrailer,
  storedBlock,
  trailer,
} from '../../src/recording/format.js'
import { encodeHeader, makeHeader } from '../../src/recording/header.js'
import { pack } from '../../src/recording/pack.js'
import { type OpenOptions, openRecording, type RowsOptions } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { encodeRow } from '../../src/recording/row-codec.js'
import { RecordingWriter, type WriterOptions } from '../../src/recording/writer.js'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-reader-'))
  path = join(dir, 'x.fusetrace')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const facts = { fusetraceVersion: '1', nodeVersion: '20', origin: 'import', originNs: 0n, dialect: 'tiny' } as const
const header = makeHeader(facts)
const line = (raw: string): Row => ({ kind: 'line', atNs: 5, stream: 'stdout', raw, terminated: true })
const exit: Row = { kind: 'exit', atNs: 7, code: 0, signal: null }
const rows = (...of: unknown[]): Buffer => block(BLOCK.rows, pack(of))
const packedHeader = block(BLOCK.header, pack(encodeHeader(header)))
const begin = Buffer.concat([preamble(1), packedHeader])
const one = rows(encodeRow(line('one')))

/** A whole recording of these blocks; `change` is what its footer says otherwise. */
function whole(blocks: readonly Buffer[], change: object = {}): Buffer {
  let at = begin.length
  const index = blocks.map(({ length }) => {
    at += length
    return [at - length, 5, 0]
  })
  const footer = block(BLOCK.footer, pack({ counts: NO_COUNTS, unparsed: 0, durationNs: 5, index, ...change }))
  return Buffer.concat([begin, ...blocks, footer, trailer(at)])
}

function read(bytes: Uint8Array, options: RowsOptions = {}, open: OpenOptions = {}) {
  writeFileSync(path, bytes)
  const reader = openRecording(path, open)
  try {
    const out = [...reader.rows(options)].map((row) => (row.kind === 'line' ? row.raw : row.kind))
    return { out, problem: reader.problem, dialect: reader.header.dialect }
  } finally {
    reader.close()
  }
}
const problem = (...bytes: Uint8Array[]): string | null => read(Buffer.concat(bytes)).problem

describe('what is wrong with a recording is said by where it is', () => {
  test('an end that is not there, or not the end of these blocks', () => {
    const good = whole([one])
    expect(read(good)).toEqual({ out: ['one'], problem: null, dialect: 'tiny' })
    expect(problem(begin, one)).toBe('it was not finished')
    expect(problem(good, Buffer.from('x'))).toBe('there are bytes after its end')
    expect(problem(good.subarray(0, -1))).toBe('its last bytes are damaged')
    expect(problem(good.subarray(0, -16), trailer(5))).toBe('its last bytes are damaged')
    const others = 'blocks are missing, or others than at its end'
    for (const index of [
      [],
      [[begin.length + 1, 5, 0]],
      [
        [begin.length, 5, 0],
        [begin.length, 5, 0],
      ],
    ]) {
      expect(problem(whole([one], { index }))).toBe(others)
    }
    expect(problem(whole([one], { counts: null }))).toMatch(/^the block before byte \d+ is not valid$/)
  })

  test('a block that is cut, damaged, or none', () => {
    const [at, to] = [begin.length, begin.length + one.length]
    expect(problem(begin, one.subarray(0, 5))).toBe(`it is cut at byte ${at + 5}`)
    expect(problem(begin, one.subarray(0, 12))).toBe(`it is cut at byte ${at + 12}`)
    expect(problem(begin, one.subarray(0, -1))).toBe(`it is cut in the block at byte ${at}`)
    expect(problem(begin, one.with(0, 0x21))).toBe(`it is damaged at byte ${at}`)
    expect(problem(begin, one.with(15, (one[15] as number) ^ 1))).toBe(`the block at byte ${at} is damaged`)
    expect(problem(begin, one.with(9, (one[9] as number) ^ 1))).toBe(`the block at byte ${at} is damaged`)
    expect(problem(begin, one, one, one.with(0, BLOCK.packedRows))).toBe(`it is damaged at byte ${to + one.length}`)
    const plain = pack([encodeRow(line('one'))])
    for (const length of [plain.length + 1, plain.length - 1]) {
      expect(problem(begin, storedBlock(BLOCK.rows, deflateRawSync(plain), length))).toBe(
        `the block at byte ${at} is damaged`,
      )
    }
    expect(problem(begin, storedBlock(BLOCK.rows, Buffer.from('no deflate'), 5))).toBe(
      `the block at byte ${at} is damaged`,
    )
  })

  test('rows that are none: what was before them is given', () => {
    const bad = rows(encodeRow(line('a')), [0, 'x'], encodeRow(line('b')))
    expect(read(whole([one, bad, one]))).toMatchObject({
      ...{
        out: ['one', 'a'],
        problem: `a row in the block before byte ${begin.length + one.length + bad.length} is not valid`,
      },
    })
    const none = block(BLOCK.rows, pack({ a: 1 }))
    const after = begin.length + none.length
    expect(problem(whole([none]))).toBe(`the block before byte ${after} is not valid`)
    expect(problem(begin, block(BLOCK.header, pack({ a: 1 })))).toMatch(/is not valid$/)
    expect(problem(whole([rows('x')]))).toMatch(/^a row .* is not valid$/)
  })

  test('no beginning', () => {
    const failure = (bytes: Uint8Array): unknown => {
      try {
        read(bytes)
      } catch (error) {
        return error
      }
      return null
    }
    expect(failure(preamble(1))).toMatchObject({
      code: 'FT_RECORDING',
      message: `${path} has no readable header: it is damaged`,
    })
    expect(failure(Buffer.concat([preamble(1), one]))).toMatchObject({
      message: expect.stringMatching(/no readable header/),
    })
    expect(failure(begin.subarray(0, -1))).toMatchObject({
      message: expect.stringMatching(/header: it is cut in the block at byte 10$/),
    })
    expect(failure(Buffer.from('a log\n'))).toMatchObject({
      code: 'FT_RECORDING',
      hint: expect.stringMatching(/fusetrace import/),
    })
    for (const version of [0, 5]) {
      expect(failure(preamble(version))).toMatchObject({
        code: 'FT_RECORDING_VERSION',
        hint: expect.stringMatching(/update/),
        message: `${path} has format ${version}, this fusetrace reads up to 4`,
      })
    }
  })

  test('no file', () => {
    expect(() => openRecording(dir)).toThrow(`cannot read ${dir}: it is a directory`)
    const hint = (): unknown => {
      try {
        return openRecording(path)
      } catch (error) {
        return (error as { hint: string }).hint
      }
    }
    expect(hint()).toBe('check the name')
    writeFileSync(`${path}.partial`, '')
    expect(hint()).toBe(`there is an unfinished ${path}.partial, which can be read`)
    writeFileSync(path, 'x')
    writeFileSync(`${path}.partial`, '')
    rmSync(path)
    expect(() => openRecording(join(path, 'x'))).toThrow(
      expect.objectContaining({ code: 'FT_INPUT', hint: 'check the name' }),
    )
  })
})

describe('a recording of format 1', () => {
  test('is read by kinds, without those to come, and as often as one likes', () => {
    const all = whole([rows(encodeRow(line('a')), [99, 'x'], encodeRow(exit)), one])
    expect(read(all).out).toEqual(['a', 'exit', 'one'])
    expect(read(all, { kinds: ['exit'] }).out).toEqual(['exit'])
    expect(read(all, { without: ['exit'] }).out).toEqual(['a', 'one'])
    expect(read(whole([rows([0, 'bad'], encodeRow(exit))]), { kinds: ['exit'] })).toMatchObject({
      out: ['exit'],
      problem: null,
    })
    const reader = openRecording(path)
    expect(reader).toMatchObject({ seekable: true, complete: true, bytes: readFileSync(path).length })
    for (const _ of [1, 2]) expect([...reader.rows({ kinds: ['exit'] })]).toEqual([exit])
    reader.close()
  })

  test('has a header that grows, and the last word is at its end', () => {
    const late = block(BLOCK.header, pack(encodeHeader({ ...header, dialect: 'late' })))
    expect(read(Buffer.concat([begin, one, late, one]))).toEqual({
      out: ['one', 'one'],
      problem: 'it was not finished',
      dialect: 'late',
    })
    // What was not finished has it from the begin as well, whatever comes behind it.
    writeFileSync(path, Buffer.concat([begin, one, late, one.subarray(0, 20)]))
    const cut = openRecording(path)
    cut.close()
    expect([cut.header.dialect, cut.problem]).toEqual(['late', 'it was not finished'])
    writeFileSync(path, whole([one], { header: encodeHeader({ ...header, dialect: 'last' }) }))
    const reader = openRecording(path)
    expect([reader.header.dialect, reader.footer?.durationNs, reader.problem]).toEqual(['last', 5, null])
    reader.close()
    expect(read(whole([one], { header: { a: 1 } })).dialect).toBe('tiny')
    writeFileSync(path, Buffer.concat([begin, one]))
    const unfinished = openRecording(path)
    expect([unfinished.complete, unfinished.footer, unfinished.problem]).toEqual([false, null, 'it was not finished'])
    unfinished.close()
  })

  test('is taken up to its limits', () => {
    const error = (limits: object): unknown => {
      try {
        return read(whole([rows(encodeRow(line('x'.repeat(500))))]), {}, { limits })
      } catch (thrown) {
        return thrown
      }
    }
    expect(error({ blockBytes: 450 })).toMatchObject({
      code: 'FT_LIMIT',
      message: `${path} holds more than 450 bytes in one block`,
    })
    expect(error({ blockItems: 5 })).toMatchObject({
      code: 'FT_LIMIT',
      message: `${path} holds more than 5 values in one block`,
    })
    expect(error({ blockItems: 1000, blockBytes: 1000 })).toMatchObject({ problem: null })
  })
})

test('the bytes of a format are what they are', () => {
  expect([isRecording(begin), isRecording(begin.subarray(0, 8)), isRecording(begin.subarray(1))]).toEqual([
    true,
    true,
    false,
  ])
  expect(checkPreamble(new Uint8Array([0, ...begin]).subarray(1), 'x')).toBe(1)
  const head = (kind: number, stored: number, plain: number): boolean => {
    const bytes = Buffer.alloc(13)
    bytes.writeUInt8(kind, 0)
    bytes.writeUInt32LE(stored, 1)
    bytes.writeUInt32LE(plain, 5)
    return readBlockHead(bytes) !== null
  }
  expect(Object.values(BLOCK).map((kind: BlockKind) => head(kind, 7, 7))).toEqual(Array(7).fill(true))
  expect([head(0x21, 7, 7), head(BLOCK.rows, 1, 1032), head(BLOCK.rows, 1, 1033)]).toEqual([false, true, false])
  expect([head(BLOCK.packedRows, 1, 1033), head(BLOCK.mixedRows, 1, 1033), head(BLOCK.packedFooter, 1, 1033)]).toEqual([
    true,
    true,
    true,
  ])
  const most = 1024 * 1024 * 1024
  expect(
    [
      [most, 7],
      [most + 1, 7],
      [7, most],
      [7, most + 1],
    ].map(([a = 0, b = 0]) => head(BLOCK.packedRows, a, b)),
  ).toEqual([true, false, true, false])
  expect([readTrailer(trailer(2 ** 40)), readTrailer(trailer(5).subarray(1)), readTrailer(Buffer.alloc(16))]).toEqual([
    2 ** 40,
    null,
    null,
  ])
  const far = trailer(5)
  far.writeBigUInt64LE(2n ** 53n)
  expect(readTrailer(far)).toBeNull()
})

describe('a writer', () => {
  const create = (options: WriterOptions = {}): RecordingWriter => RecordingWriter.create(path, header, options)
  const now = (name = `${path}.partial`): string[] => {
    const reader = openRecording(name)
    const out = [...reader.rows()].map((row) => (row.kind === 'line' ? row.raw : row.kind))
    reader.close()
    return out
  }

  test('has rows in the file when they are many, or many bytes, or some time has passed', () => {
    const clock = virtualClock()
    let flushed = 0
    const writer = create({ clock, onFlush: () => flushed++ })
    expect([now(), flushed]).toEqual([[], 0])
    writer.write(line('one'))
    clock.advanceBy(49e6)
    writer.write(line('two'))
    expect(now()).toEqual([])
    clock.advanceBy(1e6)
    expect([now(), flushed]).toEqual([['one', 'two'], 1])
    for (let i = 0; i < 4095; i++) writer.write(line(''))
    expect(now()).toHaveLength(2)
    writer.write(line(''))
    expect([now().length, flushed]).toEqual([4098, 2])
    writer.write(line('x'.repeat(256 * 1024 - 16)))
    const call: Row = {
      kind: 'call',
      beginNs: 1,
      endNs: 2,
      root: 'mount',
      method: 'x',
      args: [],
      result: 'x'.repeat(256 * 1024),
      error: null,
    }
    writer.write(call)
    writer.write({ kind: 'request', atNs: 1, bytes: Buffer.alloc(256 * 1024), dataBytes: 0, dataHash: null })
    writer.write({ ...call, result: Buffer.alloc(256 * 1024) })
    writer.write({ ...call, result: Array(4096).fill(1) })
    expect([now().length, flushed]).toEqual([4103, 7])
    for (let i = 0; i < 2047; i++) writer.write(exit)
    expect(now()).toHaveLength(4103)
    writer.write(exit)
    expect(now()).toHaveLength(6151)
    writer.write(line('x'.repeat(256 * 1024 - 17)))
    expect(now()).toHaveLength(6151)
    writer.abandon()
    expect(now()).toHaveLength(6152)
    expect(clock.nextTimerNs).toBeNull()
  })

  test('writes by itself where timers do not run', () => {
    let ns = 0
    const clock = { kind: 'system', nowNs: () => ns, at: () => ({ cancel: () => undefined }) } as const
    const writer = create({ clock })
    for (const at of [10, 30, 59, 60, 70]) {
      ns = at * 1e6
      writer.write(line(String(at)))
      expect(now()).toEqual(at < 60 ? [] : ['10', '30', '59', '60'])
    }
    writer.discard()
    expect(readdirSync(dir)).toEqual([])
  })

  test('counts what it wrote, tells how long it was, and nothing of what comes after its end', () => {
    for (const clock of [undefined, virtualClock()]) {
      const writer = create({ force: true, ...(clock && { clock }) })
      expect([writer.renamed, writer.failure]).toEqual([true, null])
      writer.write(line('one'))
      writer.write(exit)
      writer.amend({ daemonVersion: '1.2' })
      writer.amend({ daemonVersion: '1.2' })
      expect(writer.finish({ unparsed: 4 })).toBe(path)
      writer.write(line('late'))
      writer.flush()
      expect(writer.finish()).toBe(path)
      writer.abandon()
      writer.discard()
      const reader = openRecording(path)
      expect(reader.footer).toMatchObject({
        counts: { line: 1, exit: 1, mark: 0 },
        unparsed: 4,
        durationNs: 7,
        index: [[expect.any(Number), 5, 0]],
      })
      expect(reader.header.daemonVersion).toBe('1.2')
      reader.close()
      expect(now(path)).toEqual(['one', 'exit'])
    }
    const kept = create({ force: true })
    expect(kept.finish({ replace: false })).toBe(`${path}.partial`)
    expect(now(path)).toEqual(['one', 'exit'])
  })

  test('passes all through its redaction, and says how often what was replaced', () => {
    const redaction = {
      row: (row: Row): Row => (row.kind === 'line' ? { ...row, raw: '{x}' } : row),
      header: (one: typeof header) => ({ ...one, daemonVersion: '{v}' }),
      counts: { x: 2, y: 1 },
    }
    const writer = RecordingWriter.create(path, { ...header, redacted: { x: 5 } }, { redaction })
    writer.write(line('secret'))
    writer.finish()
    const reader = openRecording(path)
    expect(reader.header).toMatchObject({ daemonVersion: '{v}', redacted: { x: 7, y: 1 } })
    reader.close()
    expect(now(path)).toEqual(['{x}'])
    const none = RecordingWriter.create(path, header, { redaction: { ...redaction, counts: {} }, force: true })
    none.finish()
    const again = openRecording(path)
    expect(again.header.redacted).toEqual({})
    again.close()
  })

  test.skipIf(process.platform !== 'linux')('says once that the disk is full, and drops what comes then', () => {
    const failures: string[] = []
    const clock = virtualClock()
    const writer = RecordingWriter.create('/dev/full', header, { clock, onFailure: ({ code }) => failures.push(code) })
    expect(failures).toEqual(['FT_OUTPUT'])
    writer.write(line('one'))
    expect([clock.nextTimerNs, writer.failure?.code, writer.renamed]).toEqual([null, 'FT_OUTPUT', false])
    expect(writer.finish()).toBe('/dev/full')
    expect(failures).toHaveLength(1)
    expect(() => RecordingWriter.create('/dev/full', header, { clock })).toThrow(
      expect.objectContaining({ code: 'FT_OUTPUT' }),
    )
    const late = RecordingWriter.create('/dev/full', header)
    late.write(line('one'))
    expect(() => late.flush()).toThrow(expect.objectContaining({ code: 'FT_OUTPUT' }))
  })
})
