import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { fusetrace } from '../cli/run.js'
import { namesTheLimit } from './hostile-file.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-hostile-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

// Another is in test/slow/hostile-file.test.ts; `node test/attack/hostile.js` has them all.
test('100 million empty maps are one error that names the limit', () =>
  namesTheLimit(dir, '100 million empty maps', 'blockBytes'))

test('a limit that is raised lets more in, a lower one less', async () => {
  const file = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
  for (const limits of [{ marks: 1 }, { names: 1 }, { blockItems: 10 }, { blockBytes: 100 }, { openSteps: 0 }]) {
    expect(() => [...openRecording(file, { limits }).rows()]).toThrow(expect.objectContaining({ code: 'FT_LIMIT' }))
  }
  expect([...openRecording(file, { limits: { marks: 1_000_000_000 } }).rows()].length).toBeGreaterThan(10)
})

test('FUSETRACE_LIMITS sets them for every command', async () => {
  const file = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
  vi.stubEnv('FUSETRACE_LIMITS', 'names=1000, marks=1')
  expect((await fusetrace('replay', file, '--speed', 'instant')).code).toBe(0)
  expect(await fusetrace('show', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('more than 1 marks') })
  vi.stubEnv('FUSETRACE_LIMITS', 'mark=1')
  expect(await fusetrace('show', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('blockItems, marks') })
  vi.unstubAllEnvs()
})
