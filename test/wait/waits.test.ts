import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { TraceMonitor } from '../../src/monitor/trace-monitor.js'
import { defineWait } from '../../src/wait/engine/define-wait.js'
import { done, ended } from '../../src/wait/engine/machine.js'
import type { Prober } from '../../src/wait/engine/prober.js'
import { createWaitFor } from '../../src/wait/wait-for.js'
import { replay, silent, tiny } from '../replay/tiny.js'

const ok = (...requests: string[]): string =>
  requests.map((request, i) => `> ${2 * i + 2} ${request}\n< ${2 * i + 2} ok`).join('\n')

describe('what satisfies each wait', () => {
  test.each([
    ['create /f', 'create'],
    ['mknod /f', 'mknod'],
    ['symlink /f', 'symlink'],
    ['link /old /f', 'link'],
    ['rename /old /f', 'rename'],
    ['rename2 /old /f', 'rename2'],
  ])('fileVisible: %s', async (request, opcode) => {
    const session = replay(ok('create /g', 'unlink /f', 'lookup /f', request))
    expect((await session.waitFor.fileVisible('f')).operation?.opcode).toBe(opcode)
  })

  test('dirVisible: mkdir, and a rename that nothing contradicts', async () => {
    expect((await replay(ok('create /d', 'mkdir /d')).waitFor.dirVisible('d/')).operation?.opcode).toBe('mkdir')
    const renamed = await replay(ok('mkdir /c', 'rename /c /d')).waitFor.dirVisible('d')
    expect(renamed).toMatchObject({ by: 'probe', operation: { opcode: 'rename' } })
  })

  test('dirVisible: not a file that was renamed there', async () => {
    const session = replay(`${ok('create /c', 'rename /c /d')}\nexit 0`)
    await expect(session.waitFor.dirVisible('d', { timeoutMs: 10 })).rejects.toThrow(/dirVisible/)
  })

  test.each([['unlink /f'], ['rmdir /f'], ['rename /f /g']])('deleted: %s', async (request) => {
    const session = replay(ok('create /f', 'unlink /g', request))
    expect((await session.waitFor.deleted('f')).operation?.opcode).toBe(request.split(' ')[0])
  })

  test('renamed: both names', async () => {
    const session = replay(ok('rename /a /c', 'rename /b /c', 'rename /a /b'))
    expect((await session.waitFor.renamed('a', 'b')).operation?.unique).toBe(6)
  })

  test('released: files and directories', async () => {
    const session = replay(ok('open /f', 'release /f', 'opendir /d', 'releasedir /d'))
    expect((await session.waitFor.released('d')).operation?.opcode).toBe('releasedir')
    expect((await session.waitFor.released('f')).operation?.opcode).toBe('release')
  })

  test('xattrSet and xattrRemoved: the name counts', async () => {
    const session = replay(ok('setxattr /f = user.y', 'setxattr /f = user.x', 'removexattr /f = user.x'))
    expect((await session.waitFor.xattrSet('f', 'user.x')).operation?.unique).toBe(4)
    expect((await session.waitFor.xattrRemoved('f', 'user.x')).operation?.unique).toBe(6)
  })

  test('xattrSet with a value: the log alone is not believed', async () => {
    const session = replay(`${ok('setxattr /f = user.x')}\nafter 9000\n> 8 getattr /`)
    await expect(session.waitFor.xattrSet('f', 'user.x', { value: 'v' })).rejects.toMatchObject({
      code: 'FT_WAIT_TIMEOUT',
    })
  })

  test('mountReady: only when a request has been answered', async () => {
    const session = replay('rung spawned\nrung mountinfo\nrung device\nafter 40\nrung answered')
    await session.waitFor.mountReady()
    expect(session.clock.nowNs()).toBe(44e6)
    await expect(session.waitFor.mountReady()).resolves.toMatchObject({ waitedNs: 0 })
  })

  test('mountReady: an import without phases is ready by its first answer', async () => {
    const session = replay('> 2 init /\n< 2 ok\n> 4 getattr /\nafter 5\n< 4 ok')
    const { operation, note } = await session.waitFor.mountReady()
    expect(operation?.unique).toBe(4)
    expect(note).toMatch(/first answered/)
  })

  test('unmounted: not when the mount was lost', async () => {
    await expect(replay('rung answered\nrung unmounted').waitFor.unmounted()).resolves.toMatchObject({ by: 'trace' })
    await expect(replay('rung answered\nlost it').waitFor.unmounted()).rejects.toMatchObject({ code: 'FT_MOUNT_LOST' })
    await expect(replay('rung answered\nexit 3').waitFor.unmounted()).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })
})

describe('what is there without the log showing how', () => {
  test('satisfies fileVisible and dirVisible, which say so', async () => {
    const session = replay(
      '> 2 getattr /\n< 2 ok\nexists /f yes\nafter 60\nanswers 2\nafter 4000\n> 4 getattr /\n< 4 ok',
    )
    const result = await session.waitFor.fileVisible('f')
    expect(result).toMatchObject({ by: 'poll', operation: null, note: expect.stringMatching(/below the mount/) })
    expect(session.clock.nowNs()).toBeLessThan(200e6)
  })

  test('not where the log shows that it was made before the mark', async () => {
    const session = replay(`
      > 2 create /f
      < 2 ok
      step now
      exists /f yes
      after 60
      answers 2
      after 9000
      > 4 getattr /
      < 4 ok
    `)
    await session.seekTo('now')
    await expect(session.waitFor.fileVisible('f', { timeoutMs: 500 })).rejects.toMatchObject({
      code: 'FT_WAIT_TIMEOUT',
      hint: expect.stringMatching(/came before the mark/),
    })
  })

  test('is given up for an operation that the log shows a little later', async () => {
    const session = replay('exists /f yes\nafter 40\n> 2 create /f\n< 2 ok\nafter 4000\n> 4 getattr /\n< 4 ok')
    expect((await session.waitFor.fileVisible('f')).operation?.unique).toBe(2)
  })
})

test('a hard link’s other name is a name of the operation', async () => {
  const { monitor, waitFor } = replay(`${ok('setxattr /first = user.k')}\nexit 0`)
  monitor.subscribe((event) => {
    if (event.type === 'ended') Object.assign(event.operation, { paths: ['/first', '/second'] })
  })
  await expect(waitFor.xattrSet('second', 'user.k')).resolves.toBeDefined()
  await expect(waitFor.xattrSet('third', 'user.k')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
})

test('what is logged as a success and ended needs no probe', async () => {
  const session = replay('> 0 mkdir /d\n= ok\n> 0 getattr /\nafter 4000\n> 0 getattr /', { dialect: silent })
  await expect(session.waitFor.dirVisible('d')).resolves.toMatchObject({ operation: { opcode: 'mkdir' } })
  expect(session.clock.nowNs()).toBeLessThan(10e6)
})

test.each([['reply'], ['inferred']])(
  'a daemon killed in the middle of a create has not made the file (%s)',
  async (end) => {
    const session = replay('> 2 create /f\nexists /f no\nexit SIGKILL', end === 'inferred' ? { dialect: silent } : {})
    await expect(session.waitFor.fileVisible('f')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  },
)

test('never lasts longer than the deadline of other waits, where it is asked to', async () => {
  const quiet = replay('> 2 getattr /\n< 2 ok\nafter 9000\n> 4 unlink /f\n< 4 ok')
  await expect(quiet.waitFor.never('unlink', { during: 7000 })).resolves.toBeDefined()
  expect(quiet.clock.nowNs()).toBe(7000e6)
  const late = replay('> 2 getattr /\n< 2 ok\nafter 6000\n> 4 unlink /f\n< 4 ok')
  await expect(late.waitFor.never('unlink', { during: 7000 })).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
})

test('where the log shows only ends, what began before the mark satisfies nothing', async () => {
  const onlyEnds: Dialect = {
    ...tiny,
    capabilities: { ...tiny.capabilities, start: false },
    parser: () => ({
      end: () => undefined,
      line(line, emit) {
        const [, opcode = '', path = '', took = '0'] = line.raw.split(' ')
        const lines = [line.index, line.index] as const
        const unique = line.index
        emit({ kind: 'request', unique, opcode, path, atNs: line.atNs - Number(took) * 1e6, lines })
        emit({ kind: 'reply', key: unique, endedBy: 'reply', status: 'ok', errno: null, atNs: line.atNs, lines })
        return true
      },
    }),
  }
  const script = 'step now\n< create /old 5\nafter 50\n< create /new 5\nexit 0'
  const session = replay(`after 10\n${script}`, { dialect: onlyEnds, pace: 'manual' })
  await session.seekTo('now')
  await session.playToEnd()
  await expect(session.waitFor.fileVisible('new')).resolves.toBeDefined()
  await expect(session.waitFor.fileVisible('old')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
})

describe('unmounted, when the daemon was asked to end', () => {
  test.each([['SIGTERM'], ['SIGINT'], ['143']])('exit %s: as soon as the mount is gone', async (exit) => {
    const session = replay(`rung answered\nexit ${exit}\nafter 80\nrung unmounted`)
    await expect(session.waitFor.unmounted()).resolves.toMatchObject({ by: 'trace' })
  })

  test('a mount that stays is not unmounted', async () => {
    const session = replay('rung answered\nexit SIGTERM\nafter 4000\nrung unmounted')
    await expect(session.waitFor.unmounted()).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
    expect(session.clock.nowNs()).toBeLessThan(1500e6)
  })

  test('a daemon that was killed has not unmounted', async () => {
    const session = replay('rung answered\nexit SIGKILL\nafter 80\nrung unmounted')
    await expect(session.waitFor.unmounted()).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })
})

describe('writeComplete', () => {
  test('after the release, not after the flush', async () => {
    const session = replay(ok('create /f', 'write /f', 'flush /f', 'release /f'))
    const { operations } = await session.waitFor.writeComplete('f')
    expect(operations.map((one) => one.opcode)).toEqual(['write', 'release'])
  })

  test('a reader’s release is not the writer’s', async () => {
    const session = replay(`
      > 2 open /f
      < 2 ok
      > 4 open /f
      < 4 ok
      > 6 write /f
      < 6 ok
      > 8 release /f
      < 8 ok
      after 50
      > 10 release /f
      < 10 ok
    `)
    expect((await session.waitFor.writeComplete('f')).operation?.unique).toBe(10)
  })

  test('a release without a write is none', async () => {
    const session = replay(`${ok('open /f', 'read /f', 'release /f')}\nexit 0`)
    await expect(session.waitFor.writeComplete('f')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('where the log does not show whose a release is: when all that was opened is released, which it says', async () => {
    const session = replay(`
      > 2 create /f
      < 2 ok
      > 4 create /g
      < 4 ok
      > 6 release -
      < 6 ok
      after 50
      > 8 release /g
      < 8 ok
      after 500
    `)
    const { operation, note } = await session.waitFor.writeComplete('f')
    expect(operation?.unique).toBe(6)
    expect(session.clock.nowNs()).toBeGreaterThan(56e6)
    expect(note).toMatch(/whose RELEASE it was/)
  })

  test('where releases are not logged: after the last flush, which it says', async () => {
    const session = replay('> 0 create /f\n> 0 write /f\n> 0 flush /f\n> 0 getattr /\nafter 500\n> 0 getattr /', {
      dialect: silent,
    })
    const { operation, note } = await session.waitFor.writeComplete('f')
    expect(operation?.opcode).toBe('flush')
    expect(note).toMatch(/no RELEASE/)
    expect(session.clock.nowNs()).toBeLessThan(100e6)
  })
})

describe('operations', () => {
  const log = `${ok('create /a', 'create /b', 'write /a')}\nexit 0`

  test('all in any order, any, and in order', async () => {
    const session = replay(log, { pace: 'manual' })
    await session.playToEnd()
    const { waitFor } = session
    const all = await waitFor.operations(['write', { opcode: 'create', path: 'a' }])
    expect(all.operations.map((one) => one.unique)).toEqual([2, 6])
    const any = await waitFor.operations(['unlink', 'write'], { any: true })
    expect(any.operations.map((one) => one.unique)).toEqual([6])
    await expect(waitFor.operations(['create', 'write'], { ordered: true })).resolves.toBeDefined()
    await expect(waitFor.operations(['write', 'create'], { ordered: true })).rejects.toMatchObject({
      code: 'FT_STREAM_ENDED',
    })
  })

  test('each match has an operation of its own', async () => {
    const session = replay(log)
    await expect(session.waitFor.operations(['create', { opcode: 'create', path: '/a' }])).resolves.toBeDefined()
    await expect(session.waitFor.operations(['create', 'create', 'create'])).rejects.toThrow(/all of create/)
  })

  test('order is that of the starts, whatever the order of the ends', async () => {
    const session = replay('> 2 create /a\n> 4 create /b\n< 4 ok\n< 2 ok')
    const both = [
      { opcode: 'create', path: 'a' },
      { opcode: 'create', path: 'b' },
    ]
    await expect(session.waitFor.operations(both, { ordered: true })).resolves.toBeDefined()
  })

  test('operation: any outcome, unless one is asked for', async () => {
    const session = replay('> 2 unlink /a\n< 2 ENOENT\n> 4 unlink /a\n< 4 ok')
    expect((await session.waitFor.operation('unlink')).operation?.errno).toBe('ENOENT')
    expect((await session.waitFor.operation({ opcode: 'unlink', status: 'ok' })).operation?.unique).toBe(4)
    expect((await session.waitFor.operation((one) => one.errno === null)).operation?.unique).toBe(4)
    expect((await session.waitFor.operation({ errno: ['EIO', 'ENOENT'] })).operation?.unique).toBe(2)
  })

  test('a predicate that throws rejects its wait and harms no other', async () => {
    const session = replay(log)
    const bad = session.waitFor.operation(() => {
      throw new Error('mine')
    })
    const good = session.waitFor.fileVisible('b')
    await expect(bad).rejects.toThrow('mine')
    await expect(good).resolves.toBeDefined()
  })
})

describe('waits for what must not be', () => {
  test('exactly: one too many fails at once', async () => {
    const session = replay(ok('write /a', 'write /a', 'write /a'))
    await expect(session.waitFor.exactly(2, 'write')).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
    expect(session.clock.nowNs()).toBe(6e6)
  })

  test('exactly: holds for a while after the last, longer while one is open', async () => {
    const session = replay(`${ok('write /a')}\nafter 90\n> 8 getattr /\n< 8 ok`)
    await session.waitFor.exactly(1, 'write')
    expect(session.clock.nowNs()).toBe(52e6)
    const other = replay(`${ok('write /a')}\n> 8 write /a\nafter 90\n< 8 ok`)
    await expect(other.waitFor.exactly(1, 'write')).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
  })

  test('never: fails at the start already, succeeds after its time', async () => {
    const session = replay(`${ok('write /a')}\nafter 60\n> 8 unlink /a\nafter 500\n< 8 ok`)
    await expect(session.waitFor.never('unlink', { during: 50 })).resolves.toMatchObject({ operation: null })
    expect(session.clock.nowNs()).toBe(50e6)
    await expect(session.waitFor.never('unlink', { during: 50 })).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
    expect(session.clock.nowNs()).toBe(63e6)
  })

  test('never: a daemon that crashes is no proof', async () => {
    await expect(replay('exit SIGSEGV').waitFor.never('unlink')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
    await expect(replay('exit 0').waitFor.never('unlink')).resolves.toBeDefined()
  })

  test('idle: not while something is in flight, then a whole pause', async () => {
    const session = replay('> 2 write /a\nafter 400\n< 2 ok\nafter 400\n> 4 getattr /')
    await session.waitFor.idle({ forMs: 100 })
    expect(session.clock.nowNs()).toBe(502e6)
  })
})

describe('a user’s own', () => {
  test('until: asked again after every operation, with its value', async () => {
    const session = replay(ok('write /a', 'write /a', 'write /a'))
    const seen = () => (session.monitor.recentOperations().length >= 2 ? 'two' : '')
    const { value, by } = await session.waitFor.until(seen)
    expect({ value, by }).toEqual({ value: 'two', by: 'probe' })
    expect(session.clock.nowNs()).toBe(4e6)
  })

  test('until: what it throws ends it', async () => {
    const wait = replay(ok('write /a')).waitFor.until(() => Promise.reject(new Error('mine')))
    await expect(wait).rejects.toThrow('mine')
  })

  test('defineWait: a machine with arguments', async () => {
    const writes = defineWait((count: number) => ({
      name: 'writes',
      subject: '',
      awaited: `${count} writes`,
      start: () => 0,
      step: (seen: number, event, view) => {
        if (event.type === 'stream-ended' || event.type === 'mount-lost') return { state: seen, outcome: ended(event) }
        if (event.type !== 'ended' || !view.after(event.operation)) return { state: seen }
        return seen + 1 < count ? { state: seen + 1 } : { state: count, outcome: done('trace', [event.operation]) }
      },
    }))
    const session = replay(`${ok('write /a', 'write /a')}\nexit 0`)
    expect((await session.waitFor.custom(writes(2))).operation?.unique).toBe(4)
    await expect(session.waitFor.custom(writes(3))).rejects.toThrow(/3 writes/)
  })
})

describe('without a trace, on purpose', () => {
  const fsState = { exists: false }
  const poll = () => {
    const clock = virtualClock()
    const monitor = new TraceMonitor({ clock })
    const probes: number[] = []
    const prober: Prober = {
      probe: async () => {
        probes.push(clock.nowNs() / 1e6)
        return { value: fsState.exists, errno: null }
      },
    }
    const settle = async (untilMs: number): Promise<void> => {
      while (clock.nowNs() < untilMs * 1e6) {
        await new Promise((resolve) => setImmediate(resolve))
        clock.advanceBy(1e6)
      }
    }
    return { waitFor: createWaitFor({ monitor, prober, trace: 'off' }), probes, settle }
  }

  test('probes come at growing intervals until one says yes', async () => {
    const { waitFor, probes, settle } = poll()
    fsState.exists = false
    const wait = waitFor.fileVisible('a')
    await settle(400)
    expect(probes.map(Math.round)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 227, 327])
    fsState.exists = true
    await settle(500)
    await expect(wait).resolves.toMatchObject({ by: 'poll', operation: null, operations: [] })
  })

  test('a timeout says that there was only polling', async () => {
    const { waitFor, settle } = poll()
    fsState.exists = false
    const failed = expect(waitFor.fileVisible('a', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'FT_WAIT_TIMEOUT',
      hint: expect.stringMatching(/only poll/),
    })
    await settle(60)
    await failed
  })
})
