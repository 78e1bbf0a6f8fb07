import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fusetrace, objects } from './run.js'

const DEMO = new URL('../../recordings/demo.fusetrace', import.meta.url).pathname
const [DEBUG, TRACE] = ['debug', 'trace'].map(
  (name) => new URL(`../../recordings/mergerfs-rs-${name}.fusetrace`, import.meta.url).pathname,
) as [string, string]
const BIN = new URL('../../bin/fusetrace.js', import.meta.url).pathname

let directory: string
let page: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-report-test-'))
  page = join(directory, 'page.html')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(directory, { recursive: true, force: true })
})

describe('fusetrace report', () => {
  test('writes a page and says what is in it', async () => {
    const { code, stdout, stderr } = await fusetrace('report', DEMO, '-o', page)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/page\.html: \d+ operations, \d+ kB\n$/)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>\n[\s\S]*<title>demo\.fusetrace – fusetrace<\/title>/)
    expect(readdirSync(directory)).toEqual(['page.html'])
  })

  test('--json says the same to programs, and how many differences two recordings have', async () => {
    const { stdout } = await fusetrace('report', DEBUG, TRACE, '-o', page, '--json')
    const [{ bytes, recordings, differences, output }] = objects(stdout) as [Record<string, unknown>]
    expect(output).toBe(page)
    expect(bytes).toBe(readFileSync(page).length)
    expect(recordings).toMatchObject([{ name: 'mergerfs-rs-debug.fusetrace' }, { name: 'mergerfs-rs-trace.fusetrace' }])
    const diff = objects((await fusetrace('diff', DEBUG, TRACE, '--json')).stdout)[0] as Record<string, unknown[]>
    const [gone, added, changed] = [diff.onlyA, diff.onlyB, diff.outcomes] as [unknown[], unknown[], unknown[]]
    expect(differences).toBe(gone.length + added.length + changed.length)
  })

  test('what exists is not written over without --force, a recording never', async () => {
    writeFileSync(page, 'mine')
    const refused = await fusetrace('report', DEMO, '-o', page)
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^fusetrace: .* exists already; .*--force.*\n$/),
    })
    expect(readFileSync(page, 'utf8')).toBe('mine')
    expect((await fusetrace('report', DEMO, '-o', page, '--force')).code).toBe(0)
    expect(readFileSync(page, 'utf8')).not.toBe('mine')
    const copy = join(directory, 'copy.fusetrace')
    writeFileSync(copy, readFileSync(DEMO))
    const itself = await fusetrace('report', copy, '-o', copy, '--force')
    expect(itself).toMatchObject({ code: 2, stderr: expect.stringContaining('is the recording itself') })
    expect(readFileSync(copy).equals(readFileSync(DEMO))).toBe(true)
  })

  test('what is wrong is one line, and nothing is left behind', async () => {
    for (const args of [
      ['report', DEMO],
      ['report', '-o', page],
      ['report', join(directory, 'none.fusetrace'), '-o', page],
      ['report', BIN, '-o', page],
      ['report', DEMO, '-o', join(directory, 'none', 'page.html')],
      ['report', DEMO, '-o', '-', '--json'],
      ['report', '-', '-', '-o', page],
      ['show', DEMO, '--web', '--json'],
    ]) {
      const { code, stderr } = await fusetrace(...args)
      expect([args, code, stderr]).toEqual([args, 2, expect.stringMatching(/^fusetrace: [^\n]+\n$/)])
    }
    expect(readdirSync(directory)).toEqual([])
  })

  test('a damaged recording is shown as far as it goes, and that is said, in the page too', async () => {
    const damaged = join(directory, 'damaged.fusetrace')
    const bytes = readFileSync(TRACE)
    writeFileSync(damaged, bytes.subarray(0, Math.floor(bytes.length * 0.9)))
    const { code, stderr } = await fusetrace('report', damaged, '-o', page)
    expect(code).toBe(1)
    expect(stderr).toContain('damaged.fusetrace is not whole: ')
    expect(existsSync(page)).toBe(true)
  })

  test('pipes', () => {
    const run = spawnSync(process.execPath, [BIN, 'report', '-', '-o', '-'], { input: readFileSync(DEMO) })
    expect(run.stderr.toString()).toBe('')
    expect(run.stdout.toString()).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
  })
})

describe('fusetrace show --web', () => {
  beforeEach(() => {
    vi.stubEnv('TMPDIR', directory)
    vi.stubEnv('DISPLAY', '')
    vi.stubEnv('WAYLAND_DISPLAY', '')
  })

  test('prints the name of the page, and says that nothing opens it where there is no desktop', async () => {
    const { code, stdout, stderr } = await fusetrace('show', DEMO, '--web')
    expect(code).toBe(0)
    expect(stdout).toMatch(/\/fusetrace-report-\w+\/demo\.html\n$/)
    expect(readFileSync(stdout.trim(), 'utf8')).toMatch(/^<!doctype html>/)
    expect(stderr).toContain('open it in a browser')
  })

  test.skipIf(process.platform === 'darwin')('opens it with xdg-open where there is one', async () => {
    const asked = join(directory, 'asked')
    writeFileSync(
      join(directory, 'xdg-open'),
      `#!/bin/sh\nprintf %s "$1" > '${asked}.new'; mv '${asked}.new' '${asked}'\n`,
    )
    chmodSync(join(directory, 'xdg-open'), 0o755)
    vi.stubEnv('PATH', `${directory}:${process.env.PATH}`)
    vi.stubEnv('DISPLAY', ':0')
    const { stdout, stderr } = await fusetrace('show', DEMO, '--web')
    expect(stderr).toBe('')
    await vi.waitFor(() => expect(readFileSync(asked, 'utf8')).toBe(stdout.trim()), { timeout: 60_000 })
  })
})
