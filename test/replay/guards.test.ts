import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { TraceMonitor } from '../../src/monitor/trace-monitor.js'
import type { Operation } from '../../src/operation/operation.js'
import type { CallRow, MarkRow, ProbeRow, Row } from '../../src/recording/row.js'
import { FeedMarks } from '../../src/replay/marks.js'
import { RecordedProber } from '../../src/replay/recorded-prober.js'
import { RecordedProbes } from '../../src/replay/recorded-probes.js'
import { RowFeed } from '../../src/replay/row-feed.js'
import { RowPlayer } from '../../src/replay/row-player.js'
import { endOf, nextBegin, nextMoment } from '../../src/replay/steps.js'
import { replay, rows, tiny } from './tiny.js'

const yes = { value: true, errno: null }
const no = { value: false, errno: null }

const exists = (path: string, answer: boolean, atMs = 1): ProbeRow => {
  return { kind: 'probe', atNs: atMs * 1e6, probe: 'exists', args: [path], answer, errno: null }
}

const operation = (change: Partial<Operation>): Operation =>
  ({ id: 1, path: null, newPath: null, name: null, errno: null, status: 'ok', ...change }) as Operation

describe('what a recording has shown so far', () => {
  const ask = (prober: RecordedProber, path: string) => prober.answer({ probe: 'exists', path })

  test('of the moment of a request of our own is known only then', () => {
    const prober = new RecordedProber()
    prober.probe({ kind: 'probe', atNs: 1, probe: 'answers', args: [], answer: 7, errno: null })
    expect(prober.answer({ probe: 'answers' })).toBe('unknown')
  })

  test('by calls on the mount, not on a branch', () => {
    const prober = new RecordedProber()
    const call = (root: string, method: string): CallRow =>
      ({ kind: 'call', root, method, args: ['a'], error: null }) as unknown as CallRow
    prober.call(call('branch', 'writeFile'))
    expect(ask(prober, '/a')).toBe('unknown')
    prober.call(call('mount', 'writeFile'))
    expect(ask(prober, '/a')).toEqual(yes)
    prober.call(call('branch', 'unlink'))
    expect(ask(prober, '/a')).toEqual(yes)
    prober.call(call('mount', 'unlink'))
    expect(ask(prober, '/a')).toEqual(no)
  })

  test('is not known any more while an operation may change it, whatever its log says by then', () => {
    const prober = new RecordedProber()
    prober.probe(exists('/a', true))
    prober.started(operation({ opcode: 'unlink', path: '/a', status: 'ok' }))
    expect(ask(prober, '/a')).toBe('unknown')
    prober.ended(operation({ opcode: 'unlink', path: '/a', status: 'ok' }))
    expect(ask(prober, '/a')).toEqual(no)
  })

  test('below a directory that is renamed is not known; beside it, and of a file, it is', () => {
    const prober = new RecordedProber()
    for (const path of ['/d/a', '/e/b', '/dd']) prober.probe(exists(path, true))
    prober.ended(operation({ opcode: 'rename', path: '/d', newPath: '/e' }))
    expect(['/d/a', '/e/b', '/dd', '/d', '/e'].map((path) => ask(prober, path))).toEqual([
      'unknown',
      'unknown',
      yes,
      no,
      yes,
    ])
  })
})

describe('a recorded probe that is still to come', () => {
  function probes(recorded: readonly Row[]) {
    const feed = new RowFeed(recorded)
    const asked = new RecordedProbes({ feed, prober: new RecordedProber(), nowNs: () => 0, polling: () => true })
    const play = (): void => {
      for (let row = feed.next(); row !== null; row = feed.next()) asked.played(row)
    }
    return { asked, play }
  }
  const question = { probe: 'exists', path: '/a' } as const

  test('answers one question; equal ones share the last', async () => {
    const { asked, play } = probes([exists('/a', false, 1), exists('/a', true, 2)])
    const answers = [asked.probe(question), asked.probe(question), asked.probe(question)]
    expect(asked.waiting).toBe(3)
    play()
    expect(await Promise.all(answers)).toEqual([no, yes, no])
    expect(asked.waiting).toBe(0)
  })

  test('that hung is unknown', async () => {
    const hung = { ...exists('/a', false), answer: null, errno: 'ETIMEDOUT' }
    const { asked, play } = probes([hung])
    const answer = asked.probe(question)
    play()
    expect(await answer).toBe('unknown')
  })

  test('of another path, after the end of the daemon, or too long after is another', async () => {
    expect(await probes([exists('/b', true)]).asked.probe(question)).toBe('unknown')
    expect(await probes([...rows('exit 0'), exists('/a', true, 2)]).asked.probe(question)).toBe('unknown')
    expect(await probes([exists('/a', true, 2501)]).asked.probe(question)).toBe('unknown')
  })
})

describe('rows that are played', () => {
  test('a mount that was lost is not mounted', () => {
    const clock = virtualClock()
    const player = new RowPlayer(clock, new TraceMonitor({ clock, dialect: tiny }), {})
    const mounted = () => player.prober.answer({ probe: 'mounted' })
    const [answered, lost] = rows('rung answered\nlost the daemon died') as [Row, Row]
    player.play(answered)
    expect(mounted()).toEqual(yes)
    player.play(lost)
    expect(mounted()).toEqual(no)
  })

  test('a daemon that was started again is watched again', async () => {
    const session = replay(
      'rung answered\n> 1 create /a\n< 1 ok\nexit 0\nrung spawned\nrung answered\nstep again\n> 1 create /b\n< 1 ok\nend again',
    )
    await session.step('again', () => undefined)
    expect(session.monitor.state).toBe('running')
    expect(await session.waitFor.fileVisible('b')).toMatchObject({ by: 'trace' })
  })

  test('waits of then are not met', () => {
    const wait = { kind: 'wait', endNs: 1 } as unknown as Row
    const feed = new RowFeed([wait, ...rows('> 1 create /a'), wait])
    expect([feed.next()?.kind, feed.next()]).toEqual(['line', null])
  })
})

describe('steps and moments', () => {
  const marks = (script: string) => new FeedMarks(new RowFeed(rows(script)))

  test('a moment is sought within its step', () => {
    expect(nextMoment(marks('moment other\nmoment here'), 'here')?.nth).toBe(1)
    expect(nextMoment(marks('step a\nmoment here\nend a'), 'here')).toBeNull()
    expect(nextMoment(marks('end a\nmoment here'), 'here')).toBeNull()
    expect(nextMoment(marks('step here'), 'here')).toBeNull()
  })

  test('a step is the next to begin, or lies within those that begin before it', () => {
    expect(nextBegin(marks('step a\nstep b'), 'b').nth).toBe(1)
    expect(() => nextBegin(marks('step a\nend a\nstep b'), 'b')).toThrow(/has step 'a' here/)
    expect(() => nextBegin(marks('moment m\nstep a\nend a'), 'b')).toThrow(/has step 'a' here$/)
    expect(() => nextBegin(marks(''), 'b')).toThrow(/no further step/)
    expect(() => nextBegin(marks(''), 'b')).toThrow(expect.objectContaining({ hint: expect.stringMatching(/record/) }))
    expect(() => nextBegin(marks(''), 'b', 'do it')).toThrow(expect.objectContaining({ hint: 'do it' }))
  })

  test('the end of a step is past those of its name within it', () => {
    const end = endOf('a')
    const seen = rows('step b\nstep a\nend a\nend b\nend a').map((row) => end(row as MarkRow))
    expect(seen).toEqual([false, false, false, false, true])
    const other = endOf('a')
    expect(rows('end b\nmoment a\nend a').map((row) => other(row as MarkRow))).toEqual([false, false, true])
  })
})
