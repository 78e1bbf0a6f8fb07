import { describe, expect, test } from 'vitest'
import { none } from '../../src/dialect/core/choose.js'
import type { Row } from '../../src/recording/row.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { ReplaySession } from '../../src/replay/replay-session.js'
import { replay, rows, silent, tiny } from './tiny.js'

const STEPS = `
  step create
  > 2 create /a
  < 2 ok
  end create
  after 30000
  step remove
  moment before
  > 4 unlink /a
  < 4 ok
  end remove
  exit 0
`

test('a test of a wait in three lines', async () => {
  await using session = await openReplay(rows('> 2 create /a.txt\n< 2 ok'), { dialect: tiny })
  const created = await session.waitFor.fileVisible('a.txt')
  expect(created.durationNs).toBe(1e6)
})

test('half a minute of recording passes in no time, and at its own times', async () => {
  const session = replay(STEPS)
  await session.waitFor.deleted('a', { timeoutMs: 60_000 })
  expect(session.clock.nowNs()).toBe(30_008e6)
})

test('marks of the recording are the monitor’s', async () => {
  const session = replay(STEPS)
  const marks: string[] = []
  session.monitor.subscribe((event) => {
    if (event.type === 'mark') marks.push(`${event.edge} ${event.mark.name} ${event.mark.line}`)
  })
  await session.playToEnd()
  expect(marks).toEqual(['begin create 0', 'end create 2', 'begin remove 2', 'moment before 2', 'end remove 4'])
  expect(session.monitor.latestMark.name).toBe('remove')
})

describe('steps', () => {
  test('nothing of the next step is seen before the test begins it', async () => {
    const session = replay(STEPS)
    await session.step('create', () => undefined)
    await expect(session.waitFor.deleted('a', { timeoutMs: 100 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    expect(session.monitor.recentOperations()).toHaveLength(1)
    await session.step('remove', () => undefined)
    await expect(session.waitFor.deleted('a')).resolves.toBeDefined()
  })

  test('a step out of order is a mismatch that names both', async () => {
    const session = replay(STEPS)
    await expect(session.step('remove', () => undefined)).rejects.toMatchObject({
      code: 'FT_REPLAY_MISMATCH',
      message: "the test begins step 'remove', its recording has step 'create' here",
    })
    await session.step('create', () => undefined)
    await session.step('remove', () => undefined)
    await expect(session.step('more', () => undefined)).rejects.toThrow(/its recording has no further step/)
  })

  test('a step within a step is found, and ends where it ends', async () => {
    const session = replay('step outer\n> 2 create /a\n< 2 ok\nstep inner\n> 4 mkdir /d\n< 4 ok\nend inner\nend outer')
    const seen = await session.step('inner', () => session.waitFor.dirVisible('d'))
    expect(seen.operation?.unique).toBe(4)
    expect(session.monitor.latestMark.name).toBe('inner')
  })

  test('a wait within a step sees nothing that came after its end', async () => {
    const session = replay('step one\n> 2 create /a\nend one\n< 2 ok')
    const inside = session.step('one', () => session.waitFor.fileVisible('a', { timeoutMs: 50 }))
    await expect(inside).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    await expect(session.waitFor.fileVisible('a')).resolves.toBeDefined()
  })

  test('what the step returns and throws is handed on', async () => {
    const session = replay(STEPS)
    expect(await session.step('create', () => 7)).toBe(7)
    await expect(session.step('remove', () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    expect(session.monitor.recentOperations()).toHaveLength(2)
  })

  test('manual pace: only what is asked for is played', async () => {
    const session = replay(STEPS, { pace: 'manual' })
    const timedOut = expect(session.waitFor.deleted('a')).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    await session.step('create')
    expect(session.waitFor.pending.size).toBe(1)
    expect(session.clock.nowNs()).toBe(4e6)
    const mark = await session.seekTo('remove')
    expect(mark).toMatchObject({ name: 'remove', line: 2 })
    await timedOut
    await session.advanceTo(30_007e6)
    expect(session.monitor.openOperations()).toHaveLength(1)
    await session.playToEnd()
    expect(session.monitor.state).toBe('ended')
    await expect(session.seekTo('remove')).rejects.toMatchObject({ code: 'FT_REPLAY_MISMATCH' })
  })

  test('a recorded moment is sought, another is here and now', async () => {
    const session = replay(STEPS, { pace: 'manual' })
    await session.seekTo('remove')
    expect(session.mark('before')).toMatchObject({ name: 'before', atNs: 30_006e6 })
    expect(session.mark('unknown')).toMatchObject({ name: 'unknown', line: 2 })
  })
})

describe('fences', () => {
  test('a recorded one is found again', async () => {
    const session = replay('> 2 create /a\n< 2 ok\n> 4 lookup /.fusetrace-fence-7-1\nmoment fence\n< 4 ENOENT\nexit 0')
    const fence = await session.monitor.fence()
    expect(fence).toMatchObject({ exact: true, mark: { line: 3 } })
  })

  test('where none was recorded it says so', async () => {
    expect(await replay(STEPS).fence()).toMatchObject({ exact: false, note: expect.stringMatching(/no fence/) })
  })
})

describe('the same recording and seed', () => {
  const script = Array.from({ length: 40 }, (_, i) => `> ${2 * i + 2} write /f${i % 5}\n< ${2 * i + 2} ok`).join('\n')
  const run = async (seed?: number): Promise<unknown[]> => {
    const session = replay(script, seed === undefined ? {} : { seed })
    const seen: unknown[] = []
    for (const path of ['f0', 'f3', 'f1']) {
      const mark = session.mark()
      const result = await session.waitFor.operation({ path }, { since: mark })
      seen.push([mark.line, result.operation?.id, result.waitedNs, session.clock.nowNs()])
    }
    seen.push((await session.waitFor.never('unlink', { during: 5 })).waitedNs)
    return seen
  }

  test('give the same outcomes at the same virtual times', async () => {
    expect(await run()).toEqual(await run())
    expect(await run(5)).toEqual(await run(5))
  })

  test('another seed lets the daemon go on before the test has its turn', async () => {
    const runs = await Promise.all([undefined, 1, 2, 3, 4].map(run))
    expect(new Set(runs.map((one) => JSON.stringify(one))).size).toBeGreaterThan(1)
  })
})

describe('looks in replay', () => {
  test('are answered by what was recorded, the latest first', async () => {
    const session = replay('exists /a no\nexists /a yes', { dialect: none })
    const found = await session.waitFor.fileVisible('a')
    expect(found).toMatchObject({ by: 'poll', operation: null })
    expect(session.clock.nowNs()).toBeGreaterThanOrEqual(2e6)
  })

  test('are not answered by what was known before an operation of unknown outcome', async () => {
    const session = replay(
      'exists /a yes\n> 0 unlink /a\n> 0 getattr /\nafter 3000\nexists /a no\nafter 9000\n> 0 getattr /',
      {
        dialect: silent,
      },
    )
    const gone = await session.waitFor.deleted('a')
    expect(gone.note).toMatch(/nobody could look/)
  })

  test('take as long as they took: an operation is confirmed by the probe that was recorded of it', async () => {
    const session = replay('> 0 unlink /a\n> 0 getattr /\nafter 20\nexists /a no\nafter 1\nexists /a yes', {
      dialect: silent,
    })
    expect(await session.waitFor.deleted('a')).toMatchObject({ by: 'probe', waitedNs: 23e6 })
  })

  test('show a wait that polls what it saw live, however soon it changed again', async () => {
    const session = replay('exists /a no\nafter 3\nexists /a yes\nexists /a no\nexit 0', {
      dialect: none,
    })
    expect(await session.waitFor.fileVisible('a')).toMatchObject({ by: 'poll', waitedNs: 5e6 })
  })
})

test('a wait that polls while calls play the recording meets each probe in its turn', async () => {
  const session = replay('exists /a no\nafter 4\nexists /a yes\nexists /a no\nafter 20\nexit 0', { dialect: none })
  const seen = session.waitFor.fileVisible('a')
  await session.advanceTo(10e6)
  expect(await seen).toMatchObject({ by: 'poll', waitedNs: 6e6 })
})

test('a size that rests while requests are in flight is not that of a complete file', async () => {
  const looks: [string, readonly string[], number][] = [
    ...Array.from({ length: 7 }, () => ['size', ['/a'], 0] as [string, string[], number]),
    ['inFlight', [], 2],
    ...Array.from({ length: 8 }, () => ['size', ['/a'], 7] as [string, string[], number]),
    ['inFlight', [], 0],
  ]
  const made = looks.map(([probe, args, answer], i): Row => {
    return { kind: 'probe', atNs: (i + 1) * 70e6, probe, args, answer, errno: null }
  })
  const session = new ReplaySession(made, null, { dialect: none })
  expect(await session.waitFor.writeComplete('a')).toMatchObject({ by: 'poll', waitedNs: made.length * 70e6 })
})

test('a wait that was called before a step is not over before the step is', async () => {
  const session = replay(
    'step w\n> 2 create /a\n< 2 ok\n> 4 write /a\n< 4 ok\nend w\n> 6 release /a\n< 6 ok\nafter 9000',
  )
  const written = session.waitFor.writeComplete('a', { timeoutMs: 100 })
  await session.step('w', async () => {
    for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate)
  })
  expect((await written).operation?.opcode).toBe('release')
})

test('a probe of the test’s own may want the replay to go on', async () => {
  const log = '> 2 create /a\n< 2 ok\nafter 5\n> 4 create /b\n< 4 ok\nafter 5\n> 6 getattr /\n< 6 ok'
  const session = replay(log, { idleMs: 20 })
  const seen = session.waitFor.fileVisible('b')
  const looked = session.waitFor.until(async () => {
    await session.advanceTo(12e6)
    return true
  })
  await seen
  expect((await looked).value).toBe(true)
})

test('a success that the log shows is believed where no end is shown and nobody can look', async () => {
  const session = replay('> 0 create /a\n= ok\nafter 9000\n> 0 getattr /', { dialect: silent })
  const created = await session.waitFor.fileVisible('a')
  expect(created.note).toMatch(/tells its success and shows no end/)
  expect(session.clock.nowNs()).toBeLessThan(100e6)
})

test('a replay that cannot go on fails its waits, and says why', async () => {
  const session = replay('> 2 create /a\n< 2 ok', {
    onRow: () => {
      throw new Error('unreadable')
    },
    problem: () => 'cut at byte 7',
  })
  await expect(session.waitFor.fileVisible('a')).rejects.toMatchObject({
    code: 'FT_STREAM_ENDED',
    message: expect.stringMatching(/the replay failed: unreadable(.|\n)*not whole: cut at byte 7/),
  })
})

describe('polling where there is no trace', () => {
  test('the same waits, the same errors, growing intervals', async () => {
    const session = replay('exists /a no\nafter 1000\nexists /a yes', { dialect: none })
    let looks = 0
    session.waitFor.pending.onChange(() => looks++)
    expect(await session.waitFor.fileVisible('a')).toMatchObject({ by: 'poll', waitedNs: expect.any(Number) })
    expect(looks).toBeLessThan(60)
    const other = replay('exists /a no\nafter 9000\nexists /a yes', { dialect: none })
    await expect(other.waitFor.fileVisible('a')).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    await expect(replay('exit 1', { dialect: none }).waitFor.deleted('a')).rejects.toMatchObject({
      code: 'FT_STREAM_ENDED',
    })
  })

  test('an operation that leaves something to be seen is polled for, another cannot be', async () => {
    const session = replay('exists /a yes\nafter 9000\nexists /a yes', { dialect: none })
    expect(await session.waitFor.operation({ opcode: 'create', path: 'a' })).toMatchObject({ by: 'poll' })
    await expect(session.waitFor.operation('lookup')).rejects.toMatchObject({
      code: 'FT_WAIT_FAILED',
      message: expect.stringMatching(/there is no trace/),
    })
    await expect(session.waitFor.never('unlink')).rejects.toMatchObject({ code: 'FT_WAIT_FAILED' })
  })
})

test('a wait that nothing can end any more ends', async () => {
  const session = new ReplaySession(rows('lost it'), null, { dialect: tiny })
  const forever = {
    name: 'forever',
    subject: '',
    awaited: 'nothing',
    start: () => 0,
    step: (state: number) => ({ state }),
  }
  await expect(session.waitFor.custom(forever, { timeoutMs: Number.POSITIVE_INFINITY })).rejects.toMatchObject({
    code: 'FT_STREAM_ENDED',
    reason: 'nothing more is recorded',
  })
})

test('losses of the recording are handed on', async () => {
  const session = new ReplaySession([{ kind: 'loss', atNs: 3, what: 'line-bytes', count: 9 }], null, { dialect: tiny })
  await session.playToEnd()
  expect(session.losses).toMatchObject([{ what: 'line-bytes', count: 9 }])
})
