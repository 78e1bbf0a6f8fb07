import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { collectRecording } from '../../src/report/page-recording.js'
import { line, recordingOf } from './recordings.js'

const directory = mkdtempSync(join(tmpdir(), 'fusetrace-lines-'))
afterAll(() => rmSync(directory, { recursive: true }))

test.each([0, 1, 3, 45])('the text of %d long lines is in blocks, none of which takes long to unpack', (count) => {
  const texts = Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(100_000)}`)
  const rows = texts.map((text, i) => line(i * 10, text))
  const path = recordingOf(directory, String(count), rows)
  const reader = openRecording(path)
  const { page, lines } = collectRecording(reader, { name: 'x' })
  reader.close()
  expect(lines.blocks.flatMap((block) => block.split('\n'))).toEqual(texts)
  expect(page.lineBlocks).toBe(Math.ceil(count / 20))
  expect(Math.max(0, ...lines.blocks.map(({ length }) => length))).toBeLessThan(2_200_000)
  expect(lines.times).toHaveLength(count)
})
