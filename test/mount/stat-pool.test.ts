import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { StatPool } from '../../src/mount/stat-pool.js'

const dir = mkdtempSync(join(tmpdir(), 'ft-look-'))
const looks = new StatPool(systemClock())
afterAll(() => {
  looks.close()
  rmSync(dir, { recursive: true })
})

const look = (what: 'lstat' | 'stat', path: string) => looks.stat(what, Buffer.from(path).toString('latin1'), 10e9)

test('what is there is told with its kind and size', async () => {
  writeFileSync(join(dir, 'ä\nb'), '12345')
  mkdirSync(join(dir, 'd'))
  symlinkSync('d', join(dir, 'l'))
  expect(await look('lstat', join(dir, 'ä\nb'))).toMatchObject({ errno: null, type: 'file', size: 5 })
  expect(await look('lstat', join(dir, 'd'))).toMatchObject({ type: 'directory' })
  expect(await look('lstat', join(dir, 'l'))).toMatchObject({ type: 'symlink' })
  expect(await look('stat', join(dir, 'l'))).toMatchObject({ type: 'directory' })
})

test('names need not be UTF-8', async () => {
  const path = Buffer.concat([Buffer.from(dir), Buffer.from([0x2f, 0xff, 0xfe])])
  writeFileSync(path, 'x')
  expect(await looks.stat('lstat', path.toString('latin1'), 10e9)).toMatchObject({ errno: null, size: 1 })
})

test('what is not there is an error by name', async () => {
  expect(await look('stat', join(dir, 'none'))).toMatchObject({ errno: 'ENOENT', type: null })
  expect(await look('stat', join(dir, 'ä\nb', 'x'))).toMatchObject({ errno: 'ENOTDIR' })
})

test('many questions at one time are all answered', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => look('stat', dir)))
  expect(answers.map((answer) => typeof answer === 'object' && answer.type)).toEqual(Array(8).fill('directory'))
})
