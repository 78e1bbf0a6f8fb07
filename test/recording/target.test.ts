import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { journalFile, journalHead } from '../../src/recording/journal-file.js'
import { cannotWrite, openTarget } from '../../src/recording/target.js'

let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fusetrace-target-'))
  path = join(dir, 'x.fusetrace')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const write = (target: ReturnType<typeof openTarget>, text: string): unknown => writeSync(target.file, text)
const text = (name = path): string => readFileSync(name, 'utf8')
const names = (): string[] => readdirSync(dir).sort()
const failure = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.unreachable()
}

describe('the output of a recording', () => {
  test('has its name when it is finished, and another until then', () => {
    const target = openTarget(path)
    write(target, 'one')
    expect([target.renamed, names()]).toEqual([true, ['x.fusetrace.partial']])
    expect(target.finish(true)).toBe(path)
    expect([names(), text()]).toEqual([['x.fusetrace'], 'one'])
  })

  test('is not written over what exists, a link to nothing neither, without force', () => {
    for (const make of [() => writeFileSync(path, 'mine'), () => symlinkSync('/nowhere/at/all', path)]) {
      make()
      expect(failure(() => openTarget(path))).toMatchObject({ code: 'FT_USAGE', message: `${path} exists already` })
      expect(names()).toEqual(['x.fusetrace'])
      rmSync(path)
    }
    writeFileSync(`${path}.partial`, 'left')
    expect(failure(() => openTarget(path))).toMatchObject({
      ...{
        code: 'FT_USAGE',
        message: `there is an unfinished ${path}.partial`,
        hint: expect.stringMatching(/--force/),
      },
    })
    expect(text(`${path}.partial`)).toBe('left')
  })

  test('with force replaces what exists, in the end only, and what a killed run has left', () => {
    writeFileSync(path, 'old')
    for (const name of ['.partial', '.partial.packed', '.partial.raw0']) writeFileSync(path + name, 'left')
    const target = openTarget(path, { force: true })
    write(target, 'new')
    expect([text(), text(`${path}.partial`), names()]).toEqual(['old', 'new', ['x.fusetrace', 'x.fusetrace.partial']])
    expect(target.finish(true)).toBe(path)
    expect([text(), names()]).toEqual(['new', ['x.fusetrace']])
    // A run that failed does not replace a good one.
    const failed = openTarget(path, { force: true })
    expect(failed.finish(false)).toBe(`${path}.partial`)
    expect(text()).toBe('new')
    rmSync(path)
    rmSync(`${path}.partial`)
    expect(openTarget(path, { force: true }).finish(false)).toBe(path)
  })

  test('does not follow a link under its unfinished name', () => {
    writeFileSync(join(dir, 'mine'), 'mine')
    symlinkSync(join(dir, 'mine'), `${path}.partial`)
    expect(failure(() => openTarget(path))).toMatchObject({ code: 'FT_USAGE' })
    const target = openTarget(path, { force: true })
    write(target, 'new')
    target.finish(true)
    expect([text(join(dir, 'mine')), text(), lstatSync(path).isFile()]).toEqual(['mine', 'new', true])
  })

  test('is not taken from a living process, whatever is asked', () => {
    writeFileSync(`${path}.partial`, 'hers')
    writeFileSync(journalFile(path, 0), journalHead())
    for (const force of [false, true]) {
      expect(failure(() => openTarget(path, { force }))).toMatchObject({
        ...{ code: 'FT_USAGE', message: `process ${process.pid} is recording to ${path}`, hint: 'give another name' },
      })
    }
    expect(text(`${path}.partial`)).toBe('hers')
  })

  test('replaces nothing that has come meanwhile, and what it cannot give its name is whole', () => {
    const late = openTarget(path)
    write(late, 'mine')
    writeFileSync(path, 'hers')
    expect(failure(() => late.finish(true))).toMatchObject({
      code: 'FT_OUTPUT',
      message: expect.stringMatching(/has come to exist/),
      hint: expect.stringContaining(`${path}.partial`),
    })
    expect([text(), text(`${path}.partial`)]).toEqual(['hers', 'mine'])
    rmSync(`${path}.partial`)
    rmSync(path)
    const robbed = openTarget(path)
    rmSync(`${path}.partial`)
    expect(failure(() => robbed.finish(true))).toMatchObject({
      ...{ code: 'FT_OUTPUT', message: expect.stringMatching(/was removed or replaced/) },
    })
    const replaced = openTarget(path)
    renameSync(`${path}.partial`, join(dir, 'kept'))
    writeFileSync(`${path}.partial`, 'hers')
    expect(failure(() => replaced.finish(true))).toMatchObject({ code: 'FT_OUTPUT' })
    expect(text(`${path}.partial`)).toBe('hers')
  })

  test('can be replaced by other bytes at once, while it is ours', () => {
    const target = openTarget(path)
    write(target, 'journal')
    expect(target.replace([])).toBe(false)
    expect(target.replace([Buffer.from('pack'), Buffer.from('ed')])).toBe(true)
    write(target, '!')
    expect([text(`${path}.partial`), names()]).toEqual(['packed!', ['x.fusetrace.partial']])
    target.finish(true)
    expect(text()).toBe('packed!')
    const taken = openTarget(join(dir, 'y'))
    rmSync(join(dir, 'y.partial'))
    expect([taken.replace([Buffer.from('x')]), names()]).toEqual([false, ['x.fusetrace']])
    taken.abandon()
  })

  test('is left, or taken away, when it is not finished; never somebody else’s', () => {
    openTarget(path).abandon()
    expect(names()).toEqual(['x.fusetrace.partial'])
    openTarget(path, { force: true }).discard()
    expect(names()).toEqual([])
    const target = openTarget(path)
    rmSync(`${path}.partial`)
    writeFileSync(`${path}.partial`, 'hers')
    target.discard()
    expect(text(`${path}.partial`)).toBe('hers')
  })

  test('is written into a device as it is, and into standard output', () => {
    const target = openTarget('/dev/null')
    expect([target.renamed, target.replace([Buffer.from('x')]), target.finish(true)]).toEqual([
      false,
      false,
      '/dev/null',
    ])
    expect(failure(() => write(target, 'x'))).toMatchObject({ code: 'EBADF' })
    const out = openTarget('-')
    expect([out.file, out.renamed]).toEqual([1, false])
    expect(existsSync('-.partial')).toBe(false)
  })

  test('cannot be a directory, nor lie in none', () => {
    mkdirSync(path)
    expect(failure(() => openTarget(path, { force: true }))).toMatchObject({
      ...{ code: 'FT_INPUT', message: `cannot write ${path}: it is a directory` },
    })
    expect(failure(() => openTarget(join(dir, 'none/x')))).toMatchObject({
      ...{ code: 'FT_INPUT', hint: 'check that its directory exists and can be written to' },
    })
  })

  test.each([
    ['ENOSPC', 'FT_OUTPUT', /disk is full/],
    ['EDQUOT', 'FT_OUTPUT', /disk is full/],
    ['EIO', 'FT_OUTPUT', /check/],
    ['EPIPE', 'FT_OUTPUT', /check/],
    ['EACCES', 'FT_INPUT', /check/],
  ])('%s is %s', (code, kind, hint) => {
    const error = Object.assign(new Error('no'), { code })
    expect(cannotWrite('x', error)).toMatchObject({ code: kind, message: 'cannot write x: no', cause: error })
    expect(cannotWrite('-', error)).toMatchObject({
      message: 'cannot write standard output: no',
      hint: expect.stringMatching(hint),
    })
  })
})
