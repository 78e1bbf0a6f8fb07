import { describe, expect, test } from 'vitest'
import { none } from '../../src/dialect/core/choose.js'
import { ReachQueue } from '../../src/fixture/reach-queue.js'
import type { ProbeRow, Row } from '../../src/recording/row.js'
import { marksOf } from '../../src/replay/marks.js'
import { openReplay } from '../../src/replay/open-replay.js'
import { RecordedProber } from '../../src/replay/recorded-prober.js'
import { ReplaySession } from '../../src/replay/replay-session.js'
import { replay, rows, tiny } from './tiny.js'

const LATER = '> 2 create /a\n< 2 ok\nstep later\n> 4 mkdir /d\n< 4 ok\nend later\nexit 0'

/** Work that has nothing to do with the replay: more turns of the event loop than anybody would count. */
const work = async (): Promise<void> => {
  for (let turns = 0; turns < 2000; turns++) await new Promise(setImmediate)
}

describe('a wait that is pending while the test works', () => {
  test('does not run out of time before the test begins the step that was recorded next', async () => {
    const steps = replay(`step first\n> 0 getattr /\n< 0 ok\nend first\n${LATER}`, { idleMs: 60_000 })
    await steps.step('first', () => undefined)
    const seen = steps.waitFor.dirVisible('d', { timeoutMs: 50 })
    await work()
    await steps.step('later', () => undefined)
    expect((await seen).operation?.path).toBe('/d')
  })

  test('does not run out of time before the test ends the step that it is in', async () => {
    const session = replay(`step one\n> 2 create /a\nend one\n< 2 ok`, { idleMs: 60_000 })
    let seen: Promise<unknown> = Promise.resolve()
    await session.step('one', async () => {
      seen = session.waitFor.fileVisible('a', { timeoutMs: 50 })
      await work()
    })
    await expect(seen).resolves.toMatchObject({ by: 'trace' })
  })

  test('runs out of time at once where it did so before the step when it was recorded', async () => {
    const session = replay(`step first\nend first\nafter 1000\n${LATER}`, { idleMs: Number.POSITIVE_INFINITY })
    await session.step('first', () => undefined)
    await expect(session.waitFor.dirVisible('d', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
  })

  test('fails, when the test does nothing else than wait for it, and says what comes next', async () => {
    const session = replay(`step first\nend first\n${LATER}`, { idleMs: 1 })
    await session.step('first', () => undefined)
    await expect(session.waitFor.dirVisible('d', { timeoutMs: 5000 })).rejects.toThrow(
      /not satisfied within 5000 ms(.|\n)*its recording has step 'later' next/,
    )
  })
})

test('a probe of the test’s own has its time, however long, and may itself need the replay to go on', async () => {
  const session = replay('> 2 create /a\n< 2 ok\nafter 5\n> 4 create /b\n< 4 ok\nafter 5\n> 6 getattr /\n< 6 ok', {
    idleMs: 60_000,
  })
  const queue = new ReachQueue(session)
  let probes = 0
  const seen = session.waitFor.until(async () => {
    probes++
    await work()
    await queue.reach(12e6)
    return true
  })
  await queue.reach(9e6)
  expect((await seen).value).toBe(true)
  expect(probes).toBe(1)
  await session.close()
})

describe('a recording is streamed', () => {
  const lines = Array.from({ length: 500 }, (_, i) => `> ${2 * i + 2} write /f\n< ${2 * i + 2} ok`).join('\n')
  const all = rows(`step many\n${lines}\nmoment half\n${lines}\nend many\nstep last\nend last\nexit 0`)

  test('where its marks are known nothing is read ahead for steps', async () => {
    let pulled = 0
    let ahead = 0
    let played = 0
    function* source(): Generator<Row> {
      for (const row of all) {
        pulled++
        yield row
      }
    }
    const header = { dialect: 'tiny', dialectVersion: 1 } as never
    const session = await openReplay(
      { header, rows: source, marks: () => marksOf(all) },
      {
        dialect: tiny,
        onRow() {
          played++
          ahead = Math.max(ahead, pulled - played)
        },
      },
    )
    await session.step('many', () => session.mark('half'))
    await session.step('last', () => undefined)
    await session.finish()
    expect([played, ahead]).toEqual([all.length, 0])
    expect(session.monitor.state).toBe('ended')
  })

  test('the same steps are met as by looking ahead', async () => {
    const told = async (session: ReplaySession): Promise<unknown[]> => {
      const out: unknown[] = [await session.step('many', () => session.mark('half').line)]
      out.push(await session.step('none', () => 1).catch((error: Error) => error.message))
      out.push(await session.step('last', () => session.clock.nowNs()))
      return out
    }
    const listed = new ReplaySession(all, null, { dialect: tiny }, () => marksOf(all))
    const looked = new ReplaySession(all, null, { dialect: tiny })
    const seen = await told(listed)
    expect(seen).toEqual(await told(looked))
    expect(seen[0]).toBe(1000)
  })
})

describe('a probe that hung when it was recorded', () => {
  const hung = (atMs: number): Row => ({
    kind: 'probe',
    atNs: atMs * 1e6,
    probe: 'exists',
    args: ['/a'],
    answer: null,
    errno: 'ETIMEDOUT',
  })
  const found = (atMs: number, answer: boolean): Row => ({ ...hung(atMs), answer, errno: null }) as Row

  test('reports nothing, neither to who waits for it', async () => {
    const session = new ReplaySession([hung(1), hung(30), found(60, true), found(90, false)], null, { dialect: none })
    expect(await session.waitFor.deleted('a')).toMatchObject({ by: 'poll', waitedNs: 90e6 })
  })

  test('nor afterwards: what was known before it is not believed any more', () => {
    const prober = new RecordedProber()
    prober.probe(found(1, false) as ProbeRow)
    expect(prober.answer({ probe: 'exists', path: '/a' })).toEqual({ value: false, errno: null })
    prober.probe(hung(2) as ProbeRow)
    expect(prober.answer({ probe: 'exists', path: '/a' })).toBe('unknown')
  })
})
