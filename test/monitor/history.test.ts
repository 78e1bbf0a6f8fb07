import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import { none } from '../../src/dialect/core/choose.js'
import { Conclusions } from '../../src/monitor/conclusions.js'
import { endedAsAsked, type MonitorEvent, startedAfter } from '../../src/monitor/monitor.js'
import { Ring } from '../../src/monitor/ring.js'
import { TraceMonitor, type TraceMonitorOptions } from '../../src/monitor/trace-monitor.js'
import type { Operation } from '../../src/operation/operation.js'
import { threads, tiny } from '../replay/tiny.js'

function monitor(options: Partial<TraceMonitorOptions> = {}) {
  const clock = virtualClock()
  const one = new TraceMonitor({ clock, dialect: tiny, ...options })
  const events: MonitorEvent[] = []
  one.subscribe((event) => events.push(event))
  let index = 0
  return Object.assign(one, {
    events,
    virtual: clock,
    say(...lines: string[]): void {
      for (const raw of lines) {
        clock.advanceBy(10)
        one.push({ index: index++, atNs: clock.nowNs(), stream: 'stderr', raw, terminated: true })
      }
    },
  })
}

const names = (operations: readonly Operation[]): (string | null)[] => operations.map(({ path }) => path)

test.each([
  [{ code: 0, signal: null }, true],
  [{ code: 129, signal: null }, true],
  [{ code: 130, signal: null }, true],
  [{ code: 143, signal: null }, true],
  [{ code: 1, signal: null }, false],
  [{ code: null, signal: null }, false],
  [{ code: null, signal: 'SIGTERM' }, true],
  [{ code: null, signal: 'SIGINT' }, true],
  [{ code: null, signal: 'SIGHUP' }, true],
  [{ code: null, signal: 'SIGKILL' }, false],
  [{ code: 0, signal: 'SIGSEGV' }, false],
])('an end by %o was asked for: %s', (exit, asked) => {
  expect(endedAsAsked(exit)).toBe(asked)
})

test('what started after a mark: by its first line; where a log shows only ends, by its time as well', () => {
  const mark = { name: 'm', line: 3, atNs: 100 }
  const at = (line: number, startNs: number) => ({ lines: [line, line + 1], startNs }) as unknown as Operation
  const shows = { capabilities: tiny.capabilities }
  const endsOnly = { capabilities: { ...tiny.capabilities, start: false } }
  const unknown = { capabilities: null }
  expect([at(2, 200), at(3, 50), at(4, 200)].map((one) => startedAfter(shows, mark, one))).toEqual([false, true, true])
  expect([at(2, 200), at(3, 99), at(3, 100)].map((one) => startedAfter(endsOnly, mark, one))).toEqual([
    false,
    false,
    true,
  ])
  expect(startedAfter(unknown, mark, at(3, 50))).toBe(true)
})

describe('ends that no line shows', () => {
  test('a request of ours that was answered ends all that began before it, and the log confirms it later', () => {
    const one = monitor({ dialect: threads })
    one.say('> 1 create /a')
    expect(names(one.openOperations())).toEqual(['/a'])
    one.virtual.advanceBy(5)
    // Of an operation that began after the request nothing is known.
    one.requestAnswered(0)
    expect(one.openOperations()).toHaveLength(1)
    one.requestAnswered(1)
    expect(one.openOperations()).toEqual([])
    expect(one.recentOperations()).toMatchObject([
      { path: '/a', status: 'unknown', endedBy: 'next-request', endNs: 15, lines: [0, 0] },
    ])
    const early = one.events.filter((event) => event.type === 'ended')
    expect(early).toMatchObject([{ known: 'early', operation: { path: '/a' } }])
    one.requestAnswered(1)
    expect(one.events.filter((event) => event.type === 'ended')).toHaveLength(1)
    const mark = one.mark()
    one.say('> 1 mkdir /b')
    expect(one.events.filter((event) => event.type === 'ended')).toMatchObject([
      { known: 'early' },
      { known: 'before' },
    ])
    expect(names(one.recentOperations())).toEqual(['/a'])
    expect(names(one.openOperations())).toEqual(['/b'])
    expect(one.eventsSince(mark).map(({ type, operation }) => [type, operation.path])).toEqual([['started', '/b']])
  })

  test('with several of them, the latest', () => {
    const one = monitor({ dialect: threads })
    one.say('> 1 create /a', '> 1 create /b', '> 1 create /c')
    one.requestAnswered(3)
    expect(names(one.recentOperations())).toEqual(['/a', '/b', '/c'])
    expect(names(one.recentOperations(2))).toEqual(['/b', '/c'])
    expect(names(one.recentOperations(9))).toEqual(['/a', '/b', '/c'])
  })

  test('a daemon of several threads, a log that shows ends, and one that has ended are not concluded of', () => {
    const several = monitor({ dialect: threads })
    several.say('> 1 create /a', '> 2 create /b')
    several.requestAnswered(2)
    expect(several.openOperations()).toHaveLength(2)
    const shown = monitor()
    shown.say('> 2 create /a')
    shown.requestAnswered(1)
    expect(shown.openOperations()).toHaveLength(1)
    const unread = new TraceMonitor({ clock: virtualClock() })
    expect(() => unread.requestAnswered(1)).not.toThrow()
    const over = monitor({ dialect: threads })
    over.say('> 1 create /a')
    over.endStream({ code: 0, signal: null })
    over.requestAnswered(1)
    expect(over.events.filter((event) => event.type === 'ended')).toHaveLength(1)
  })

  test('an outcome that the log has shown stays', () => {
    const all = new Conclusions()
    const open = (id: number, status: string) => ({ id, status, lines: [id, id], endNs: null }) as unknown as Operation
    expect(all.conclude([open(1, 'ok'), open(2, 'unfinished')], 7)).toMatchObject([
      { id: 1, status: 'ok', endNs: 7 },
      { id: 2, status: 'unknown', endNs: 7 },
    ])
    expect([all.size, all.has(open(1, 'ok')), all.has(open(3, 'ok'))]).toEqual([2, true, false])
    expect(all.confirm(open(1, 'ok'))).toBe(true)
    expect(all.confirm(open(1, 'ok'))).toBe(false)
    expect(all.list()).toMatchObject([{ id: 2 }])
  })
})

describe('the end', () => {
  test('of the log is reported once; what comes after it is counted', () => {
    const one = monitor()
    one.say('> 2 create /a')
    one.endStream({ code: 0, signal: null })
    one.endStream({ code: 1, signal: null })
    one.say('< 2 ok')
    one.choose(none)
    expect(one).toMatchObject({ state: 'ended', exit: { code: 0 }, lineCount: 1, dialect: 'tiny' })
    expect(one.events.filter(({ type }) => type === 'stream-ended')).toHaveLength(1)
    expect(one.losses).toEqual([{ what: 'lines-after-end', count: 1 }])
    expect(one.recentOperations()).toMatchObject([{ path: '/a', status: 'unfinished' }])
  })

  test.each([
    ['a daemon that ended well', { code: 0, signal: null }, false, 'unknown'],
    ['one of which nothing is known', null, false, 'unknown'],
    ['one that was killed', { code: null, signal: 'SIGKILL' }, false, 'unfinished'],
    ['one that lost its mount', { code: 0, signal: null }, true, 'unfinished'],
  ])('%s: an operation without an end', (_name, exit, lost, status) => {
    const one = monitor({ dialect: threads })
    one.say('> 1 create /a')
    if (lost) one.loseMount('gone')
    one.endStream(exit)
    expect(one.recentOperations()).toMatchObject([{ path: '/a', status }])
    expect(one.state).toBe(lost ? 'lost' : 'ended')
  })

  test('a mount is lost once, with its reason; after the end of the log it has ended', () => {
    const one = monitor()
    one.reach('lost')
    one.loseMount('again')
    expect(one).toMatchObject({ state: 'lost', lostReason: 'the mount is gone' })
    expect(one.events).toEqual([
      { type: 'mount', phase: 'lost', rung: 'lost', detail: null, atNs: 0 },
      { type: 'mount-lost', reason: 'the mount is gone' },
    ])
    const other = monitor()
    other.endStream(null)
    other.reach('lost', 'it vanished')
    expect(other).toMatchObject({ state: 'ended', lostReason: 'it vanished' })
    const answered = monitor()
    answered.virtual.advanceBy(4)
    answered.reach('answered')
    expect(answered).toMatchObject({ state: 'running', lostReason: null })
    expect([...answered.phases, ...answered.rungs]).toEqual([
      ['answered', 4],
      ['answered', 4],
    ])
  })

  test('a daemon that is started again: the history goes on, the mount and its nodes begin anew', () => {
    const one = monitor()
    one.restart()
    expect(one.events).toEqual([])
    one.say('> 2 create /a', '< 2 ok', '> 4 create /open')
    one.reach('answered')
    one.reach('lost', 'gone')
    one.restart()
    expect(one).toMatchObject({ state: 'running', exit: null, lostReason: null, dialect: 'tiny' })
    expect([...one.phases.keys()]).toEqual(['spawned'])
    expect(names(one.openOperations())).toEqual([])
    one.say('> 2 create /b', '< 2 ok')
    expect(names(one.recentOperations())).toEqual(['/a', '/open', '/b'])
    expect(one.recentOperations().map(({ id }) => id)).toEqual([0, 1, 2])
    expect(one.losses).toEqual([])
    one.endStream({ code: 3, signal: null })
    expect(one).toMatchObject({ state: 'ended', exit: { code: 3 } })
    expect(one.events.filter(({ type }) => type === 'stream-ended')).toHaveLength(2)
  })
})

describe('what it is asked', () => {
  test('the dialect, and what it can show', () => {
    const unread = new TraceMonitor({ clock: virtualClock(), candidates: [tiny], mountpoint: '/m' })
    expect([unread.dialect, unread.capabilities, unread.serial]).toEqual([null, null, true])
    unread.choose(tiny)
    expect([unread.dialect, unread.capabilities]).toEqual(['tiny', tiny.capabilities])
    const wire = new TraceMonitor({ clock: virtualClock(), wire: true })
    expect([wire.dialect, wire.capabilities]).toMatchObject(['wire', { ids: true, end: 'reply' }])
  })

  test('messages have places among the lines, and are counted after the end', () => {
    const one = monitor({ wire: true })
    // FUSE_INIT, 7.31
    const init = Buffer.alloc(56)
    init.writeUInt32LE(56, 0)
    init.writeUInt32LE(26, 4)
    init.writeBigUInt64LE(2n, 8)
    init.writeUInt32LE(7, 40)
    init.writeUInt32LE(31, 44)
    one.say('noise')
    one.pushWire({ edge: 'request', atNs: 11, bytes: init })
    expect(one.lineCount).toBe(2)
    expect(one.openOperations()).toMatchObject([{ opcode: 'init', lines: [1, 1] }])
    one.endStream(null)
    one.pushWire({ edge: 'request', atNs: 12, bytes: init })
    expect(one.lineCount).toBe(2)
    expect(one.losses).toEqual([{ what: 'lines-after-end', count: 1 }])
    expect(one.recentOperations()).toMatchObject([{ opcode: 'init', status: 'unfinished' }])
  })

  test('the place of a moment that has passed', () => {
    const one = monitor()
    one.say('a', 'b', 'c')
    expect([0, 10, 11, 20, 30, 31].map((atNs) => one.markAt(atNs).line)).toEqual([0, 0, 1, 1, 2, 3])
    expect(one.markAt(20)).toEqual({ name: 'moment', line: 1, atNs: 20 })
  })

  test('marks without names are numbered, and reported with what they are', () => {
    const one = monitor()
    expect([one.mark().name, one.mark().name, one.mark('x').name]).toEqual(['mark 1', 'mark 2', 'x'])
    one.beginStep('s')
    expect(one.endStep('s')).toMatchObject({ name: 's', line: 0 })
    expect(one.events.map((event) => event.type === 'mark' && event.edge)).toEqual([
      'moment',
      'moment',
      'moment',
      'begin',
      'end',
    ])
  })

  test('a fence is what the session makes of it; without one it is not exact', async () => {
    const one = monitor()
    const plain = { exact: false, note: 'nothing looks names up here', mark: { name: 'fence', line: 0 } }
    expect(await one.fence()).toMatchObject(plain)
    const made = { exact: true, mark: one.mark() }
    one.useFence(async () => made)
    expect(await one.fence()).toBe(made)
    one.useFence(null)
    expect(await one.fence()).toMatchObject(plain)
  })

  test('events since a mark are those after it, and what was let go is counted', () => {
    const one = monitor({ historyLimit: 2 })
    const begin = one.mark()
    one.say('> 2 create /a', '< 2 ok', '> 4 create /b', '< 4 ok')
    const late = one.mark()
    expect(one.eventsSince(begin)).toHaveLength(4)
    expect([one.forgottenSince(begin), one.forgottenSince(late)]).toEqual([0, 0])
    one.say('> 6 create /c', '< 6 ok')
    expect(one.eventsSince(begin)).toHaveLength(2 + 2)
    expect(one.eventsSince(late).map(({ operation }) => operation.path)).toEqual(['/c', '/c'])
    expect([one.forgottenSince(begin), one.forgottenSince(late)]).toEqual([2, 0])
    // The mark lies exactly behind the latest event that was let go.
    expect(one.forgottenSince({ name: 'x', line: 2, atNs: 0 })).toBe(0)
    expect(one.losses).toEqual([{ what: 'history-operations', count: 1 }])
  })

  test('lines only for those who want them', () => {
    const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
    const seen: string[] = []
    const note = (name: string) => (event: MonitorEvent) => seen.push(`${name} ${event.type}`)
    const push = (raw: string): void => one.push({ index: 0, atNs: 0, stream: 'stderr', raw, terminated: true })
    const stop = one.subscribe(note('few'), { lines: false })
    push('noise')
    expect(seen).toEqual([])
    const end = one.subscribe(note('all'))
    push('noise')
    end()
    end()
    push('noise')
    expect(seen).toEqual(['all line'])
    one.subscribe(note('again'))
    push('noise')
    expect(seen).toEqual(['all line', 'again line'])
    stop()
    one.subscribe(() => {
      throw new Error('of a subscriber')
    })
    push('noise')
    expect(one.subscriberErrors).toBe(1)
  })
})

test('a ring keeps the latest, in order, and finds where something begins', () => {
  const ring = new Ring<number>(3)
  expect([1, 2, 3].map((one) => ring.push(one))).toEqual([undefined, undefined, undefined])
  for (let i = 4; i <= 40; i++) expect(ring.push(i)).toBe(i - 3)
  expect(ring.latest()).toEqual([38, 39, 40])
  expect(ring.latest(2)).toEqual([39, 40])
  expect(ring.latest(0)).toEqual([])
  expect(ring.from((one) => one > 38)).toEqual([39, 40])
  expect(ring.from((one) => one > 40)).toEqual([])
  expect(ring.dropped).toBe(37)
})
