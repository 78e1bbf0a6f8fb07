import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fusetrace, objects } from './run.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fusetrace-import-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const file = (name: string): string => join(directory, name)

async function imported(bytes: string | Uint8Array, ...options: string[]): Promise<string> {
  writeFileSync(file('log'), typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  const ran = await fusetrace('import', file('log'), '-o', file('x.fusetrace'), ...options)
  expect(ran).toMatchObject({ code: 0, stdout: '' })
  return file('x.fusetrace')
}

const info = async (path: string): Promise<Record<string, unknown>> =>
  JSON.parse((await fusetrace('info', path, '--json')).stdout) as Record<string, unknown>
const lines = async (path: string): Promise<Record<string, unknown>[]> =>
  objects((await fusetrace('show', path, '--lines', '--json')).stdout)

const kernelLine = (seconds: string, rest: string): string =>
  `  bash-1  [000] ...1.  ${seconds}: fuse_request_${rest}\n`

describe('a stamped log', () => {
  test('keeps times to the nanosecond beyond 2^53, streams, and any bytes', async () => {
    const path = await imported(
      '9223372036854775000\tstdout\ta\tb\x1b[0m\n9223372036854775001\tstderr\t\n9223372036854775807\ttty\t\xff\xc3\xa9',
      '--stamped',
    )
    expect(await info(path)).toMatchObject({
      originNs: '9223372036854775000',
      durationNs: 807,
      lines: 3,
      complete: true,
    })
    expect(await lines(path)).toEqual([
      { index: 0, atNs: 0, stream: 'stdout', text: 'a\tb\x1b[0m', terminated: true },
      { index: 1, atNs: 1, stream: 'stderr', text: '', terminated: true },
      { index: 2, atNs: 807, stream: 'tty', text: '\\xFFé', bytes: '/8Op', terminated: false },
    ])
  })

  test.each([
    ['a stream that there is none of', '5\tstdouz\tx'],
    ['no tabs', 'hello'],
    ['a time that is none', '5.5\tstdout\tx'],
    ['a time too far from the first', '9007199254741999\tstdout\tx'],
  ])('with %s is refused with the line’s number, and nothing is left', async (_, line) => {
    writeFileSync(file('log'), `1\tstdout\tfine\n${line}\n`)
    const ran = await fusetrace('import', file('log'), '--stamped', '-o', file('x.fusetrace'))
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/^fusetrace: line 2 [^\n]*;[^\n]*\n$/)
    expect(readdirSync(directory)).toEqual(['log'])
  })
})

describe('a plain log', () => {
  test('has the times of its lines, from the first that has one', async () => {
    const path = await imported(
      `# tracer: nop\n${kernelLine('369.338167', 'send: connection 39 req 4 opcode 3 (FUSE_GETATTR) len 56')}` +
        kernelLine('369.346153', 'end: connection 39 req 4 len 120 error 0'),
    )
    expect(await info(path)).toMatchObject({ dialect: 'kernel', originNs: '369338167000', durationNs: 7986000 })
    const shown = await fusetrace('show', path, '--operations', '--json')
    expect(objects(shown.stdout)).toMatchObject([
      { id: 0, opcode: 'getattr', unique: 4, startNs: 0, endNs: 7986000, status: 'ok', lines: [1, 2] },
    ])
  })

  test('of no known dialect is kept, and that nothing was understood is said', async () => {
    writeFileSync(file('log'), 'hello\nworld')
    const ran = await fusetrace('import', file('log'), '-o', file('x.fusetrace'))
    expect(ran.stderr).toMatch(/2 lines, no operation was understood/)
    expect(await info(file('x.fusetrace'))).toMatchObject({ dialect: 'none', operations: 0, lines: 2, unparsed: 2 })
    expect(await lines(file('x.fusetrace'))).toMatchObject([{ terminated: true }, { text: 'world', terminated: false }])
  })

  test('may be packed by gzip, and a damaged one is refused', async () => {
    const packed = gzipSync(Buffer.from('one\ntwo\n'.repeat(20_000)))
    expect(await info(await imported(packed))).toMatchObject({ lines: 40_000 })
    for (const damaged of [packed.subarray(0, packed.length - 20), Buffer.concat([packed.subarray(0, 12), packed])]) {
      writeFileSync(file('log'), damaged)
      const ran = await fusetrace('import', file('log'), '-o', file('y.fusetrace'))
      expect(ran.code).toBe(2)
      expect(ran.stderr).toMatch(/^fusetrace: cannot read [^\n]*\n$/)
    }
    expect(existsSync(file('y.fusetrace'))).toBe(false)
  })

  test('that is empty is a recording of nothing', async () => {
    expect(await info(await imported(''))).toMatchObject({ lines: 0, durationNs: 0, complete: true })
  })

  test('gives the same recording in any time zone', async () => {
    const log = '2025-03-30T01:59:59.5Z DEBUG x\n2026/11/22 20:00:41 DEBUG : y\n20:00:35.640828 z\n'
    const before = process.env.TZ
    const made: Buffer[] = []
    try {
      for (const zone of ['UTC', 'Asia/Kathmandu', 'America/St_Johns']) {
        process.env.TZ = zone
        made.push(readFileSync(await imported(log)))
      }
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
    expect(made[1]).toEqual(made[0])
    expect(made[2]).toEqual(made[0])
  })
})

describe('what cannot be done', () => {
  test.each([
    ['a log that is not there', ['missing', '-o', 'x.fusetrace']],
    ['a directory as log', ['.', '-o', 'x.fusetrace']],
    ['a directory as recording', ['log', '-o', '.']],
    ['a recording where nothing can be written', ['log', '-o', 'none/x.fusetrace']],
    ['a dialect that there is none of', ['log', '-o', 'x.fusetrace', '--dialect', 'nope']],
    ['no recording', ['log']],
  ])('%s: one line on stderr, exit 2, nothing left', async (_, given) => {
    writeFileSync(file('log'), 'x\n')
    const args = given.map((arg, i) => (i === 0 || given[i - 1] === '-o' ? file(arg) : arg))
    const ran = await fusetrace('import', ...args)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/^fusetrace: [^\n]+; [^\n]+\n$/)
    expect(readdirSync(directory)).toEqual(['log'])
  })
})
