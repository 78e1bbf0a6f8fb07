import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import type { MonitorEvent } from '../../src/monitor/monitor.js'
import { Ring } from '../../src/monitor/ring.js'
import { TraceMonitor, type TraceMonitorOptions } from '../../src/monitor/trace-monitor.js'
import { tiny } from '../replay/tiny.js'

function monitor(options: Partial<TraceMonitorOptions> = {}): TraceMonitor & { say(...lines: string[]): void } {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny, ...options })
  let index = 0
  return Object.assign(one, {
    say(...lines: string[]): void {
      for (const raw of lines) one.push({ index, atNs: index++, stream: 'stderr', raw, terminated: true })
    },
  })
}

test('operations are open, then recent; marks know what came before', () => {
  const one = monitor()
  one.say('> 2 create /a', '> 4 create /b', '< 4 ok')
  expect(one.openOperations().map((open) => open.path)).toEqual(['/a'])
  expect(one.recentOperations().map((recent) => recent.path)).toEqual(['/b'])
  const mark = one.mark('here')
  expect(mark).toEqual({ name: 'here', line: 3, atNs: 0 })
  one.say('< 2 ok', '> 6 unlink /b')
  const since = one.eventsSince(mark)
  expect(since.map((event) => [event.type, event.operation.path])).toEqual([['started', '/b']])
  expect(one.recentOperations(1).map((recent) => recent.path)).toEqual(['/a'])
  expect(one.hasSeen('unlink')).toBe(true)
  expect(one.hasSeen('rmdir')).toBe(false)
})

test('the latest mark is the latest step’s begin, nothing else', () => {
  const one = monitor()
  expect(one.latestMark).toMatchObject({ name: 'begin', line: 0 })
  one.say('noise')
  one.beginStep('write')
  one.say('noise')
  one.mark('moment')
  one.endStep('write')
  expect(one.latestMark).toMatchObject({ name: 'write', line: 1 })
  one.beginStep('exact', { name: 'fence', line: 0, atNs: 7 })
  expect(one.latestMark).toEqual({ name: 'exact', line: 0, atNs: 7 })
})

describe('subscribers', () => {
  test('see everything in order, one that throws harms nobody', () => {
    const errors: unknown[] = []
    const one = monitor({ onSubscriberError: (error) => errors.push(error) })
    const seen: string[] = []
    one.subscribe(() => {
      throw new Error('mine')
    })
    const stop = one.subscribe((event) => seen.push(event.type))
    one.say('> 2 create /a', '< 2 ok')
    one.reach('answered')
    one.endStream({ code: 0, signal: null })
    expect(seen).toEqual(['line', 'started', 'line', 'ended', 'mount', 'stream-ended'])
    expect(errors).toHaveLength(6)
    expect(one.subscriberErrors).toBe(6)
    stop()
    one.loseMount('late')
    expect(seen).toHaveLength(6)
  })

  test('that cause events see the same order as all others', () => {
    const one = monitor()
    const orders: string[][] = [[], []]
    one.subscribe((event) => {
      orders[0]?.push(event.type)
      if (event.type === 'started') one.mark('caused')
    })
    one.subscribe((event) => orders[1]?.push(event.type))
    one.say('> 2 create /a')
    expect(orders[0]).toEqual(['line', 'started', 'mark'])
    expect(orders[1]).toEqual(orders[0])
  })

  test('that come while events are reported see only what is new', () => {
    const one = monitor()
    const late: MonitorEvent[] = []
    one.subscribe((event) => {
      if (event.type === 'line' && event.line.index === 0) one.subscribe((other) => late.push(other))
    })
    one.say('> 2 create /a', '< 2 ok')
    expect(late.map((event) => event.type)).toEqual(['line', 'ended'])
  })
})

test('the end: what is open is not done', () => {
  const one = monitor()
  one.say('> 2 create /a')
  one.endStream({ code: null, signal: 'SIGKILL' })
  expect(one.state).toBe('ended')
  expect(one.exit).toEqual({ code: null, signal: 'SIGKILL' })
  expect(one.recentOperations()[0]).toMatchObject({ status: 'unfinished', endNs: null })
  one.say('< 2 ok')
  expect(one.losses).toEqual([{ what: 'lines-after-end', count: 1 }])
})

test('a lost mount stays lost, also when the daemon’s exit is seen later', () => {
  const one = monitor()
  one.loseMount('gone')
  one.endStream({ code: null, signal: 'SIGKILL' })
  expect([one.state, one.lostReason, one.exit?.signal]).toEqual(['lost', 'gone', 'SIGKILL'])
})

test('a bounded history counts what it lets go', () => {
  const one = monitor({ historyLimit: 10, lineLimit: 5 })
  const begin = one.mark('begin')
  for (let i = 1; i <= 100; i++) one.say(`> ${2 * i} write /f${i}`, `< ${2 * i} ok`)
  const here = one.mark('here')
  expect(one.recentOperations().map((each) => each.path)).toEqual(Array.from({ length: 10 }, (_, i) => `/f${91 + i}`))
  expect(one.recentLines().length).toBe(5)
  expect(one.losses).toEqual([
    { what: 'history-operations', count: 90 },
    { what: 'history-lines', count: 195 },
  ])
  expect([one.forgottenSince(begin), one.forgottenSince(here)]).toEqual([180, 0])
  expect(one.eventsSince(begin)).toHaveLength(20)
})

test('a fence that nobody can make says so', async () => {
  expect(await monitor().fence()).toMatchObject({ exact: false, mark: { name: 'fence' }, note: expect.any(String) })
})

test('a ring keeps the latest and finds by order', () => {
  const ring = new Ring<number>(3)
  const out = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ring.push(n))
  expect(out).toEqual([undefined, undefined, undefined, 1, 2, 3, 4, 5])
  expect([ring.latest(), ring.latest(2), ring.latest(0), ring.from((n) => n >= 7)]).toEqual([
    [6, 7, 8],
    [7, 8],
    [],
    [7, 8],
  ])
  expect([ring.length, ring.dropped]).toEqual([3, 5])
})
