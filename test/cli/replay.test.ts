import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stream } from '../../src/line/line.js'
import { LineSplitter } from '../../src/line/splitter.js'
import { makeHeader } from '../../src/recording/header.js'
import type { Row } from '../../src/recording/row.js'
import { RecordingWriter } from '../../src/recording/writer.js'
import { tries } from '../tries.js'
import { fusetrace, objects } from './run.js'

const CLI = new URL('../../bin/fusetrace.js', import.meta.url).pathname
const TRACE = new URL('../../recordings/mergerfs-rs-trace.fusetrace', import.meta.url).pathname
const DEBUG = new URL('../../recordings/mergerfs-rs-debug.fusetrace', import.meta.url).pathname

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-replay-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function recording(rows: readonly Row[]): string {
  const path = join(directory, 'x.fusetrace')
  const writer = RecordingWriter.create(
    path,
    makeHeader({ fusetraceVersion: '1', nodeVersion: '20', origin: 'test', originNs: 0n }),
    { force: true },
  )
  for (const row of rows) writer.write(row)
  writer.finish()
  return path
}

describe('replay', () => {
  test('gives each stream its bytes again, whatever they are and however they came', async () => {
    const chunk = fc.record({
      stream: fc.constantFrom<Stream>('stdout', 'stderr'),
      bytes: fc.uint8Array({ maxLength: 40 }),
    })
    // Line feeds are rare among arbitrary bytes.
    const some = fc.array(
      fc.oneof(
        chunk,
        fc.record({
          stream: fc.constantFrom<Stream>('stdout', 'stderr'),
          bytes: fc.constant(new Uint8Array([65, 10, 10])),
        }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(some, async (chunks) => {
        const rows: Row[] = []
        const splitter = new LineSplitter({
          onLine: ({ atNs, stream, raw, terminated }) => rows.push({ kind: 'line', atNs, stream, raw, terminated }),
        })
        const expected = { stdout: '', stderr: '' }
        for (const { stream, bytes } of chunks) {
          splitter.push(stream, bytes, 0)
          expected[stream as 'stdout'] += Buffer.from(bytes).toString('latin1')
        }
        splitter.end(0)
        const ran = await fusetrace('replay', recording(rows), '--speed', 'instant')
        expect(ran).toEqual({ code: 0, ...expected })
      }),
      { numRuns: tries(20, 200) },
    )
  })

  test('of a terminal goes to stdout', async () => {
    const path = recording([{ kind: 'line', atNs: 0, stream: 'tty', raw: 'x\r', terminated: true }])
    expect(await fusetrace('replay', path)).toEqual({ code: 0, stdout: 'x\r\n', stderr: '' })
  })

  test('keeps the pace, or a multiple of it', async () => {
    const path = recording([
      { kind: 'line', atNs: 0, stream: 'stdout', raw: 'a', terminated: true },
      { kind: 'line', atNs: 200e6, stream: 'stdout', raw: 'b', terminated: true },
    ])
    const took = async (...options: string[]): Promise<bigint> => {
      const begin = process.hrtime.bigint()
      expect((await fusetrace('replay', path, ...options)).stdout).toBe('a\nb\n')
      return process.hrtime.bigint() - begin
    }
    expect(await took()).toBeGreaterThanOrEqual(200_000_000n)
    expect(await took('--speed', '4')).toBeGreaterThanOrEqual(50_000_000n)
  })

  test.each(['0', '-1', 'fast', ''])('--speed %j is refused', async (speed) => {
    const ran = await fusetrace('replay', TRACE, '--speed', speed)
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/^fusetrace: --speed [^\n]+; [^\n]+\n$/)
  })

  test('of a real recording, imported again, gives the same operations', async () => {
    // One file for both streams, so that their order is kept.
    const [log, again] = [join(directory, 'both.log'), join(directory, 'again.fusetrace')]
    await execa('sh', ['-c', '"$0" "$1" replay "$2" --speed instant > "$3" 2>&1', process.execPath, CLI, DEBUG, log])
    await fusetrace('import', log, '-o', again)
    const operations = async (path: string): Promise<unknown[]> =>
      objects((await fusetrace('show', path, '--operations', '--json')).stdout).map((one) => {
        // Without stamps only the lines' own times are left.
        const { startNs, endNs, endedBy, ...rest } = one
        return rest
      })
    const before = await operations(DEBUG)
    const now = await operations(again)
    expect(now).toHaveLength(before.length)
    // What was recorded by an older version has fewer fields, and one name for what has several.
    for (const [i, one] of before.entries()) {
      const { path, ...rest } = one as Record<string, unknown>
      expect(now[i]).toMatchObject('paths' in (now[i] as object) ? rest : { path, ...rest })
    }
  })
})

describe('pipes', () => {
  test('a recording may come through stdin, all of it or the beginning', async () => {
    const input = readFileSync(TRACE)
    for (const args of [['show', '--since', '300ms', '--limit', '5'], ['info']]) {
      const [command = '', ...options] = args
      const piped = await execa(process.execPath, [CLI, command, '-', ...options], { input })
      expect(piped.stderr).toBe('')
      const named = await fusetrace(command, TRACE, ...options)
      expect(`${piped.stdout}\n`).toBe(Buffer.from(named.stdout, 'latin1').toString())
    }
    const half = { input: input.subarray(0, input.length >> 1), reject: false }
    const cut = await execa(process.execPath, [CLI, 'show', '-'], half)
    expect(cut.exitCode).toBe(1)
    expect(cut.stderr).toMatch(/^fusetrace: - is not whole: it is cut in the block at byte \d+$/)
  })

  test('a recording may go to stdout', async () => {
    const log = 'hello\nworld'
    const made = await execa(process.execPath, [CLI, 'import', '-', '-o', '-'], {
      input: log,
      encoding: 'buffer',
      stripFinalNewline: false,
    })
    const back = await execa(process.execPath, [CLI, 'replay', '-', '--speed', 'instant'], {
      input: made.stdout,
      stripFinalNewline: false,
    })
    expect(back.stdout).toBe(log)
  })

  test('a reader that has seen enough is no error', async () => {
    for (const args of [`show --lines '${TRACE}'`, `replay --speed instant '${DEBUG}'`, '--help']) {
      const { stdout, stderr } = await execa('sh', [
        '-c',
        `{ '${process.execPath}' '${CLI}' ${args}; echo "exit $?" >&2; } | head -c 1`,
      ])
      expect(stdout).toHaveLength(1)
      expect(stderr.split('\n').at(-1)).toBe('exit 0')
      expect(stderr).not.toMatch(/EPIPE|Error/)
    }
  })
})
