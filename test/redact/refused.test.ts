import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import { redactRecording } from '../../src/redact/redact-recording.js'

const DEMO = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
let here: string
beforeEach(() => {
  here = mkdtempSync(join(tmpdir(), 'fusetrace-test-'))
  copyFileSync(DEMO, join(here, 'a'))
})
afterEach(() => rmSync(here, { recursive: true }))
const redact = (more: object = {}) => redactRecording({ recording: join(here, 'a'), candidates: dialects, ...more })

test('a recording that is not whole stays as it is', () => {
  truncateSync(join(here, 'a'), readFileSync(DEMO).length - 40)
  const before = readFileSync(join(here, 'a'))
  for (const output of [join(here, 'a'), join(here, 'new')])
    expect(() => redact({ output, patterns: ['hello'] })).toThrow(expect.objectContaining({ code: 'FT_RECORDING' }))
  expect([readdirSync(here), readFileSync(join(here, 'a')).equals(before)]).toEqual([['a'], true])
})

test('what is there under the output’s name is replaced only with force', () => {
  const output = join(here, 'b')
  writeFileSync(output, 'precious')
  const replace = (force: boolean) => redact({ output, patterns: ['hello'], force })
  expect(() => replace(false)).toThrow(expect.objectContaining({ code: 'FT_USAGE' }))
  expect([readFileSync(output, 'utf8'), readdirSync(here)]).toEqual(['precious', ['a', 'b']])
  expect(replace(true)).toMatchObject({ written: true, redacted: { redacted: expect.any(Number) } })
  expect(readFileSync(output).length).toBeGreaterThan(8)
})
