import { readFileSync } from 'node:fs'
import { inspect, isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { BLOCK, BLOCK_HEAD_BYTES, PREAMBLE_BYTES, readBlockHead } from '../../src/recording/format.js'
import { BlockPacker } from '../../src/recording/packed/block.js'
import { LineWriter } from '../../src/recording/packed/line-writer.js'
import { SECTION, Sections } from '../../src/recording/packed/sections.js'
import { unpackBlock } from '../../src/recording/packed/unpack-block.js'
import { openRecording } from '../../src/recording/reader.js'
import type { Row } from '../../src/recording/row.js'
import { decodeRow, encodeRow, KINDS } from '../../src/recording/row-codec.js'
import { SAMPLE } from './sample.js'

const old = (name: string): string => new URL(`old/${name}`, import.meta.url).pathname

function read(name: string, options: Parameters<ReturnType<typeof openRecording>['rows']>[0] = {}): Row[] {
  const reader = openRecording(old(name))
  const rows = [...reader.rows(options)]
  expect(reader).toMatchObject({ complete: true, problem: null })
  reader.close()
  return rows
}

/** Without what zlib makes of it, which differs from version to version. */
const sections = (stored: Buffer, plainBytes: number): Buffer[] => {
  const of = new Sections(stored, plainBytes)
  return Object.values(SECTION).map((at) => of.section(at))
}

describe('the sample', () => {
  test('is read from a file of format 4, and packed as it was then', () => {
    expect(read('format-4-sample.fusetrace')).toEqual(SAMPLE)
    const bytes = readFileSync(old('format-4-sample.fusetrace'))
    let at = PREAMBLE_BYTES
    const block = () => readBlockHead(bytes.subarray(at))
    while (block()?.kind !== BLOCK.packedRows) at += BLOCK_HEAD_BYTES + (block()?.storedBytes ?? Number.NaN)
    const from = at + BLOCK_HEAD_BYTES
    const { storedBytes = 0, plainBytes = 0 } = block() ?? {}
    const packer = new BlockPacker(0)
    for (const row of SAMPLE) packer.add(row)
    const again = packer.end('fast')
    expect(again.plainBytes).toBe(plainBytes)
    expect(sections(again.stored, again.plainBytes)).toEqual(
      sections(bytes.subarray(from, from + storedBytes), plainBytes),
    )
  })

  test('is read from a file of format 3', () => {
    // What packed that format could not pack these, and did not know what was replaced.
    const sample = SAMPLE.filter((row) => !(row.kind === 'line' && row.raw.includes('9999-12'))).map((row) => {
      if (row.kind !== 'line') return row
      const { readBytes: _, ...line } = row
      return line
    })
    expect(read('format-3-sample.fusetrace')).toEqual(sample)
  })

  test.each(['format-3-sample.fusetrace', 'format-4-sample.fusetrace'])('of %s is read by kinds', (name) => {
    const all = read(name)
    const same = (options: Parameters<typeof read>[1], wanted: (kind: Row['kind']) => boolean): void => {
      const rows = all.filter(({ kind }) => wanted(kind))
      expect(isDeepStrictEqual(read(name, options), rows), inspect(options)).toBe(true)
    }
    for (const kind of KINDS) {
      same({ kinds: [kind] }, (one) => one === kind)
      same({ without: [kind] }, (one) => one !== kind)
    }
    same({ kinds: ['line', 'mark'], without: ['line'] }, (one) => one === 'mark')
  })

  test('is the same in a second block, which is packed with what was known of the first', () => {
    const lines = new LineWriter()
    const sizes = [0, 1, 2].map((nth) => {
      const packer = new BlockPacker(nth * 222, lines)
      for (const row of SAMPLE) packer.add(row)
      const { stored, plainBytes } = packer.end('fast')
      const rows = unpackBlock(stored, plainBytes, { maxItems: 1_000_000 })
      const read: Row[] = []
      for (let row = rows.next(); row !== null; row = rows.next()) read.push(row)
      expect(read).toEqual(SAMPLE)
      return stored.length
    })
    // What differs in them is known by then, and they are no longer for it.
    expect(Math.max(...sizes)).toBeLessThan(Math.min(...sizes) * 1.1)
  })

  test('is the same row by row', () => {
    expect(SAMPLE.map((row) => decodeRow(encodeRow(row)))).toEqual(SAMPLE)
  })
})
