import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { type Followed, followFile } from '../../src/input/follow.js'
import { until } from '../live/machine.js'

let dir: string
const followed: Followed[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ft-follow-'))
})

afterEach(() => {
  for (const one of followed.splice(0)) one.stop()
  rmSync(dir, { recursive: true })
})

function follow(path: string) {
  const seen = { text: '', restarts: [] as string[] }
  const one = followFile(path, {
    clock: systemClock(),
    everyNs: 1e6,
    onChunk: (chunk) => {
      seen.text += Buffer.from(chunk).toString('latin1')
    },
    onRestart: (why) => seen.restarts.push(why),
  })
  followed.push(one)
  return { seen, one }
}

test('a log is read from its begin, and goes on as it grows', async () => {
  const path = join(dir, 'a.log')
  writeFileSync(path, 'one\n')
  const { seen, one } = follow(path)
  await until(() => seen.text === 'one\n')
  appendFileSync(path, 'two\nthr')
  await until(() => seen.text === 'one\ntwo\nthr')
  appendFileSync(path, Buffer.from([0xff, 0x0a]))
  one.stop()
  await one.done
  expect(seen.text).toBe('one\ntwo\nthr\xff\n')
  expect(seen.restarts).toEqual([])
})

test('a log that is truncated or replaced is read from its begin', async () => {
  const path = join(dir, 'a.log')
  writeFileSync(path, 'first\n')
  const { seen } = follow(path)
  await until(() => seen.text === 'first\n')
  writeFileSync(path, '2\n')
  await until(() => seen.text === 'first\n2\n')
  renameSync(path, join(dir, 'a.log.1'))
  writeFileSync(path, 'third\n')
  await until(() => seen.text === 'first\n2\nthird\n')
  expect(seen.restarts).toEqual(['truncated', 'replaced'])
})

test('a large file is read whole', async () => {
  const path = join(dir, 'big.log')
  writeFileSync(path, 'x'.repeat(5_000_000))
  const { seen } = follow(path)
  await until(() => seen.text.length === 5_000_000)
})

test('gzip is read once, to its end', async () => {
  const path = join(dir, 'a.log.gz')
  writeFileSync(path, gzipSync('one\ntwo\n'))
  const { seen, one } = follow(path)
  await one.done
  expect(seen.text).toBe('one\ntwo\n')
})

test('gzip that is cut is an unreadable input', async () => {
  const path = join(dir, 'a.log.gz')
  writeFileSync(path, gzipSync('one\ntwo\n'.repeat(1000)).subarray(0, 30))
  await expect(follow(path).one.done).rejects.toMatchObject({ code: 'FT_INPUT' })
})

test('what is not there, or is a directory, is an unreadable input', () => {
  expect(() => follow(join(dir, 'none'))).toThrow(/there is no such file/)
  expect(() => follow(dir)).toThrow(/it is a directory/)
})
