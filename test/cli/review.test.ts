import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reviewProjectEach } from './review-project.js'
import { fusetraceIn } from './run.js'

const project = reviewProjectEach()
const { git, put, holds, committed } = project
const fusetrace = (...args: string[]) => fusetraceIn(project.directory, ...args)

describe('against git', () => {
  test('tells what changed, and changes nothing', async () => {
    committed()
    const { code: status, stdout } = await fusetrace('review', '--json')
    const found = JSON.parse(stdout)
    expect(found).toMatchObject([
      { file: "recordings/a 'b' é.fusetrace", status: 'changed', against: 'HEAD', command: true, decision: null },
      { file: 'recordings/gone.fusetrace', status: 'deleted', problem: null },
      { file: 'recordings/new.fusetrace', status: 'new' },
    ])
    expect(found[0].same).toBeGreaterThan(50)
    expect(found[0].gone + found[0].new + found[0].outcomes).toBeGreaterThan(0)
    expect(found[1].gone).toBeGreaterThan(100)
    expect(status).toBe(1)
    expect(git('status', '--porcelain').split('\n').filter(Boolean)).toHaveLength(3)
    const text = await fusetrace('review')
    expect(text.stdout).toMatch(/new\.fusetrace: new, \d+ operations\n/)
    expect(text.stderr).toContain('3 to be decided')
  })

  test('accepts and keeps by patterns', async () => {
    committed()
    const { code: status, stdout } = await fusetrace(
      'review',
      '--accept',
      'recordings/new*',
      '--accept',
      '**/gone*',
      '--keep',
      "**/a 'b'*",
    )
    expect(stdout.match(/: (accepted|kept)$/gm)).toEqual([': kept', ': accepted', ': accepted'])
    expect(status).toBe(0)
    expect(holds("a 'b' é.fusetrace", 'bindfs.fusetrace')).toBe(true)
    expect(git('status', '--porcelain').trim().split('\n')).toEqual([
      'D  recordings/gone.fusetrace',
      'A  recordings/new.fusetrace',
    ])
    expect((await fusetrace('review')).stdout).toBe('no recording has changed\n')
  })

  test('goes on where something cannot be read', async () => {
    committed()
    writeFileSync(join(project.directory, 'recordings', 'same.fusetrace'), 'no recording')
    const found = JSON.parse((await fusetrace('review', '--json')).stdout)
    expect(found.at(-1)).toMatchObject({
      file: 'recordings/same.fusetrace',
      problem: expect.stringContaining('not a fusetrace recording'),
    })
  })

  test('what is asked wrongly is one line and changes nothing', async () => {
    committed()
    const both = await fusetrace('review', '--accept', '**/new*', '--keep', '**/*')
    expect([both.code, both.stderr.trim().split('\n').length]).toEqual([2, 1])
    expect(await fusetrace('review', '--accept', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('matches no changed'),
    })
    expect(await fusetrace('review', 'nowhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no directory nowhere'),
    })
    expect(git('diff', '--cached', '--name-only')).toBe('')
  })
})

describe('without git', () => {
  test('only what was kept beside it is looked at, and that is said', async () => {
    put('unionfs.fusetrace', 'a.fusetrace')
    put('bindfs.fusetrace', 'a.fusetrace.previous')
    put('unionfs.fusetrace', 'b.fusetrace')
    put('unionfs.fusetrace', 'b.fusetrace.previous')
    const { code: status, stdout, stderr } = await fusetrace('review', '--accept', '**/a*', '--keep', '**/b*')
    expect(stderr).toContain('only .previous is looked at')
    expect(stdout).toContain('b.fusetrace: its 337 operations are the same'.slice(0, 17))
    expect(status).toBe(0)
    expect(existsSync(join(project.directory, 'recordings', 'a.fusetrace.previous'))).toBe(false)
    expect(existsSync(join(project.directory, 'recordings', 'b.fusetrace.previous'))).toBe(false)
    expect(holds('a.fusetrace', 'unionfs.fusetrace')).toBe(true)
  })
})
