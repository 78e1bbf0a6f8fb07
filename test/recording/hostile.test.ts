import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openRecording } from '../../src/recording/reader.js'
import { HOSTILE, writeHostile } from '../attack/hostile-files.js'
import { fusetrace } from '../cli/run.js'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-hostile-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const demo = readFileSync(new URL('old/format-1.fusetrace', import.meta.url))
/** Preamble and header. */
const begin = demo.subarray(0, 10 + 13 + demo.readUInt32LE(11))

/** The others take long to make: `node test/attack/hostile.js` has them all. */
test.each([
  ['100 million empty maps', 'blockBytes'],
  ['60 million empty lists in a row', 'blockItems'],
])('%s are one error that names the limit', async (name, limit) => {
  expect(Object.keys(HOSTILE)).toContain(name)
  const file = writeHostile(dir, name, begin)
  for (const command of ['info', 'stats', 'show', 'check']) {
    const ran = await fusetrace(command, file)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(
      new RegExp(`^fusetrace: [^\\n]* holds more than [^\\n]*FUSETRACE_LIMITS=${limit}=NUMBER\\n$`),
    )
  }
  rmSync(file)
})

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
