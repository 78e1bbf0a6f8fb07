import { describe, expect, test } from 'vitest'
import { ReplaySession } from '../../src/replay/replay-session.js'
import type { Machine, WaitEvent } from '../../src/wait/engine/machine.js'
import { fileVisible } from '../../src/wait/machines/file-visible.js'
import { replay, rows, silent } from '../replay/tiny.js'

const EARLIER = `
  > 2 create /a.txt
  < 2 ok
  step again
  > 4 create /b.txt
  < 4 ok
  end again
  exit 0
`

/** The machine of a wait that forgets its mark. */
function forgetful<S>(machine: Machine<S>): Machine<S> {
  return {
    ...machine,
    wholeRun: true,
    step: (state, event, view) => machine.step(state, event, { ...viewOf(view), after: () => true }),
  }
}

const viewOf = <V extends object>(view: V): V => Object.create(view) as V

describe('rule 1: no stale match, no lost wake-up', () => {
  test('a wait for a create is not satisfied by an earlier create', async () => {
    const session = replay(EARLIER)
    await session.seekTo('again')
    await expect(session.waitFor.fileVisible('a.txt')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('… which a wait that forgets its mark would get wrong', async () => {
    const session = replay(EARLIER)
    await session.seekTo('again')
    const wrong = await session.waitFor.custom(forgetful(fileVisible('a.txt')))
    expect(wrong.operation).toMatchObject({ opcode: 'create', path: '/a.txt' })
  })

  test('an operation that started before the mark and ended after it is stale too', async () => {
    const session = replay(`
      > 2 create /a.txt
      step now
      < 2 ok
      exit 0
    `)
    await session.seekTo('now')
    await expect(session.waitFor.fileVisible('a.txt')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('two waits for the same operation both succeed', async () => {
    const session = replay(EARLIER)
    const [one, two, three] = await Promise.all([
      session.waitFor.fileVisible('b.txt'),
      session.waitFor.fileVisible('/b.txt'),
      session.waitFor.operation({ opcode: 'create', path: 'b.txt' }),
    ])
    expect(one.operation).toBe(two.operation)
    expect(three.operation).toBe(one.operation)
  })

  test('… which a wait that eats the history would get wrong', async () => {
    const session = replay(EARLIER)
    const seen = new Set<WaitEvent>()
    const greedy = (machine: ReturnType<typeof fileVisible>): typeof machine => ({
      ...machine,
      step: (state, event, view) => {
        if (seen.has(event)) return { state }
        seen.add(event)
        return machine.step(state, event, view)
      },
    })
    const both = await Promise.allSettled([
      session.waitFor.custom(greedy(fileVisible('b.txt'))),
      session.waitFor.custom(greedy(fileVisible('b.txt'))),
    ])
    expect(both.map((one) => one.status)).toEqual(['fulfilled', 'rejected'])
  })

  test('a wait called after the line had arrived, but after its mark, succeeds at once', async () => {
    const session = replay(EARLIER, { pace: 'manual' })
    await session.seekTo('again')
    const mark = session.monitor.latestMark
    await session.playToEnd()
    const late = await session.waitFor.fileVisible('b.txt', { since: mark })
    expect(late).toMatchObject({ by: 'trace', waitedNs: 0, operation: { path: '/b.txt' } })
  })

  test('… which a wait that looks only forward would get wrong', async () => {
    const session = replay(EARLIER, { pace: 'manual' })
    await session.playToEnd()
    const forward = session.waitFor.fileVisible('b.txt', { since: session.monitor.mark('now') })
    await expect(forward).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('a wait called by a listener does not see the same event twice', async () => {
    const session = replay(`
      > 2 write /a.txt
      < 2 ok
      after 200
      > 4 getattr /
      < 4 ok
    `)
    let counted: Promise<unknown> | undefined
    session.monitor.subscribe((event) => {
      if (event.type === 'ended' && !counted) counted = session.waitFor.exactly(1, 'write')
    })
    await session.waitFor.operation('write')
    await expect(counted).resolves.toMatchObject({ by: 'trace' })
  })
})

describe('rule 2: completion, not start', () => {
  test('a request that was not answered satisfies nothing', async () => {
    const session = replay(`
      > 2 create /a.txt
      after 6000
      < 2 ok
    `)
    const error = await session.waitFor.fileVisible('a.txt').catch((reason: Error) => reason)
    expect(error).toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    expect(String(error)).toMatch(/still open/)
  })

  test('the result is about the end', async () => {
    const session = replay(`
      > 2 create /a.txt
      after 20
      < 2 ok
    `)
    const { startNs, endNs, durationNs, by } = await session.waitFor.fileVisible('a.txt')
    expect({ startNs, endNs, durationNs, by }).toEqual({ startNs: 1e6, endNs: 22e6, durationNs: 21e6, by: 'trace' })
  })

  test('where no end is shown, a probe confirms', async () => {
    const session = new ReplaySession(
      rows(`
        > 0 create /a.txt
        exists /a.txt no
        after 10
        exists /a.txt yes
        after 1000
        > 0 getattr /
      `),
      null,
      { dialect: silent },
    )
    const result = await session.waitFor.fileVisible('a.txt')
    expect(result).toMatchObject({ by: 'probe', operation: { opcode: 'create', status: 'unfinished' } })
    expect(result.endNs).toBeLessThan(200e6)
  })

  test('where nobody can look, an inferred end says that it is one', async () => {
    const session = replay('> 0 create /a.txt\n> 0 getattr /\nafter 50\n> 0 getattr /', { dialect: silent })
    const result = await session.waitFor.fileVisible('a.txt')
    expect(result).toMatchObject({ by: 'trace', operation: { endedBy: 'next-request', status: 'unknown' } })
    expect(result.note).toMatch(/nobody could look/)
  })

  test('what was undone again has been done', async () => {
    const session = replay('> 0 create /a.txt\n> 0 getattr /\nexists /a.txt no\n> 0 unlink /a.txt\n> 0 getattr /', {
      dialect: silent,
      pace: 'manual',
    })
    await session.playToEnd()
    const result = await session.waitFor.fileVisible('a.txt')
    expect(result.note).toMatch(/undone again by unlink/)
  })

  test('a failed create keeps waiting, a later one satisfies', async () => {
    const session = replay(`
      > 2 create /a.txt
      < 2 EACCES
      > 4 create /a.txt
      < 4 ok
    `)
    const { operation } = await session.waitFor.fileVisible('a.txt')
    expect(operation?.unique).toBe(4)
  })
})

describe('rule 4: fail at once', () => {
  const pending = '> 2 getattr /\n< 2 ok\n'

  test('when the stream ends', async () => {
    const session = replay(`${pending}exit 0`)
    await expect(session.waitFor.fileVisible('x')).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
    expect(session.clock.nowNs()).toBe(3e6)
  })

  test('when the mount is lost, although the same path may be underneath', async () => {
    const session = replay(`> 0 create /a.txt\nlost daemon killed\nexists /a.txt yes\nafter 9000\nexit SIGKILL`, {
      dialect: silent,
    })
    await expect(session.waitFor.fileVisible('a.txt')).rejects.toMatchObject({ code: 'FT_MOUNT_LOST' })
    expect(session.clock.nowNs()).toBeLessThan(10e6)
  })

  test('at the deadline, in virtual time', async () => {
    const session = replay(`${pending}after 60000\n> 4 create /x\n< 4 ok`)
    const error = await session.waitFor.fileVisible('x', { timeoutMs: 700 }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'FT_WAIT_TIMEOUT', name: 'WaitTimeoutError' })
    expect(session.clock.nowNs()).toBe(700e6)
  })

  test('by the caller', async () => {
    const session = replay(pending, { pace: 'manual' })
    const controller = new AbortController()
    const wait = session.waitFor.fileVisible('x', { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(wait).rejects.toMatchObject({ code: 'FT_ABORTED', cause: { message: 'enough' } })
    await expect(session.waitFor.fileVisible('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'FT_ABORTED',
    })
    expect(session.waitFor.pending.size).toBe(0)
  })

  test('when the session is closed', async () => {
    const session = replay(pending, { pace: 'manual' })
    const wait = session.waitFor.fileVisible('x')
    await session.close()
    await expect(wait).rejects.toMatchObject({ code: 'FT_STREAM_ENDED' })
  })

  test('but what the history holds still succeeds after the end', async () => {
    const session = replay('> 2 create /a.txt\n< 2 ok\nlost killed\nexit SIGKILL', { pace: 'manual' })
    await session.playToEnd()
    await expect(session.waitFor.fileVisible('a.txt')).resolves.toMatchObject({ by: 'trace' })
    await expect(session.waitFor.fileVisible('b.txt')).rejects.toMatchObject({ code: 'FT_MOUNT_LOST' })
  })
})

test('where the log shows an end in time, nothing is asked of the file system', async () => {
  const session = replay('> 2 create /a.txt\nafter 20\n< 2 ok\nexists /a.txt no')
  let probing = 0
  session.waitFor.pending.onChange(() => {
    probing = Math.max(probing, session.waitFor.pending.probing)
  })
  expect(await session.waitFor.fileVisible('a.txt')).toMatchObject({ by: 'trace' })
  expect(probing).toBe(0)
})
