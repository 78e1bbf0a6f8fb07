import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, describe, expect, test } from 'vitest'
import { CLI, lacks, until } from '../live/machine.js'
import { type Project, project } from '../vitest/project.js'
import { alive, QUICK, startWaiting, toldBy, WAITING, type Waiting } from '../vitest/waiting.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('whatever happens', () => {
  let made: Project
  afterEach(() => made.remove())

  async function waiting(): Promise<Waiting> {
    const started = await startWaiting()
    made = started.made
    return started
  }

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
    const { pid, daemon } = await toldBy(made)
    run.kill('SIGTERM')
    expect((await run).exitCode).toBe(143)
    await until(() => !alive(pid) && !alive(daemon))
    expect(made.left()).toEqual([])
  })

  test('two runs at the same time do not disturb each other, nor does `fusetrace clean`', async () => {
    made = project({ 'quick.test.ts': QUICK, 'waiting.test.ts': WAITING })
    const waits = made.start(['waiting'], { FUSETRACE: 'live' })
    const told = await toldBy(made)
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
