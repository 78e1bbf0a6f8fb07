import { describe, expect, test } from 'vitest'
import { type VirtualClock, virtualClock } from '../../src/clock.js'
import type { Exit } from '../../src/monitor/monitor.js'
import type { Mount } from '../../src/mount/mountinfo.js'
import { type ReadinessOptions, ready } from '../../src/mount/readiness.js'
import type { StatPool } from '../../src/mount/stat-pool.js'
import { watchMount } from '../../src/mount/watch.js'
import type { Daemon } from '../../src/process/daemon.js'
import { LATE } from '../../src/time.js'

const ROOT: Mount = {
  id: '1 8:1 /',
  parent: 0,
  major: 8,
  minor: 1,
  root: '/',
  mountpoint: '/',
  type: 'ext4',
  source: '',
}
const FUSE: Mount = {
  id: '9 0:50 /tmp/m',
  parent: 1,
  major: 0,
  minor: 50,
  root: '/',
  mountpoint: '/tmp/m',
  type: 'fuse.x',
  source: '',
}

interface World {
  clock: VirtualClock
  mounts: Mount[]
  daemon: Daemon & { exit: Exit | null }
  /** Lets `ms` pass, a millisecond at a time. */
  pass(ms: number): Promise<void>
}

function fake(): World {
  const clock = virtualClock()
  const daemon = {
    pid: 77,
    exit: null as Exit | null,
    exited: new Promise<Exit>(() => undefined),
    lastLines: () => ['last words'],
  } as unknown as World['daemon']
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advanceBy(1e6)
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { clock, mounts: [ROOT], daemon, pass }
}

function start({ clock, mounts, daemon }: World, change: Partial<ReadinessOptions> = {}) {
  const phases: [string, number][] = []
  const details: (string | null)[] = []
  let settled: string | null = null
  let failure: unknown = null
  const mounted = ready({
    clock,
    daemon,
    name: 'bindfs',
    mountpoints: ['/tmp/m'],
    before: new Set(),
    pool: {} as StatPool,
    limitNs: 500e6,
    mounts: () => mounts,
    deviceAt: async () => ({ errno: null, dev: '50' }),
    handsOver: () => false,
    onPhase: (phase, detail) => {
      phases.push([phase, clock.nowNs() / 1e6])
      details.push(detail)
    },
    ...change,
  })
  mounted.then(
    () => (settled = 'ready'),
    (error: Error) => {
      settled = error.message
      failure = error
    },
  )
  return { mounted, phases, details, settled: () => settled, failure: () => failure }
}

describe('readiness', () => {
  test('comes when mountinfo has the mount, its device is another, and a request was answered', async () => {
    const here = fake()
    let answer: (found: { errno: null; dev: string }) => void = () => undefined
    const run = start(here, { deviceAt: () => new Promise((resolve) => (answer = resolve)) })
    await here.pass(20)
    expect(run.phases.map(([phase]) => phase)).toEqual(['spawned'])
    here.mounts.push(FUSE)
    await here.pass(5)
    expect(run.phases.map(([phase]) => phase)).toEqual(['spawned', 'mountinfo', 'device'])
    await here.pass(30)
    expect(run.settled()).toBeNull()
    answer({ errno: null, dev: '50' })
    await here.pass(1)
    expect(await run.mounted).toMatchObject({ mountpoint: '/tmp/m', connection: 50 })
  })

  test('asks a process that has started already, where there is one', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const pool = { ready: true, stat: async () => ({ errno: null, dev: '50' }) } as unknown as StatPool
    const run = start(here, { pool, deviceAt: () => expect.unreachable('no program is run') })
    await here.pass(2)
    expect(run.settled()).toBe('ready')
  })

  test('is no mount of before, of another type, or elsewhere', async () => {
    const here = fake()
    here.mounts.push(FUSE, { ...FUSE, id: 'a', type: 'ext4' }, { ...FUSE, id: 'b', mountpoint: '/tmp/other' })
    const run = start(here, { before: new Set([FUSE.id]) })
    await here.pass(510)
    expect(run.settled()).toMatch(/has not mounted within 500 ms: \/tmp\/m did not appear .*last words/)
  })

  test('waits on while another device answers, and says what is missing', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const run = start(here, { deviceAt: async () => ({ errno: null, dev: '8' }) })
    await here.pass(520)
    expect(run.settled()).toMatch(/has answered no request/)
  })

  test('is no mount of the same device as the directory around it', async () => {
    const here = fake()
    here.mounts[0] = { ...ROOT, major: 0, minor: 50 }
    here.mounts.push(FUSE)
    const run = start(here)
    await here.pass(5)
    expect(run.settled()).toMatch(/its device is the same as that of the directory around it/)
    expect(run.phases.map(([phase]) => phase)).toEqual(['spawned', 'mountinfo'])
  })

  test('device numbers of more than a byte are those of stat', async () => {
    const here = fake()
    here.mounts.push({ ...FUSE, major: 0x123, minor: 0x4567 })
    const dev = String((0x67n | (0x123n << 8n) | (0x4500n << 12n)) as bigint)
    const run = start(here, { deviceAt: async () => ({ errno: null, dev }) })
    await here.pass(2)
    expect(run.settled()).toBe('ready')
  })

  test('is not reached when the daemon ended while it was asked', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const deviceAt = async () => {
      here.daemon.exit = { code: 1, signal: null }
      return { errno: null, dev: '50' }
    }
    const run = start(here, { deviceAt })
    await here.pass(3)
    expect(run.settled()).toMatch(/ended with exit code 1 before the mount was ready/)
    expect(run.phases.map(([phase]) => phase)).not.toContain('answered')
  })

  test('says of each phase what was found', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const run = start(here)
    await here.pass(2)
    expect(run.phases.map(([phase]) => phase)).toEqual(['spawned', 'mountinfo', 'device', 'answered'])
    expect(run.details).toEqual(['pid 77', 'fuse.x 0:50', 'connection 50', null])
  })

  test('of several mounts is the one on top, found by a name that is no ASCII too', async () => {
    const here = fake()
    const mountpoint = Buffer.from('/tmp/é').toString('latin1')
    here.mounts.push({ ...FUSE, id: 'below', mountpoint, minor: 51 }, { ...FUSE, mountpoint })
    const run = start(here, { mountpoints: ['/tmp/é'] })
    await here.pass(2)
    expect((await run.mounted).mount.minor).toBe(50)
  })

  test('is asked for again when another answers, or an error', async () => {
    for (const first of [
      { errno: 'EIO', dev: null },
      { errno: 'ENOTCONN', dev: '50' },
      { errno: null, dev: '7' },
    ]) {
      const here = fake()
      here.mounts.push(FUSE)
      const answers = [first]
      const run = start(here, { deviceAt: async () => answers.pop() ?? { errno: null, dev: '50' } })
      await here.pass(4)
      expect(run.settled()).toBeNull()
      await here.pass(5)
      expect(run.settled()).toBe('ready')
    }
  })

  test('a failure names the daemon’s last words, and what to try', async () => {
    const timed = fake()
    const late = start(timed)
    await timed.pass(510)
    expect(late.failure()).toMatchObject({
      code: 'FT_DAEMON',
      message:
        'bindfs has not mounted within 500 ms: /tmp/m did not appear in /proc/self/mountinfo (last lines: last words)',
      hint: expect.stringMatching(/name this mountpoint/),
    })
    for (const [code, hint] of [
      [1, /run the same command by hand/],
      [0, /forks into the background/],
    ] as const) {
      const here = fake()
      const run = start(here)
      await here.pass(2)
      here.daemon.exit = { code, signal: null }
      await here.pass(code === 0 ? 2010 : 3)
      expect(run.failure()).toMatchObject({
        code: 'FT_DAEMON',
        message: `bindfs ended with exit code ${code} before the mount was ready: last words`,
        hint: expect.stringMatching(hint),
      })
    }
  })

  test('a daemon that says nothing is given a moment to say something, and is not quoted', async () => {
    const here = fake()
    const words: string[] = []
    here.daemon.lastLines = () => words
    const run = start(here)
    await here.pass(2)
    here.daemon.exit = { code: 1, signal: null }
    await here.pass(100)
    expect(run.settled()).toBeNull()
    words.push('one', 'two')
    await here.pass(6)
    expect(run.settled()).toBe('bindfs ended with exit code 1 before the mount was ready: one | two')
    const silent = fake()
    silent.daemon.lastLines = () => []
    const never = start(silent, { limitNs: 50e6 })
    await silent.pass(55)
    expect(never.settled()).toBe('bindfs has not mounted within 50 ms: /tmp/m did not appear in /proc/self/mountinfo')
    const ended = start(silent)
    silent.daemon.exit = { code: 1, signal: null }
    await silent.pass(210)
    expect(ended.settled()).toBe('bindfs ended with exit code 1 before the mount was ready')
  })

  test('a mount that appears after its daemon has ended well is one in the background', async () => {
    const here = fake()
    const run = start(here)
    await here.pass(2)
    here.daemon.exit = { code: 0, signal: null }
    await here.pass(1000)
    expect(run.settled()).toBeNull()
    here.mounts.push(FUSE)
    await here.pass(6)
    expect(run.failure()).toMatchObject({
      code: 'FT_DAEMON',
      message: 'bindfs went into the background: its log and its end cannot be seen',
      hint: expect.stringMatching(/-f or -d/),
    })
  })

  test('is reached by a mount that is closed to us; more cannot be found out', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const run = start(here, { deviceAt: async () => ({ errno: 'EACCES', dev: null }) })
    await here.pass(2)
    expect(run.settled()).toBe('ready')
  })

  test('is given up as soon as its signal fires', async () => {
    const here = fake()
    const interrupted = new AbortController()
    const run = start(here, { signal: interrupted.signal })
    await here.pass(5)
    interrupted.abort()
    await here.pass(2)
    expect(run.failure()).toMatchObject({ code: 'FT_ABORTED', message: 'interrupted before the mount was ready' })
  })

  test('does not wait for a mount that does not answer', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const run = start(here, { deviceAt: async () => LATE })
    await here.pass(5)
    expect(run.settled()).toMatch(/has answered no request/)
  })

  test('fails at once when the daemon ends', async () => {
    const here = fake()
    const run = start(here)
    await here.pass(10)
    here.daemon.exit = { code: 1, signal: null }
    await here.pass(3)
    expect(run.settled()).toMatch(/ended with exit code 1 before the mount was ready: last words/)
  })

  test('pauses only for a daemon that may hand its mount over', async () => {
    for (const handsOver of [false, true]) {
      const here = fake()
      here.mounts.push(FUSE)
      const run = start(here, { handsOver: () => handsOver })
      await here.pass(5)
      expect(run.settled()).toBe(handsOver ? null : 'ready')
      await here.pass(310)
      expect(run.settled()).toBe('ready')
    }
  })

  test('says that a daemon went into the background', async () => {
    const here = fake()
    here.mounts.push(FUSE)
    const run = start(here, { handsOver: () => true })
    await here.pass(50)
    here.daemon.exit = { code: 0, signal: null }
    await here.pass(20)
    expect(run.settled()).toMatch(/went into the background/)
  })
})

describe('the watch on a mount', () => {
  function watched(here: World) {
    here.mounts.push(FUSE)
    const reports: string[] = []
    const watch = watchMount({
      clock: here.clock,
      daemon: here.daemon,
      mount: FUSE.id,
      mounts: () => here.mounts,
      onUnmounted: () => reports.push('unmounted'),
      onLost: (reason) => reports.push(reason),
    })
    const unmount = (): void => void here.mounts.splice(here.mounts.indexOf(FUSE), 1)
    return { reports, watch, unmount }
  }

  test.each([
    ['ends well', { code: 0, signal: null }, ['unmounted']],
    ['is ended by SIGTERM', { code: null, signal: 'SIGTERM' }, ['unmounted']],
    ['is ended by SIGTERM, in a shell', { code: 143, signal: null }, ['unmounted']],
    ['is killed', { code: null, signal: 'SIGKILL' }, ['the mount vanished with its daemon']],
    ['crashes', { code: null, signal: 'SIGSEGV' }, ['the mount vanished with its daemon']],
    ['fails', { code: 3, signal: null }, ['the mount vanished with its daemon']],
  ])('a mount that goes when its daemon %s', async (_, exit, expected) => {
    const here = fake()
    const { reports, unmount } = watched(here)
    await here.pass(50)
    expect(reports).toEqual([])
    unmount()
    here.daemon.exit = exit as Exit
    await here.pass(30)
    expect(reports).toEqual(expected)
  })

  test('a daemon that is killed a moment after its mount has gone has lost it, and nobody unmounted it', async () => {
    const here = fake()
    const { reports, unmount } = watched(here)
    unmount()
    await here.pass(40)
    expect(reports).toEqual([])
    here.daemon.exit = { code: null, signal: 'SIGKILL' }
    await here.pass(40)
    expect(reports).toEqual(['the mount vanished with its daemon'])
  })

  test('a daemon that goes on without a mount has lost it', async () => {
    const here = fake()
    const { reports, unmount } = watched(here)
    unmount()
    await here.pass(200)
    expect(reports).toEqual(['unmounted'])
    await here.pass(1000)
    expect(reports).toEqual(['unmounted', 'somebody unmounted it; the daemon goes on without a mount'])
  })

  test('a mount is watched among others, and once it has gone no other brings it back', async () => {
    const here = fake()
    const { reports, unmount } = watched(here)
    here.mounts.push({ ...FUSE, id: 'another' })
    await here.pass(500)
    expect(reports).toEqual([])
    unmount()
    await here.pass(50)
    here.mounts.push(FUSE)
    await here.pass(50)
    expect(reports).toEqual(['unmounted'])
    // The daemon ends, as it should: there is nothing more to be said.
    here.daemon.exit = { code: 0, signal: null }
    await here.pass(2000)
    expect(reports).toEqual(['unmounted'])
  })

  test('reports nothing after it was stopped', async () => {
    const here = fake()
    const { reports, watch, unmount } = watched(here)
    watch.stop()
    unmount()
    await here.pass(2000)
    expect(reports).toEqual([])
  })
})
