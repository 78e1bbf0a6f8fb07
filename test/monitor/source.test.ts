import { expect, test } from 'vitest'
import { virtualClock } from '../../src/clock.js'
import type { Dialect, ReplyEvent, RequestEvent } from '../../src/dialect/core/dialect.js'
import { type EventSource, TraceMonitor } from '../../src/monitor/trace-monitor.js'
import { tiny } from '../replay/tiny.js'

const line = (raw: string) => ({ index: 0, atNs: 0, stream: 'stderr', raw, terminated: true }) as const

/** Somewhere that lines wait until they are asked for: one each time. */
function waiting(monitor: TraceMonitor): EventSource & { drained: number; listeners: boolean[] } {
  let id = 0
  return {
    drained: 0,
    listeners: [],
    drain() {
      this.drained++
      monitor.push(line(`> ${++id} create /${id}`))
    },
    onListeners() {
      this.listeners.push(monitor.listened)
    },
  }
}

const QUESTIONS: readonly (readonly [string, (monitor: TraceMonitor) => unknown, unknown])[] = [
  ['lineCount', (one) => one.lineCount, 1],
  ['openOperations', (one) => one.openOperations().length, 1],
  ['recentOperations', (one) => one.recentOperations().length, 0],
  ['recentLines', (one) => one.recentLines().length, 1],
  ['eventsSince', (one) => one.eventsSince({ name: 'begin', line: 0, atNs: 0 }).length, 1],
  ['hasSeen', (one) => one.hasSeen('create'), true],
  ['mark', (one) => one.mark().line, 1],
  ['markAt', (one) => one.markAt(1).line, 1],
]

test.each(QUESTIONS)('what waits elsewhere is taken before %s is answered', (_name, ask, answer) => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  const source = waiting(one)
  const stop = one.useSource(source)
  expect(ask(one)).toBe(answer)
  expect(source.drained).toBe(1)
  stop()
  ask(one)
  expect(source.drained).toBe(1)
})

test('an exact mark needs nothing that waits', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  const source = waiting(one)
  one.useSource(source)
  expect(one.beginStep('s', { name: 'fence', line: 3, atNs: 7 })).toMatchObject({ line: 3, atNs: 7 })
  expect(source.drained).toBe(0)
})

test('what ends one source leaves the next', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  const [first, second] = [waiting(one), waiting(one)]
  const stop = one.useSource(first)
  one.useSource(second)
  stop()
  one.hasSeen('create')
  expect([first.drained, second.drained]).toEqual([0, 1])
})

test('what is asked as things are known leaves waiting what waits; also when it throws', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  const source = waiting(one)
  one.useSource(source)
  expect(one.asKnown(() => one.lineCount)).toBe(0)
  const failing = (): never => {
    throw new Error('of who asks')
  }
  expect(() => one.asKnown(failing)).toThrow('of who asks')
  expect(source.drained).toBe(0)
  expect(one.lineCount).toBe(1)
})

test('a source is told when somebody begins to listen, and when nobody does any more; not of the passive', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  const source = waiting(one)
  one.useSource(source)
  const passive = one.subscribe(() => undefined, { passive: true })
  expect(one.listened).toBe(false)
  passive()
  expect(source.listeners).toEqual([])
  const stop = one.subscribe(() => undefined)
  one.subscribe(() => undefined, { passive: true })
  expect(one.listened).toBe(true)
  stop()
  stop()
  expect(source.listeners).toEqual([true, false])
  expect(source.drained).toBe(3)
})

test('what is left out because it would fall out anyway is counted as if it had come', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: tiny, historyLimit: 2, lineLimit: 2 })
  const begin = one.mark()
  one.push(line('> 2 create /a'))
  one.skip(10, 4)
  const here = one.mark()
  expect([one.lineCount, here.line]).toEqual([11, 11])
  expect(one.losses).toEqual([
    { what: 'history-operations', count: 4 },
    { what: 'history-lines', count: 10 },
  ])
  expect([one.forgottenSince(begin), one.forgottenSince(here)]).toEqual([8, 0])
})

/** A log of nodes without names. */
const nodes: Dialect = {
  ...tiny,
  parser: () => ({
    end: () => undefined,
    line({ index, raw }, emit) {
      emit({ kind: 'request', unique: 9, opcode: 'getattr', nodeId: raw, atNs: 0, lines: [index, index] })
      return true
    },
  }),
}
const request: RequestEvent = {
  kind: 'request',
  unique: 2,
  opcode: 'lookup',
  nodeId: '1',
  entry: 'a',
  atNs: 0,
  lines: [0, 0],
}
const reply: ReplyEvent = {
  kind: 'reply',
  key: 2,
  endedBy: 'reply',
  status: 'ok',
  errno: null,
  childNodeId: '7',
  atNs: 0,
  lines: [0, 0],
}

test('what a request did to names is learned without it', () => {
  const one = new TraceMonitor({ clock: virtualClock(), dialect: nodes })
  one.learn(request, reply)
  one.push(line('7'))
  expect(one.openOperations()).toMatchObject([{ opcode: 'getattr', path: '/a' }])
})
