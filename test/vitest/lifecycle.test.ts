import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, describe, expect, test } from 'vitest'
import { CLI, lacks, until } from '../live/machine.js'
import { type Project, project } from './project.js'

const why = lacks('bindfs')

/** Tells its process and waits for what never comes. */
const WAITING = `
import { writeFileSync, renameSync } from 'node:fs'
const test = fuseTest({ daemon })
test('waits', { timeout: 600_000 }, async ({ mount, session }) => {
  await mount.fs.writeFile('a.txt', 'x')
  writeFileSync('told.new', JSON.stringify({ pid: process.pid, daemon: session.daemon.pid, mount: mount.path }))
  renameSync('told.new', process.env.TOLD ?? 'told')
  await session.waitFor.fileVisible('never.txt', { timeoutMs: 600_000 })
})
`

const QUICK = `
const test = fuseTest({ daemon })
for (let i = 0; i < 5; i++) {
  test('number ' + i, async ({ mount, step, waitFor }) => {
    await step('create', () => mount.fs.writeFile('a.txt', String(i)))
    await waitFor.writeComplete('a.txt')
    expect(await mount.fs.readdir('/')).toEqual(['a.txt'])
    expect(await mount.branches[0].fs.readFile('a.txt', 'utf8')).toBe(String(i))
  })
}
`

/** The hook has all the time it needs for the mount: the second that the test has begins when the daemon hangs. */
const HUNG = `
const test = fuseTest({ daemon })
describe('a daemon', () => {
  test.beforeEach(async ({ session }) => {
    process.kill(session.daemon.pid, 'SIGSTOP')
  }, 300_000)
  test('hangs', { timeout: 1000 }, async ({ mount }) => {
    await mount.fs.writeFile('a.txt', 'x')
  })
})
test('goes on', { timeout: 300_000 }, async ({ mount, waitFor, step }) => {
  await step('create', () => mount.fs.writeFile('a.txt', 'x'))
  await waitFor.fileVisible('a.txt')
})
`

interface Told {
  pid: number
  daemon: number
  mount: string
}

function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe.skipIf(why !== '')('whatever happens', () => {
  let made: Project
  afterEach(() => made.remove())

  /** Starts the test that waits, and resolves when it does. */
  async function waiting(): Promise<Told & { ended: Promise<unknown>; group: number }> {
    made = project({ 'waiting.test.ts': WAITING, 'quick.test.ts': QUICK })
    const { pid, ended } = made.start(['waiting'], { FUSETRACE: 'live' })
    await until(() => made.exists('told'))
    return { ...(JSON.parse(String(made.read('told'))) as Told), ended, group: pid }
  }

  test('a worker that is killed leaves neither mount nor daemon; `fusetrace clean` takes the rest away', async () => {
    const { pid, daemon, ended } = await waiting()
    process.kill(pid, 'SIGKILL')
    await ended
    await until(() => !alive(daemon))
    const { stdout } = await execa(process.execPath, [CLI, 'clean', '--json'], { env: { TMPDIR: made.temp } })
    expect(JSON.parse(stdout)).toContainEqual({
      what: 'directory',
      name: expect.stringContaining(made.temp),
      problem: null,
    })
    expect(made.left()).toEqual([])
    const again = await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: made.temp } })
    expect(again.stdout).toBe('nothing was left behind')
  })

  test('when all of vitest is killed, the next run cleans up', async () => {
    const { pid, daemon, group, ended } = await waiting()
    for (const each of [-group, pid]) {
      try {
        process.kill(each, 'SIGKILL')
      } catch {
        // It went with the group.
      }
    }
    await ended
    await until(() => !alive(daemon))
    expect((await made.run(['quick', '-t', 'number 0'], { FUSETRACE: 'live' })).tests['number 0']?.state).toBe('passed')
    expect(made.left()).toEqual([])
  })

  test('when vitest is killed and its worker is not, the worker ends and leaves nothing', async () => {
    const { pid, daemon, group, ended } = await waiting()
    process.kill(group, 'SIGKILL')
    await ended
    await until(() => !alive(pid) && !alive(daemon))
    expect(made.left()).toEqual([])
  })

  test('`fusetrace run` that is ended ends vitest', async () => {
    made = project({ 'waiting.test.ts': WAITING })
    const env = { TMPDIR: made.temp }
    const run = execa(process.execPath, [CLI, 'run', '--mode', 'live', '--', 'waiting'], {
      cwd: made.directory,
      env,
      reject: false,
    })
    await until(() => made.exists('told'))
    const { pid, daemon } = JSON.parse(String(made.read('told'))) as Told
    run.kill('SIGTERM')
    expect((await run).exitCode).toBe(143)
    await until(() => !alive(pid) && !alive(daemon))
    expect(made.left()).toEqual([])
  })

  test('Ctrl-C ends the run and leaves nothing', async () => {
    const { daemon, group, ended } = await waiting()
    process.kill(-group, 'SIGINT')
    await ended
    await until(() => !alive(daemon))
    await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: made.temp } })
    expect(made.left()).toEqual([])
  })

  test('a daemon that hangs hangs no run', async () => {
    made = project({ 'hung.test.ts': HUNG })
    const { tests, output } = await made.run([], { FUSETRACE: 'live' })
    expect([tests['a daemon hangs']?.state, tests['goes on']?.state]).toEqual(['failed', 'passed'])
    expect(output).toMatch(
      /mount\.fs\.writeFile\("a\.txt", "x"\) has not returned; bindfs runs, pid \d+; it is stopped .*; 1 request waits/,
    )
    expect(made.left()).toEqual([])
  })

  test('two runs at the same time do not disturb each other, nor does `fusetrace clean`', async () => {
    made = project({ 'quick.test.ts': QUICK, 'waiting.test.ts': WAITING })
    const waits = made.start(['waiting'], { FUSETRACE: 'live' })
    await until(() => made.exists('told'))
    const told = JSON.parse(String(made.read('told'))) as Told
    const runs = await Promise.all([1, 2].map(() => made.run(['quick'], { FUSETRACE: 'live' })))
    const { stdout } = await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: made.temp } })
    expect(stdout).toBe('nothing was left behind')
    for (const { tests } of runs)
      expect(Object.values(tests).map(({ state }) => state)).toEqual(Array(5).fill('passed'))
    expect(readFileSync(join(told.mount, 'a.txt'), 'utf8')).toBe('x')
    process.kill(-waits.pid, 'SIGKILL')
    process.kill(told.pid, 'SIGKILL')
    await waits.ended
    await until(() => !alive(told.daemon))
    await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: made.temp } })
    expect(made.left()).toEqual([])
  })
})
