import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fusetrace, objects } from '../cli/run.js'
import { directory, operation, written } from '../export/made.js'
import { recorded } from './made.js'

interface Covered {
  opcodes: { opcode: string; count: number; recordings: number; outcomes: Record<string, number>; never: string[] }[]
  neverSeen: string[]
  missed: string[]
  operations: number
  recordings: number
}

async function coverage(...args: string[]): Promise<{ code: number; stderr: string; covered: Covered }> {
  const ran = await fusetrace('coverage', ...args, '--json')
  return { code: ran.code, stderr: ran.stderr, covered: ran.stdout === '' ? ({} as Covered) : JSON.parse(ran.stdout) }
}

describe('coverage', () => {
  test('counts opcodes by outcomes, and names what was never seen', async () => {
    const { code, covered } = await coverage(await recorded())
    expect(code).toBe(0)
    const of = (opcode: string): Covered['opcodes'][number] | undefined =>
      covered.opcodes.find((one) => one.opcode === opcode)
    expect(of('mkdir')).toEqual({
      opcode: 'mkdir',
      count: 2,
      recordings: 1,
      outcomes: { EEXIST: 1, ok: 1 },
      never: ['EACCES', 'ENOSPC'],
    })
    expect(of('unlink')?.outcomes).toEqual({ ENOENT: 1 })
    expect(of('write')?.outcomes).toEqual({ unfinished: 1 })
    // Nothing was found: that is the same answer as ENOENT.
    expect(of('lookup')?.never).not.toContain('ENOENT')
    expect(covered.neverSeen).toEqual(expect.arrayContaining(['rename', 'rmdir', 'create']))
    expect(covered.neverSeen).not.toContain('mkdir')
  })

  test('over all recordings here it adds up with show', async () => {
    const { covered } = await coverage('recordings')
    const files = [
      'recordings/bindfs.fusetrace',
      'recordings/test/suite/bindfs/directories a removed directory is gone.fusetrace',
    ]
    const some = (await coverage(...files)).covered
    const shown: Record<string, unknown>[] = []
    for (const file of files) shown.push(...objects((await fusetrace('show', file, '--operations', '--json')).stdout))
    const counted = shown.filter(({ own }) => !own)
    expect(some.operations).toBe(counted.length)
    for (const { opcode, count, outcomes } of some.opcodes) {
      const same = counted.filter((one) => one.opcode === opcode)
      expect(count).toBe(same.length)
      expect(outcomes.ENOENT ?? 0).toBe(same.filter(({ errno }) => errno === 'ENOENT').length)
    }
    expect(covered.recordings).toBeGreaterThan(90)
    expect(covered.opcodes.find(({ opcode }) => opcode === 'mkdir')?.never).toContain('EEXIST')
    expect(covered.opcodes.find(({ opcode }) => opcode === 'rmdir')?.outcomes.ENOTEMPTY).toBeGreaterThan(0)
  })

  test('thresholds that are missed are exit 1, a line each', async () => {
    const file = await recorded()
    const fine = [
      '--require',
      'mkdir:EEXIST,unlink:error',
      '--require',
      'rename',
      '--min-opcodes',
      '4',
      '--min-outcomes',
      '5',
    ]
    expect(await coverage(file, ...fine)).toMatchObject({ code: 0, covered: { missed: [] } })
    const { code, stderr, covered } = await coverage(file, '--require', 'mkdir:ENOSPC,statfs', '--min-opcodes', '40')
    expect(code).toBe(1)
    expect(covered.missed).toEqual([
      expect.stringMatching(/^\d opcodes were seen, 40 are asked for$/),
      'mkdir:ENOSPC was never seen',
      'statfs was never seen',
    ])
    expect(stderr.trimEnd().split('\n')).toHaveLength(3)
  })

  test('the table has a row an opcode and says what is missing', async () => {
    const { stdout, code } = await fusetrace('coverage', await recorded())
    expect(code).toBe(0)
    expect(stdout).toMatch(/^mkdir +2 +1 +1 +0 +EEXIST 1 +EACCES, ENOSPC$/m)
    expect(stdout).toMatch(/^never seen: .*\brmdir\b/m)
  })

  test.each([
    [['nowhere'], 'cannot read nowhere'],
    [['recordings/demo.fusetrace', '--require', 'mkdr'], 'did you mean mkdir'],
    [['recordings/demo.fusetrace', '--require', 'mkdir:EEXISTS'], 'there is no outcome'],
    [['recordings/demo.fusetrace', '--min-opcodes', 'many'], 'is not a count'],
    [['recordings/demo.fusetrace', '--html', '-'], 'both write to stdout'],
  ])('%j is refused in one line', async (args, words) => {
    const { code, stderr } = await coverage(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('coverage --html', () => {
  const hostile = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '&lt;', '\u202eevil', '</table>']

  test('opcodes of a log that lies are text in it, and no page is written over', async () => {
    const rows = hostile.map((opcode, id) => operation(id, { opcode, status: 'error', errno: opcode }))
    const file = written(join(directory(), 'a.fusetrace'), rows)
    const page = join(directory(), 'coverage.html')
    expect((await fusetrace('coverage', file, '--html', page)).code).toBe(0)
    const html = readFileSync(page, 'utf8')
    expect(html).not.toMatch(/<script|<img|\u202e|&lt;(?!script)/)
    expect(html.match(/<\/table>/g)).toHaveLength(1)
    expect((await fusetrace('coverage', file, '--html', page)).code).toBe(2)
    expect((await fusetrace('coverage', file, '--html', page, '--force')).code).toBe(0)
    expect(existsSync(`${page}.partial`)).toBe(false)
  })
})
