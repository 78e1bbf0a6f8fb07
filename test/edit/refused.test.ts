import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { editRecording } from '../../src/edit/edit-recording.js'
import { shifted } from '../../src/edit/steps.js'

const DEMO = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname

test('what is there under the name of a cut is replaced only with force', () => {
  const here = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  const output = join(here, 'cut')
  writeFileSync(output, 'precious')
  expect(() => editRecording(DEMO, output, {})).toThrow(expect.objectContaining({ code: 'FT_USAGE' }))
  expect([readFileSync(output, 'utf8'), readdirSync(here)]).toEqual(['precious', ['cut']])
  editRecording(DEMO, output, {}, { force: true })
  expect(readFileSync(output, 'latin1')).not.toBe('precious')
  rmSync(here, { recursive: true })
})

test('nothing is moved before the beginning', () => {
  const line = { kind: 'line', atNs: 3, stream: 'stderr', raw: '', terminated: true } as const
  expect([shifted(line, -5).atNs, shifted(line, -3).atNs, shifted(line, 4).atNs]).toEqual([0, 0, 7])
})
