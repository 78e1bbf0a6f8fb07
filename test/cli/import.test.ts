import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
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
  const ran = await fusetrace('import', file('log'), '--force', '-o', file('x.fusetrace'), ...options)
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

  test('whose lines have no times says so', async () => {
    writeFileSync(
      file('log'),
      'unique: 2, opcode: GETATTR (3), nodeid: 1, insize: 56, pid: 7\n   unique: 2, success, outsize: 120\n',
    )
    const plain = await fusetrace('import', file('log'), '-o', file('x.fusetrace'))
    expect(plain.stderr).toMatch(/ 1 operations \(libfuse\), 0 lines not understood; no line has a time/)
    writeFileSync(file('log'), '04.22 11:30:00.472019: uid:0 gid:0 pid:9 cmd:rmdir (1,d): OK\n')
    const timed = await fusetrace('import', file('log'), '-o', file('y.fusetrace'))
    expect(timed.stderr).toMatch(/ 1 operations \(moosefs\), 0 lines not understood\n/)
  })

  test('whose clock was set back, or that was saved newest first, says so', async () => {
    const line = (second: number): string => `04.22 11:30:${second}.000000: uid:0 gid:0 pid:9 cmd:rmdir (1,d): OK\n`
    writeFileSync(file('log'), [30, 31, 11, 12, 14].map(line).join(''))
    const back = await fusetrace('import', file('log'), '-o', file('x.fusetrace'))
    expect(back.stderr).toMatch(/0 lines not understood; its clock was set back once: times go on from there\n/)
    writeFileSync(file('log'), [31, 30, 28, 25, 24, 20].map(line).join(''))
    const newest = await fusetrace('import', file('log'), '-o', file('y.fusetrace'))
    expect(newest.stderr).toMatch(/; its lines are newest first: try tac \S+ \| fusetrace import - -o FILE\n/)
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

describe('what is there already', () => {
  const old = 'what was here before'

  test.each([
    ['a file', () => writeFileSync(file('x.fusetrace'), old), 'x.fusetrace exists already'],
    ['a link', () => symlinkSync(file('elsewhere'), file('x.fusetrace')), 'x.fusetrace exists already'],
    [
      'an unfinished one',
      () => writeFileSync(file('x.fusetrace.partial'), old),
      'an unfinished [^\\n]*x.fusetrace.partial',
    ],
    [
      'a link in the place of an unfinished one',
      () => symlinkSync(file('elsewhere'), file('x.fusetrace.partial')),
      'an unfinished [^\\n]*x.fusetrace.partial',
    ],
  ])('%s stays, and nothing is written through it; --force replaces it', async (_, make, says) => {
    writeFileSync(file('log'), 'x\n')
    writeFileSync(file('elsewhere'), old)
    make()
    const before = readdirSync(directory)
    const ran = await fusetrace('import', file('log'), '-o', file('x.fusetrace'))
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(new RegExp(`^fusetrace: [^\\n]*${says}[^\\n]*--force[^\\n]*\\n$`))
    expect(readdirSync(directory)).toEqual(before)
    expect((await fusetrace('import', file('log'), '-o', file('x.fusetrace'), '--force')).code).toBe(0)
    expect(await info(file('x.fusetrace'))).toMatchObject({ lines: 1, complete: true })
    expect(readFileSync(file('elsewhere'), 'utf8')).toBe(old)
    expect(existsSync(file('x.fusetrace.partial'))).toBe(false)
  })

  test('a log is not written over by its own recording, not even with --force, under whatever name', async () => {
    writeFileSync(file('log'), 'x\n')
    linkSync(file('log'), file('hard'))
    symlinkSync(file('log'), file('soft'))
    for (const name of ['log', 'hard', 'soft']) {
      const ran = await fusetrace('import', file('log'), '-o', file(name), '--force')
      expect(ran).toMatchObject({ code: 2, stderr: expect.stringMatching(/is the log itself/) })
    }
    expect(readFileSync(file('log'), 'utf8')).toBe('x\n')
  })

  test('a recording is no log, nor are random bytes', async () => {
    const recording = await imported('x\n')
    const random = file('random')
    writeFileSync(random, createHash('sha512').update('x').digest().toString('latin1').repeat(100), 'latin1')
    for (const path of [recording, random]) {
      const ran = await fusetrace('import', path, '-o', file('y.fusetrace'))
      expect(ran.code).toBe(2)
      expect(ran.stderr).toMatch(/^fusetrace: this is (a recording already|no log)[^\n]*\n$/)
      expect(existsSync(file('y.fusetrace'))).toBe(false)
    }
  })

  test('an output that cannot be written to its end is one line, and exit 3', async () => {
    writeFileSync(file('log'), 'x\n')
    const ran = await fusetrace('import', file('log'), '-o', '/dev/full')
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr).toMatch(/^fusetrace: cannot write \/dev\/full: ENOSPC[^\n]*; the disk is full[^\n]*\n$/)
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
