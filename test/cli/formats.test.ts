import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { registerFormats } from '../../src/cli/formats.js'
import { dialects } from '../../src/dialect/builtin.js'
import { makeHeader } from '../../src/recording/header.js'
import { RecordingWriter } from '../../src/recording/writer.js'

let folder = ''
let out = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ft-formats-'))
  out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function run(...args: string[]): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  registerFormats(program)
  await program.parseAsync(['formats', ...args], { from: 'user' })
  return out
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const LOG = [
  'FUSE: <- Lookup [ID=0x6 Node=0x1 Uid=0 Gid=0 Pid=7] "a"',
  'FUSE: -> [ID=0x6] Lookup error=ENOENT',
  'FUSE: <- Lookup [ID=0x8 Node=0x1 User=0 Gid=0 Pid=7] "a\x1b[31m"',
  'a word of the daemon',
].join('\n')

describe('fusetrace formats', () => {
  test('names every dialect with what it can show', async () => {
    const text = await run()
    for (const { name, description } of dialects) {
      expect(text).toMatch(new RegExp(`^${name} +(yes|no) `, 'm'))
      expect(text).toContain(description)
    }
  })

  test('as JSON', async () => {
    const list = JSON.parse(await run('--json')) as Record<string, unknown>[]
    expect(list.map((one) => one.name)).toEqual(dialects.map((one) => one.name))
    expect(list.find((one) => one.name === 'kernel')).toMatchObject({ ids: true, path: 'none', fences: false })
  })
})

describe('fusetrace formats explain', () => {
  test('says which dialect, why, and where a line stops to fit', async () => {
    const text = await run('explain', file('x.log', LOG))
    expect(text).toContain('dialect: bazil (4 lines)')
    expect(text).toMatch(/^bazil +2 +2 +2$/m)
    expect(text).toContain('not understood: 2 of 4:')
    const lines = text.split('\n')
    const at = lines.findIndex((line) => line.includes('User=0'))
    expect(lines[at + 1]).toMatch(/^ +\^ bazil expected Uid=/)
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('User=0'))
    expect(text).toContain('fits no dialect')
  })

  test('escapes what a log could do to the terminal', async () => {
    const text = await run('explain', file('x.log', LOG))
    expect(text).not.toContain('\x1b')
    expect(text).toContain('a\\e[31m')
  })

  test('a whole line whose request was not read says that, not that something is missing in it', async () => {
    const log = [
      'unique: 2, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 7',
      '   unique: 2, success, outsize: 120',
      '   unique: 4, success, outsize: 120',
    ]
    const lines = (await run('explain', file('x.log', `${log.join('\n')}\n`))).split('\n')
    const at = lines.findIndex((line) => line.includes('unique: 4'))
    expect(lines[at + 1]).toMatch(/^ +\^ libfuse expected the request that this belongs to, in a line before$/)
  })

  test('reads gzip, stamped logs and recordings alike', async () => {
    const stamped = LOG.split('\n')
      .map((line, i) => `${1000 + i}\tstderr\t${line}`)
      .join('\n')
    const recording = join(folder, 'x.fusetrace')
    const header = makeHeader({ fusetraceVersion: '0', nodeVersion: '0', origin: 'test', originNs: 0n })
    const writer = RecordingWriter.create(recording, header)
    for (const raw of LOG.split('\n')) writer.write({ kind: 'line', atNs: 0, stream: 'stderr', raw, terminated: true })
    writer.finish()
    const plain = JSON.parse(await run('explain', '--json', file('x.log', LOG)))
    for (const args of [
      [file('x.log.gz', gzipSync(LOG))],
      ['--stamped', file('x.tsv', stamped)],
      ['--stamped', file('x.tsv.gz', gzipSync(stamped))],
      [recording],
    ]) {
      out = ''
      expect(JSON.parse(await run('explain', '--json', ...args))).toEqual(plain)
    }
    expect(plain).toMatchObject({ chosen: 'bazil', lines: 4, unmatchedCount: 2, more: false })
    expect(plain.unmatched[0]).toMatchObject({
      index: 2,
      dialect: 'bazil',
      matched: LOG.split('\n')[2]?.indexOf('User'),
    })
  })

  test('a log of no dialect is a finding', async () => {
    expect(await run('explain', file('x.log', 'one\ntwo\n'))).toContain('no dialect fits (2 lines)')
    expect(process.exitCode).toBe(1)
  })

  test("a user's own dialect takes part", async () => {
    const own = new URL('../dialect/my-dialect.js', import.meta.url).pathname
    const text = await run('explain', '--dialect', own, file('x.log', '1 > mkdir /a\n1 < 0\n2 > \n'))
    expect(text).toContain('dialect: my-dialect (3 lines)')
    expect(text).toContain('not understood: 1 of 3')
  })

  test.each([
    ['there is no such file', ['explain', '/nowhere/x.log'], 'FT_INPUT'],
    ['a dialect that is not known', ['explain', '--dialect', 'bazill', 'x'], 'FT_DIALECT'],
  ])('%s', async (_name, args, code) => {
    await expect(run(...args)).rejects.toMatchObject({ code })
  })

  test('a stamped log without stamps', async () => {
    await expect(run('explain', '--stamped', file('x.log', LOG))).rejects.toMatchObject({
      code: 'FT_INPUT',
      message: expect.stringContaining('line 1 is not stamped'),
    })
  })
})
