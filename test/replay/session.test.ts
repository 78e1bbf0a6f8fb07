import { describe, expect, test } from 'vitest'
import { none } from '../../src/dialect/core/choose.js'
import type { ProbeRow, Row } from '../../src/recording/row.js'
import { marksOf } from '../../src/replay/marks.js'
import { ReplaySession } from '../../src/replay/replay-session.js'
import { replay, rows, silent, tiny } from './tiny.js'

/** Turns of the event loop in which a replay that plays by itself would have gone on. */
const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}
const ONE = '> 2 create /a\n< 2 ok\n> 4 create /b\n< 4 ok'

describe('the recording is played', () => {
  test('no further than the wait needs, without a seed', async () => {
    const session = replay(ONE)
    await session.waitFor.fileVisible('a')
    expect(session.clock.nowNs()).toBe(2e6)
    await session.waitFor.fileVisible('b')
    expect(session.clock.nowNs()).toBe(4e6)
  })

  test('by nobody but the test in manual pace', async () => {
    const session = replay(ONE, { pace: 'manual' })
    const seen = session.waitFor.fileVisible('a')
    await turns()
    expect(session.clock.nowNs()).toBe(0)
    await session.advanceTo(3e6)
    expect([session.clock.nowNs(), (await seen).operation?.path]).toEqual([3e6, '/a'])
  })

  test('not while somebody holds it', async () => {
    const session = replay(ONE)
    const letGo = session.hold()
    const seen = session.waitFor.fileVisible('a')
    await turns()
    expect(session.clock.nowNs()).toBe(0)
    letGo()
    expect((await seen).operation?.path).toBe('/a')
  })

  test('by one who is wanted although a probe of the test’s own is under way', async () => {
    const session = replay(ONE, { idleMs: 60_000 })
    const served = session.want()
    let answer: (value: boolean) => void = () => undefined
    const seen = session.waitFor.until(() => new Promise<boolean>((resolve) => (answer = resolve)))
    await turns()
    await session.advanceTo(5e6)
    served()
    answer(true)
    expect((await seen).value).toBe(true)
    expect(session.monitor.recentOperations()).toHaveLength(2)
  })

  test('to its end, which is said once, and not where it was said before', async () => {
    for (const [script, state, ends] of [
      [ONE, 'ended', 1],
      [`${ONE}\nexit 0`, 'ended', 1],
      [`${ONE}\nlost it`, 'lost', 0],
    ] as const) {
      const session = replay(script)
      let seen = 0
      session.monitor.subscribe(({ type }) => {
        if (type === 'stream-ended') seen++
      })
      await session.playToEnd()
      await session.playToEnd()
      expect([session.monitor.state, seen]).toEqual([state, ends])
    }
  })

  test('with the same outcome where deadline and line fall on one moment: the line comes first', async () => {
    const session = replay(ONE)
    await expect(session.waitFor.fileVisible('a', { timeoutMs: 2 })).resolves.toBeDefined()
    const later = replay(ONE)
    await expect(later.waitFor.fileVisible('b', { timeoutMs: 3 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    expect(later.clock.nowNs()).toBe(3e6)
  })
})

describe('steps and moments of a recording', () => {
  test('a step whose end was not recorded ends where the next begins, or with the recording', async () => {
    const session = replay('step one\n> 2 create /a\n< 2 ok\nmoment here\nstep two\n> 4 create /b\n< 4 ok')
    await session.step('one', () => undefined)
    expect(session.monitor.recentOperations().map(({ path }) => path)).toEqual(['/a'])
    expect(session.clock.nowNs()).toBe(4e6)
    await session.step('two', () => session.waitFor.fileVisible('b'))
    expect(session.monitor.state).toBe('ended')
    const listed = new ReplaySession(rows('step a\nend b\nstep c'), null, { dialect: tiny })
    await listed.step('a', () => undefined)
    expect(listed.clock.nowNs()).toBe(2e6)
  })

  test('a wait in a step without an end sees what comes before the next begins, and no more', async () => {
    const session = replay('step one\n> 2 create /a\n< 2 ok\nstep two\n> 4 create /b\n< 4 ok', { idleMs: 60_000 })
    await session.step('one', async () => {
      await expect(session.waitFor.fileVisible('a')).resolves.toBeDefined()
    })
    await session.step('two', () => session.waitFor.fileVisible('b'))
  })

  test('onStep is given each begin and which mark it is, also when it is sought past others', async () => {
    const begun: [string, number][] = []
    const script = 'moment one\nstep one\nend one\nmoment two\nstep two\nend two'
    const session = replay(script, { onStep: ({ name }, nth) => begun.push([name, nth]) })
    await session.step('one', () => undefined)
    expect(await session.seekTo('two')).toMatchObject({ name: 'two' })
    expect(begun).toEqual([
      ['one', 1],
      ['two', 4],
    ])
    const sought = replay('moment two\nend two\nstep two', { pace: 'manual' })
    await sought.seekTo('two')
    expect(sought.clock.nowNs()).toBe(3e6)
  })

  test('a moment is one mark, whoever asks for it', async () => {
    const session = replay('> 2 create /a\nmoment here\n< 2 ok')
    const seen: unknown[] = []
    session.monitor.subscribe((event) => {
      if (event.type === 'mark') seen.push(event.mark)
    })
    const mark = session.mark('here')
    expect(mark).toMatchObject({ name: 'here', line: 1, atNs: 2e6 })
    expect(seen).toEqual([mark])
    expect(session.mark('unheard of')).toMatchObject({ line: 1, atNs: 2e6 })
  })

  test('marks that are listed are sought no further than marks that are looked for', () => {
    const script = rows('step a\nmoment m\nend a\nstep b\nmoment n\nend b')
    for (const marks of [undefined, () => marksOf(script)]) {
      const session = new ReplaySession(script, null, { dialect: tiny, pace: 'manual' }, marks)
      // A moment beyond a step's begin is not this one: here and now is.
      expect(session.mark('m').atNs).toBe(0)
      expect(session.mark('none').atNs).toBe(0)
    }
  })

  test('a fence that was not exact when it was recorded says so', async () => {
    const inexact = await replay('> 2 create /a\n< 2 ok\nmoment fence').fence()
    expect(inexact).toMatchObject({ exact: false, note: 'it was not exact when it was recorded', mark: { line: 2 } })
    const exact = await replay('> 2 lookup /.fusetrace-fence-1-1\n< 2 ENOENT\nmoment fence').fence()
    expect(exact).toMatchObject({ exact: true, mark: { line: 2 } })
    expect('note' in exact).toBe(false)
  })
})

describe('a wait of a replay', () => {
  test('is abandoned when the session is closed, once, and plays nothing afterwards', async () => {
    let closed = 0
    const source = {
      *[Symbol.iterator](): Generator<Row> {
        try {
          yield* rows(`step first\nend first\n${ONE}`)
        } finally {
          closed++
        }
      },
    }
    const session = new ReplaySession(source, null, { dialect: tiny, pace: 'manual' })
    await session.seekTo('first')
    const waiting = session.waitFor.fileVisible('a')
    await session.close()
    await expect(waiting).rejects.toMatchObject({ reason: 'the session was closed' })
    await session[Symbol.asyncDispose]()
    expect(closed).toBe(1)
    await session.advanceTo(9e6)
    expect(session.monitor.recentOperations()).toEqual([])
  })

  test('that nobody awaits is no unhandled rejection when the session is closed', async () => {
    const unhandled: unknown[] = []
    const listener = (error: unknown): unknown => unhandled.push(error)
    process.on('unhandledRejection', listener)
    {
      await using session = replay(ONE, { pace: 'manual' })
      void session.waitFor.fileVisible('a')
    }
    await turns()
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  })

  test('takes its default timeout and its remark from the options', async () => {
    const session = replay(`${ONE}\nafter 100\n> 6 getattr /`, { waitTimeoutMs: 7, remark: 'read the manual' })
    await expect(session.waitFor.fileVisible('c')).rejects.toThrow(/within 7 ms(.|\n)*read the manual/)
    expect(session.clock.nowNs()).toBe(7e6)
    await expect(session.step('none')).rejects.toThrow(/no further step\nread the manual/)
  })

  test('says how far the recording was played and how it ended', async () => {
    const running = replay(`${ONE}\nafter 9000\n> 6 getattr /`)
    await expect(running.waitFor.fileVisible('c')).rejects.toThrow(/replayed to 5\.000000 s; running then\n/)
    const ended = replay(`${ONE}\nexit 3`)
    const problem = { code: 'FT_STREAM_ENDED', message: expect.stringMatching(/(?!.*replayed to).*exit(ed)?\b.*3/s) }
    await expect(ended.waitFor.fileVisible('c')).rejects.toMatchObject(problem)
    const lost = replay(`${ONE}\nlost the daemon died`)
    const error: Error = await lost.waitFor.fileVisible('c').then(
      () => expect.unreachable(),
      (thrown) => thrown,
    )
    expect(error.message).not.toMatch(/replayed to|running|ended/)
    expect(error.message).not.toMatch(/not whole/)
  })

  test('at the end of a step does not say that another comes next', async () => {
    const session = replay('step one\n> 2 create /a\nend one', { idleMs: 1 })
    await session.step('one', async () => {
      const failed = session.waitFor.fileVisible('b', { timeoutMs: 3 })
      await expect(failed).rejects.toThrow(expect.objectContaining({ message: expect.not.stringMatching(/ next/) }))
    })
  })
})

describe('the end of a recording', () => {
  const wrote: Row = {
    kind: 'call',
    beginNs: 20e6,
    endNs: 20e6,
    root: 'mount',
    method: 'writeFile',
    args: ['a'],
    result: null,
    error: null,
  }
  const session = (dialect: typeof tiny, ...more: Row[]) =>
    new ReplaySession([...rows('exists /b yes'), wrote, ...more], null, { dialect })
  const exit: Row = { kind: 'exit', atNs: 21e6, code: 0, signal: null }

  test('is said as what it is to a wait without a time limit', async () => {
    const options = { timeoutMs: Number.POSITIVE_INFINITY }
    await expect(replay(ONE).waitFor.fileVisible('c', options)).rejects.toMatchObject({ reason: 'the log ended' })
    const whole = replay(ONE, { problem: () => 'cut at byte 7' })
    await expect(whole.waitFor.fileVisible('c', options)).rejects.toThrow(
      /the log ended; the recording is not whole: cut/,
    )
  })

  test('comes after one more look where there is nothing but probes', async () => {
    expect(await session(none, exit).waitFor.fileVisible('a')).toMatchObject({ by: 'poll' })
    expect(await session(none).waitFor.fileVisible('a')).toMatchObject({ by: 'poll' })
    await expect(session(tiny, exit).waitFor.fileVisible('a')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('does not wait for longer than such looks may be apart', async () => {
    const polled = session(none, { ...exit, atNs: 2000e6 })
    await expect(polled.waitFor.fileVisible('c', { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'FT_STREAM_ENDED',
    })
    expect(polled.clock.nowNs()).toBeGreaterThan(2000e6)
    expect(polled.clock.nowNs()).toBeLessThan(2200e6)
  })

  test('is not passed by a session that was closed', async () => {
    const closed = replay(ONE, { pace: 'manual' })
    await closed.close()
    await closed.advanceTo(9e6)
    expect(closed.monitor.recentOperations()).toEqual([])
  })
})

describe('probes of a replay', () => {
  test('are answered by what was replaced in the recording as it was', async () => {
    const session = replay('exists /{token1} no\nexists /{token1} yes', {
      dialect: none,
      restore: (row) => (row.kind === 'probe' ? { ...row, args: ['/a'] } : row),
    })
    expect(await session.waitFor.fileVisible('a')).toMatchObject({ by: 'poll', waitedNs: 2e6 })
    const size: ProbeRow = { kind: 'probe', atNs: 1e6, probe: 'exists', args: ['/a'], answer: 'no', errno: null }
    const answered = new ReplaySession([size], null, {
      dialect: none,
      restore: (row) => (row.kind === 'probe' ? { ...row, answer: true } : row),
    })
    expect(await answered.waitFor.fileVisible('a')).toMatchObject({ by: 'poll', waitedNs: 1e6 })
  })

  test('of a log that shows operations are not put off for recorded ones of what is known', async () => {
    const session = replay('> 0 create /a\n> 0 getattr /\nexists /a yes\n> 0 unlink /a\nexists /a no\n> 0 getattr /', {
      dialect: silent,
    })
    await session.advanceTo(3.5e6)
    expect(await session.waitFor.fileVisible('a')).toMatchObject({ by: 'probe' })
    expect(session.clock.nowNs()).toBe(3.5e6)
  })

  test('look once more before the log ends where there is nothing but probes, and not where there is a log', async () => {
    const found = 'exists /a yes\nafter 20\nexit 0'
    const polled = replay(found, { dialect: none })
    expect(await polled.waitFor.fileVisible('a')).toMatchObject({ by: 'poll' })
    const ended = replay('> 2 create /b\n< 2 ok\nafter 20\nexit 0')
    await expect(ended.waitFor.fileVisible('a')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
    expect(ended.clock.nowNs()).toBe(23e6)
  })
})
