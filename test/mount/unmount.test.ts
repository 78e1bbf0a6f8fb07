import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import type { Exit } from '../../src/monitor/monitor.js'
import type { Mount } from '../../src/mount/mountinfo.js'
import { type UnmountOptions, unmount } from '../../src/mount/unmount.js'
import type { Daemon } from '../../src/process/daemon.js'
import { LATE } from '../../src/time.js'

const mountOf = (id: string, mountpoint = '/tmp/m', type = 'fuse.x'): Mount => ({
  id: `${id} 0:50 ${mountpoint}`,
  parent: 1,
  major: 0,
  minor: 50,
  root: '/',
  mountpoint,
  type,
  source: 'x',
})
const OURS = mountOf('9')

/** A machine with a daemon, its mounts, and tools that do what the test says. */
function machine(mounts: Mount[] = [OURS]) {
  const clock = virtualClock()
  const did: string[] = []
  let exit: Exit | null = null
  let ended: (exit: Exit) => void = () => undefined
  const exited = new Promise<Exit>((resolve) => {
    ended = resolve
  })
  const end = (how: Exit): void => {
    exit = how
    ended(how)
  }
  /** Which signals the daemon ends by. */
  const obeys = new Set<string>(['SIGTERM', 'SIGKILL'])
  const daemon = {
    pid: 77,
    get exit() {
      return exit
    },
    exited,
    kill(signal: string) {
      did.push(signal)
      if (obeys.has(signal)) end({ code: null, signal })
      return true
    },
  } as unknown as Daemon
  const gone = (): void => {
    mounts.length = 0
  }
  const options = (change: Partial<UnmountOptions> = {}): UnmountOptions => ({
    clock,
    daemon,
    mountpoints: ['/tmp/m'],
    before: new Set(),
    phaseTimeoutNs: 100e6,
    mounts: () => mounts,
    root: true,
    connectionOf: () => ({ abort: () => void did.push('abort') }) as never,
    onUnmounted: () => void did.push('unmounted'),
    run: async (_clock, _limit, file, args) => {
      did.push([file, ...args].join(' '))
      gone()
      end({ code: 0, signal: null })
      return { code: 0, stdout: Buffer.alloc(0), stderr: '' }
    },
    ...change,
  })
  /** Runs it to its end, a millisecond of the clock for each turn. */
  const run = async (change: Partial<UnmountOptions> = {}) => {
    let result: Awaited<ReturnType<typeof unmount>> | null = null
    unmount(options(change)).then((value) => {
      result = value
    })
    for (let i = 0; i < 3000 && result === null; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      clock.advanceBy(1e6)
    }
    return result as unknown as Awaited<ReturnType<typeof unmount>>
  }
  return { clock, did, mounts, obeys, daemon, end, gone, run }
}

const ok = { code: 0, stdout: Buffer.alloc(0), stderr: '' }
const busy = { code: 32, stdout: Buffer.alloc(0), stderr: 'target is busy' }

describe('a mount is taken down', () => {
  test('by umount, for root; nothing more is done where that does', async () => {
    const here = machine()
    expect(await here.run()).toEqual({ phases: ['umount'], clean: true })
    expect(here.did).toEqual(['umount -i -c /tmp/m', 'unmounted'])
  })

  test('by fusermount3 for everybody else, by what is installed', async () => {
    const here = machine()
    const run: UnmountOptions['run'] = async (_clock, _limit, file, args) => {
      here.did.push([file, ...args].join(' '))
      if (file !== 'fusermount') return null
      here.gone()
      here.end({ code: 0, signal: null })
      return ok
    }
    expect(await here.run({ root: false, run })).toMatchObject({ clean: true })
    expect(here.did).toEqual(['fusermount3 -u -- /tmp/m', 'fusermount -u -- /tmp/m', 'unmounted'])
    const root = machine()
    expect(await root.run({ root: true, run: async () => null })).toMatchObject({ clean: false })
    expect(root.did).not.toContain('unmounted')
  })

  test('one that is busy is tried again, then taken down lazily', async () => {
    const here = machine()
    const run: UnmountOptions['run'] = async (_clock, _limit, file, args) => {
      here.did.push([file, ...args].join(' '))
      if (!args.includes('-l')) return busy
      here.gone()
      here.end({ code: 0, signal: null })
      return ok
    }
    expect(await here.run({ run })).toEqual({ phases: ['umount', 'lazy'], clean: true })
    const tries = here.did.filter((what) => what === 'umount -i -c /tmp/m').length
    // Every 25 ms, for 100 ms.
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(6)
    expect(here.did.slice(-2)).toEqual(['umount -i -c -l /tmp/m', 'unmounted'])
  })

  test.each(['fusermount3', 'fusermount'])('one that is busy is taken down lazily by %s', async (tool) => {
    const here = machine()
    const run: UnmountOptions['run'] = async (_clock, _limit, file, args) => {
      if (file !== tool) return null
      here.did.push(args.join(' '))
      if (!args.includes('-z')) return busy
      here.gone()
      here.end({ code: 0, signal: null })
      return ok
    }
    expect(await here.run({ root: false, run })).toEqual({ phases: ['umount', 'lazy'], clean: true })
    expect(new Set(here.did)).toEqual(new Set(['-u -- /tmp/m', '-u -z -- /tmp/m', 'unmounted']))
  })

  test('one of a name that is no ASCII, by its name', async () => {
    const here = machine([mountOf('9', Buffer.from('/tmp/é').toString('latin1'))])
    expect(await here.run({ mountpoints: ['/tmp/é'] })).toEqual({ phases: ['umount'], clean: true })
    expect(here.did).toEqual(['umount -i -c /tmp/é', 'unmounted'])
  })

  test('one of somebody who does not want to know of it, of a daemon that is not ours', async () => {
    const here = machine()
    const run = async () => {
      here.gone()
      return ok
    }
    const change = { daemon: null, run }
    expect(await here.run({ ...change, onUnmounted: undefined as never })).toEqual({ phases: ['umount'], clean: true })
  })

  test('one whose tool hangs: its connection is aborted', async () => {
    const here = machine()
    const run: UnmountOptions['run'] = async (_clock, _limit, file, args) => {
      here.did.push([file, ...args].join(' '))
      if (!args.includes('-l')) return LATE
      here.gone()
      here.end({ code: 0, signal: null })
      return ok
    }
    expect(await here.run({ run })).toEqual({ phases: ['umount', 'abort', 'lazy'], clean: true })
    expect(here.did).toEqual(['umount -i -c /tmp/m', 'abort', 'umount -i -c -l /tmp/m', 'unmounted'])
  })

  test('those of before, of others, elsewhere, and what is no FUSE stay', async () => {
    const others = [mountOf('1'), mountOf('2', '/tmp/other'), mountOf('3', '/tmp/m', 'ext4')]
    const here = machine(others)
    const result = await here.run({ before: new Set([others[0]?.id ?? '']), daemon: null })
    expect(result).toEqual({ phases: [], clean: true })
    expect(here.did).toEqual([])
    expect(here.mounts).toHaveLength(3)
  })

  test('somebody else’s on top of ours stays, and ours below it', async () => {
    const above = mountOf('10')
    const here = machine([OURS, above])
    expect(await here.run({ before: new Set([above.id]) })).toMatchObject({ clean: false })
    expect(here.did.filter((what) => what.startsWith('umount'))).toEqual([])
    expect(here.mounts).toEqual([OURS, above])
  })

  test('of two of ours the one on top first', async () => {
    const here = machine([OURS, mountOf('10')])
    const seen: (string | undefined)[] = []
    const run: UnmountOptions['run'] = async () => {
      seen.push(here.mounts.pop()?.id)
      if (here.mounts.length === 0) here.end({ code: 0, signal: null })
      return ok
    }
    expect(await here.run({ run })).toEqual({ phases: ['umount'], clean: true })
    expect(seen).toEqual([mountOf('10').id, OURS.id])
  })
})

describe('the daemon is seen off', () => {
  test('one that is not mounted is asked to end, at once', async () => {
    const here = machine([])
    expect(await here.run()).toEqual({ phases: [], clean: true })
    expect(here.did).toEqual(['SIGTERM'])
  })

  test('one that ends soon after its mount needs no signal', async () => {
    const here = machine()
    const run: UnmountOptions['run'] = async () => {
      here.gone()
      here.clock.at(here.clock.nowNs() + 50e6, () => here.end({ code: 0, signal: null }))
      return ok
    }
    expect(await here.run({ run })).toEqual({ phases: ['umount'], clean: true })
    expect(here.did).toEqual(['unmounted'])
  })

  test('one that has ended is left alone', async () => {
    const here = machine([])
    here.end({ code: 1, signal: null })
    expect(await here.run()).toEqual({ phases: [], clean: true })
    expect(here.did).toEqual([])
  })

  test('one that goes on without its mount gets SIGTERM, then SIGKILL with its connection aborted', async () => {
    const here = machine()
    here.obeys.delete('SIGTERM')
    const run: UnmountOptions['run'] = async () => {
      here.gone()
      return ok
    }
    expect(await here.run({ run })).toEqual({ phases: ['umount', 'SIGTERM', 'abort', 'SIGKILL'], clean: true })
    expect(here.did).toEqual(['unmounted', 'SIGTERM', 'abort', 'SIGKILL'])
  })

  test('one that is stopped does nothing more: it is not waited for', async () => {
    const here = machine()
    here.obeys.delete('SIGTERM')
    const began = here.clock.nowNs()
    const run: UnmountOptions['run'] = async (_clock, _limit, _file, args) => {
      if (!args.includes('-l')) return busy
      here.gone()
      return ok
    }
    const phases = ['umount', 'lazy', 'SIGTERM', 'abort', 'SIGKILL']
    expect(await here.run({ run, isStopped: (pid) => pid === 77 })).toEqual({ phases, clean: true })
    // Less than the time for one attempt.
    expect(here.clock.nowNs() - began).toBeLessThan(100e6)
  })

  test('one that nothing ends is left, and said not to be gone', async () => {
    const here = machine()
    here.obeys.clear()
    const began = here.clock.nowNs()
    const run: UnmountOptions['run'] = async () => {
      here.gone()
      return ok
    }
    expect(await here.run({ run })).toMatchObject({ clean: false })
    // Three phases of 100 ms, and no more.
    expect(here.clock.nowNs() - began).toBeLessThan(400e6)
  })

  test('one that mounts while it is being ended has that taken down too', async () => {
    const here = machine([])
    here.obeys.delete('SIGTERM')
    here.daemon.kill = (signal) => {
      here.did.push(signal)
      if (signal === 'SIGKILL') {
        here.mounts.push(OURS)
        here.end({ code: null, signal })
      }
      return true
    }
    expect(await here.run()).toEqual({ phases: ['SIGTERM', 'abort', 'SIGKILL'], clean: true })
    expect(here.did.at(-1)).toBe('umount -i -c -l /tmp/m')
  })
})
