import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { CLI, lacks, until } from '../live/machine.js'
import { project } from './project.js'
import { alive, waitingEach } from './waiting.js'

const why = lacks('bindfs')

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

describe.skipIf(why !== '')('whatever happens', () => {
  const each = waitingEach()

  test('a worker that is killed leaves neither mount nor daemon; `fusetrace clean` takes the rest away', async () => {
    const { pid, daemon, ended } = await each.waiting()
    process.kill(pid, 'SIGKILL')
    await ended
    await until(() => !alive(daemon))
    const { stdout } = await execa(process.execPath, [CLI, 'clean', '--json'], { env: { TMPDIR: each.made.temp } })
    expect(JSON.parse(stdout)).toContainEqual({
      what: 'directory',
      name: expect.stringContaining(each.made.temp),
      problem: null,
    })
    expect(each.made.left()).toEqual([])
    const again = await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: each.made.temp } })
    expect(again.stdout).toBe('nothing was left behind')
  })

  test('Ctrl-C ends the run and leaves nothing', async () => {
    const { daemon, group, ended } = await each.waiting()
    process.kill(-group, 'SIGINT')
    await ended
    await until(() => !alive(daemon))
    await execa(process.execPath, [CLI, 'clean'], { env: { TMPDIR: each.made.temp } })
    expect(each.made.left()).toEqual([])
  })

  test('a daemon that hangs hangs no run', async () => {
    each.made = project({ 'hung.test.ts': HUNG })
    const { tests, output } = await each.made.run([], { FUSETRACE: 'live' })
    expect([tests['a daemon hangs']?.state, tests['goes on']?.state]).toEqual(['failed', 'passed'])
    expect(output).toMatch(
      /mount\.fs\.writeFile\("a\.txt", "x"\) has not returned; bindfs runs, pid \d+; it is stopped .*; 1 request waits/,
    )
    expect(each.made.left()).toEqual([])
  })
})
