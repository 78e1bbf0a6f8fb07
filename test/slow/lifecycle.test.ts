import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { CLI, lacks, until } from '../live/machine.js'
import { project } from '../vitest/project.js'
import { alive, QUICK, toldBy, WAITING, waitingEach } from '../vitest/waiting.js'

const why = lacks('bindfs')

describe.skipIf(why !== '')('whatever happens', () => {
  const each = waitingEach()

  test('when all of vitest is killed, the next run cleans up', async () => {
    const { pid, daemon, group, ended } = await each.waiting()
    for (const each of [-group, pid]) {
      try {
        process.kill(each, 'SIGKILL')
      } catch {
        // It went with the group.
      }
    }
    await ended
    await until(() => !alive(daemon))
    expect((await each.made.run(['quick', '-t', 'number 0'], { FUSETRACE: 'live' })).tests['number 0']?.state).toBe(
      'passed',
    )
    expect(each.made.left()).toEqual([])
  })

  test('when vitest is killed and its worker is not, the worker ends and leaves nothing', async () => {
    const { pid, daemon, group, ended } = await each.waiting()
    process.kill(group, 'SIGKILL')
    await ended
    await until(() => !alive(pid) && !alive(daemon))
    expect(each.made.left()).toEqual([])
  })

  test('`fusetrace run` that is ended ends vitest', async () => {
    each.made = project({ 'waiting.test.ts': WAITING })
    const env = { TMPDIR: each.made.temp }
    const run = execa(process.execPath, [CLI, 'run', '--mode', 'live', '--', 'waiting'], {
      cwd: each.made.directory,
      env,
      reject: false,
    })
    const { pid, daemon } = await toldBy(each.made)
    run.kill('SIGTERM')
    expect((await run).exitCode).toBe(143)
    await until(() => !alive(pid) && !alive(daemon))
    expect(each.made.left()).toEqual([])
  })

  test('two runs at the same time do not disturb each other, nor does `fusetrace clean`', async () => {
    each.made = project({ 'quick.test.ts': QUICK, 'waiting.test.ts': WAITING })
    const waits = each.made.start(['waiting'], { FUSETRACE: 'live' })
    const told = await toldBy(each.made)
    const runs = await Promise.all([1, 2].map(() => each.made.run(['quick'], { FUSETRACE: 'live' })))
    const { stdout } = await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: each.made.temp } })
    expect(stdout).toBe('nothing was left behind')
    for (const { tests } of runs)
      expect(Object.values(tests).map(({ state }) => state)).toEqual(Array(5).fill('passed'))
    expect(readFileSync(join(told.mount, 'a.txt'), 'utf8')).toBe('x')
    process.kill(-waits.pid, 'SIGKILL')
    process.kill(told.pid, 'SIGKILL')
    await waits.ended
    await until(() => !alive(told.daemon))
    await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: each.made.temp } })
    expect(each.made.left()).toEqual([])
  })
})
