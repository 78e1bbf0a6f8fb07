import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock, virtualClock } from '../../src/clock.js'
import { StatPool } from '../../src/mount/stat-pool.js'
import { LATE } from '../../src/time.js'
import { until } from '../live/machine.js'

const dir = mkdtempSync(join(tmpdir(), 'ft-look-'))
const looks = new StatPool(systemClock())
afterAll(() => {
  looks.close()
  rmSync(dir, { recursive: true })
})

const look = (what: 'lstat' | 'stat', path: string) => looks.stat(what, Buffer.from(path).toString('latin1'), 10e9)

test('what is there is reported with its kind and size', async () => {
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

test('many questions at one time are all answered, by few processes', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => look('stat', dir)))
  expect(answers.map((answer) => typeof answer === 'object' && answer.type)).toEqual(Array(100).fill('directory'))
  expect(looks.workers).toBeLessThanOrEqual(8)
})

test('questions are taken in the order in which they came', async () => {
  const taken: number[] = []
  const path = Buffer.from(dir).toString('latin1')
  const ask = (i: number) => looks.ask({ stat: 'stat', path }, 10e9, () => taken.push(i))
  await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)))
  expect(taken).toEqual(Array.from({ length: 20 }, (_, i) => i))
})

test('another process is started when those that there are get nowhere, not while the first has yet to start', async () => {
  const clock = virtualClock()
  const pool = new StatPool(clock)
  const ask = () => pool.stat('stat', Buffer.from(dir).toString('latin1'), 10e9)
  const first = [ask(), ask()]
  clock.advanceBy(5e9)
  expect(pool.workers).toBe(1)
  await Promise.all(first)
  // No turn of the event loop: no answer can have come.
  const second = [ask(), ask()]
  clock.advanceBy(9e6)
  expect(pool.workers).toBe(1)
  clock.advanceBy(1e6)
  expect(pool.workers).toBe(2)
  await Promise.all(second)
  pool.close()
})

test('who holds a file open is counted, by this process and by one that sleeps', async () => {
  const path = join(dir, 'held')
  writeFileSync(path, '')
  const ask = () => looks.ask({ stat: 'handles', path: Buffer.from(path).toString('latin1') }, 10e9)
  const sleeper = spawn('sh', ['-c', 'read line; exec <"$0"; echo; exec sleep 60', path], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  try {
    // Long enough for it to have learnt which processes have run.
    for (let i = 0; i < 30; i++) {
      expect(await ask()).toMatchObject({ errno: null, size: 0 })
      const fd = openSync(path, 'r')
      expect(await ask()).toMatchObject({ size: 1 })
      closeSync(fd)
    }
    sleeper.stdin.end('go\n')
    await once(sleeper.stdout, 'data')
    // As who waits for a daemon does; the time of one that runs is behind.
    await until(() => / \(sleep\) S /.test(readFileSync(`/proc/${sleeper.pid}/stat`, 'utf8')))
    for (let i = 0; i < 5; i++) expect(await ask()).toMatchObject({ size: 1 })
    sleeper.kill('SIGKILL')
    await once(sleeper, 'exit')
    expect(await ask()).toMatchObject({ size: 0 })
  } finally {
    sleeper.kill('SIGKILL')
  }
})

test('another path is asked for along with a question: of holders, where there are none', async () => {
  const path = join(dir, 'along')
  writeFileSync(path, '')
  const raw = (text: string) => Buffer.from(text).toString('latin1')
  // What it answers itself does not count, nor that it fails.
  const own = raw(join(path, 'below'))
  expect(await looks.ask({ stat: 'lstat', path: raw(path), own }, 10e9)).toMatchObject({ errno: null, type: 'file' })
  expect(await looks.ask({ stat: 'handles', path: raw(path), own }, 10e9)).toMatchObject({ errno: null, size: 0 })
})

test('after its end nothing is asked any more', async () => {
  const pool = new StatPool(systemClock())
  const path = Buffer.from(dir).toString('latin1')
  const asked = [pool.stat('stat', path, 10e9), pool.stat('stat', path, 10e9)]
  pool.close()
  expect(await asked[1]).toBe(LATE)
  expect(await pool.stat('stat', path, 10e9)).toBe(LATE)
  await asked[0]
})

test('the processes of a pool that has ended serve the next one', async () => {
  const first = new StatPool(systemClock())
  await first.stat('stat', Buffer.from(dir).toString('latin1'), 10e9)
  first.close()
  const next = new StatPool(systemClock())
  expect(next.ready).toBe(true)
  expect(await next.stat('stat', Buffer.from(dir).toString('latin1'), 10e9)).toMatchObject({ type: 'directory' })
  next.close()
})
