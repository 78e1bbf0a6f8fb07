import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fusetrace } from '../cli/run.js'
import { directory, operation, written } from './made.js'

const FILE = 'recordings/bindfs.fusetrace'

describe('export', () => {
  test.each([
    [['nowhere.fusetrace', '--format', 'csv'], 'cannot read nowhere.fusetrace'],
    [[FILE, '--format', 'svg'], 'is invalid'],
    [[FILE], '--format'],
    [['package.json', '--format', 'csv'], 'package.json is not a fusetrace recording'],
    [['src', '--format', 'csv'], 'there is no recording in src'],
    [['-', '-', '--format', 'csv'], 'stdin can be read once'],
  ])('%j is refused in one line', async (args, problem) => {
    const out = join(directory(), 'out')
    const ran = await fusetrace('export', ...args, '-o', out)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain(problem)
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(existsSync(out)).toBe(false)
    expect(existsSync(`${out}.partial`)).toBe(false)
  })

  test('nothing that exists is written over unless it is asked for, and never what is read', async () => {
    const out = join(directory(), 'out.csv')
    writeFileSync(out, 'mine')
    const ran = await fusetrace('export', FILE, '--format', 'csv', '-o', out)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('--force')
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect((await fusetrace('export', FILE, '--format', 'csv', '-o', out, '--force')).code).toBe(0)
    expect(readFileSync(out, 'utf8')).toMatch(/^file,/)
    const recording = written(join(directory(), 'a.fusetrace'), [operation(0)])
    const itself = await fusetrace('export', recording, '--format', 'csv', '-o', recording, '--force')
    expect(itself).toMatchObject({ code: 2 })
    expect((await fusetrace('info', recording)).code).toBe(0)
  })

  test('--json says what was written', async () => {
    const out = join(directory(), 'out.json')
    const ran = await fusetrace('export', FILE, '--format', 'perfetto', '-o', out, '--json')
    const said = JSON.parse(ran.stdout)
    expect(said).toMatchObject({ format: 'perfetto', output: out, recordings: 1, incomplete: 0 })
    expect(said.bytes).toBe(statSync(out).size)
    expect((await fusetrace('export', FILE, '--format', 'csv', '-o', '-', '--json')).code).toBe(2)
  })

  test('what can be read of a cut recording is exported, and said', async () => {
    const cut = join(directory(), 'cut.fusetrace')
    const whole = readFileSync('recordings/mergerfs-rs-trace.fusetrace')
    writeFileSync(cut, whole.subarray(0, whole.length - 40))
    const ran = await fusetrace('export', cut, '--format', 'csv', '-o', join(directory(), 'out.csv'), '--json')
    expect(ran.code).toBe(1)
    expect(ran.stderr).toContain('is not whole')
    expect(JSON.parse(ran.stdout)).toMatchObject({ incomplete: 1 })
  })

  test('fences and probes are left out, and in with --all', async () => {
    const file = 'recordings/demo.fusetrace'
    const rows = async (...more: string[]): Promise<string[]> => {
      const out = join(directory(), 'out.csv')
      await fusetrace('export', file, '--format', 'csv', '-o', out, ...more)
      return readFileSync(out, 'utf8').trimEnd().split('\r\n').slice(1)
    }
    const [some, all] = [await rows(), await rows('--all')]
    expect(some.every((row) => row.endsWith(',false'))).toBe(true)
    expect(all.filter((row) => row.endsWith(',true')).length).toBe(all.length - some.length)
    expect(all.length).toBeGreaterThan(some.length)
  })
})

describe('export as a program', () => {
  const run = (command: string): ReturnType<typeof spawnSync> => spawnSync('bash', ['-o', 'pipefail', '-c', command])
  const program = `${process.execPath} bin/fusetrace.js export`

  beforeAll(() => {
    expect(existsSync('dist/cli.js'), 'npm run build').toBe(true)
  })

  test('reads stdin and writes stdout', async () => {
    const piped = run(`${program} - --format csv -o - < ${FILE}`)
    const named = join(directory(), 'named.csv')
    await fusetrace('export', FILE, '--format', 'csv', '-o', named)
    expect(piped.status).toBe(0)
    expect(String(piped.stdout).replaceAll(/^stdin,/gm, `${FILE},`) === readFileSync(named, 'utf8')).toBe(true)
    const pipe = run(`cat ${FILE} | ${program} - --format otlp -o - | head -c 20`)
    expect(String(pipe.stdout)).toBe('{"resourceSpans":[{"')
  })

  test('a reader that has seen enough is no error', () => {
    const ran = run(`${program} recordings --format perfetto -o - | head -c 10`)
    expect(ran.status).toBe(0)
    expect(String(ran.stderr)).toBe('')
  })
})
