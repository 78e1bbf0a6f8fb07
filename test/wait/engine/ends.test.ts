import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../../src/clock.js'
import type { Dialect } from '../../../src/dialect/core/dialect.js'
import type { MonitorEvent } from '../../../src/monitor/monitor.js'
import { TraceMonitor } from '../../../src/monitor/trace-monitor.js'
import { OWN_PREFIX } from '../../../src/operation/own.js'
import { defineWait } from '../../../src/wait/engine/define-wait.js'
import { Ends } from '../../../src/wait/engine/ends.js'
import { done, ended } from '../../../src/wait/engine/machine.js'
import type { ProbeAnswer, ProbeQuestion, Prober } from '../../../src/wait/engine/prober.js'
import { until } from '../../../src/wait/machines/until.js'
import { createWaitFor, type WaitFor } from '../../../src/wait/wait-for.js'
import { replay, silent, threads } from '../../replay/tiny.js'
import { byHand, INFERRED, op, REPLIES } from '../machines/by-hand.js'

interface Mount {
  monitor: TraceMonitor
  waitFor: WaitFor
  /** The daemon logs this. */
  log(line: string): void
  /** Questions so far. */
  asked: string[]
  /** Lets `ms` pass, a millisecond at a time, with turns of the event loop between. */
  pass(ms: number): Promise<void>
}

/** A mount whose log shows no ends; requests of ours are answered, and appear in the log or do not. */
function mount(options: { dialect?: Dialect; showsLookups?: boolean; value?: ProbeAnswer } = {}): Mount {
  const clock = virtualClock()
  const monitor = new TraceMonitor({ clock, dialect: options.dialect ?? silent })
  const asked: string[] = []
  let lines = 0
  const log = (raw: string): void =>
    monitor.push({ index: lines++, atNs: clock.nowNs(), stream: 'stdout', raw, terminated: true })
  const prober: Prober = {
    async probe(question: ProbeQuestion) {
      asked.push(question.probe)
      if (question.probe !== 'answers') return options.value ?? 'unknown'
      const line = monitor.lineCount
      if (options.showsLookups) log(`> 0 lookup /${OWN_PREFIX}${asked.length}`)
      monitor.requestAnswered(line)
      return { value: line, errno: null }
    },
  }
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      clock.advanceBy(1e6)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { monitor, waitFor: createWaitFor({ monitor, prober }), log, asked, pass }
}

describe.each([
  ['whose log shows our lookups', true],
  ['whose log shows none', false],
])('the end of the last operation, on a mount %s', (_, showsLookups) => {
  test('is brought about for a release', async () => {
    const { waitFor, log, asked, pass } = mount({ showsLookups })
    const wait = waitFor.released('f')
    log('> 0 release /f')
    await pass(3)
    await expect(wait).resolves.toMatchObject({
      by: 'probe',
      operation: { opcode: 'release', endedBy: expect.stringMatching(/next-request|last-event/) },
      note: expect.stringMatching(/a request of our own came after it/),
    })
    expect(asked).toEqual(['answers'])
  })

  test('is brought about for a wait that comes when all has been logged', async () => {
    const { waitFor, log, pass } = mount({ showsLookups })
    log('> 0 unlink /f')
    const waits = [waitFor.operation({ opcode: 'unlink', path: 'f' }), waitFor.operation((one) => one.path === '/f')]
    await pass(1)
    for (const { operation } of await Promise.all(waits)) expect(operation?.endNs).not.toBeNull()
  })

  test('is brought about for a machine of a user’s own', async () => {
    const ends = defineWait((opcode: string) => ({
      name: 'ends',
      subject: opcode,
      awaited: `${opcode} ends`,
      start: () => null,
      step(state, event, view) {
        if (event.type === 'stream-ended' || event.type === 'mount-lost') return { state, outcome: ended(event) }
        if (event.type !== 'ended' || !view.after(event.operation)) return { state }
        return event.operation.opcode === opcode ? { state, outcome: done('trace', [event.operation]) } : { state }
      },
    }))
    const { waitFor, log, pass } = mount({ showsLookups })
    const wait = waitFor.custom(ends('fsync'))
    log('> 0 fsync /f')
    await pass(3)
    await expect(wait).resolves.toMatchObject({ by: 'probe', operation: { path: '/f' } })
  })

  test('leaves nothing open after an idle mount', async () => {
    const { monitor, waitFor, log, pass } = mount({ showsLookups })
    log('> 0 write /f')
    const wait = waitFor.idle({ forMs: 20 })
    await pass(30)
    await wait
    expect(monitor.openOperations()).toEqual([])
  })

  test('is reported once, and again as `before` when the log shows it', async () => {
    const { monitor, waitFor, log, pass } = mount({ showsLookups })
    const events: MonitorEvent[] = []
    monitor.subscribe((event) => events.push(event), { lines: false })
    const wait = waitFor.released('f')
    log('> 0 release /f')
    await pass(3)
    const { operation } = await wait
    expect(monitor.recentOperations()).toContain(operation)
    log('> 0 getattr /')
    const ofRelease = events.filter((event) => event.type === 'ended' && event.operation.opcode === 'release')
    expect(ofRelease.filter((event) => event.type === 'ended' && event.known !== 'before')).toHaveLength(1)
    expect(monitor.recentOperations().filter((one) => one.opcode === 'release')).toHaveLength(1)
  })
})

describe('no end is brought about', () => {
  test('where the next request comes by itself', async () => {
    const { waitFor, log, asked } = mount()
    const wait = waitFor.released('f')
    log('> 0 release /f')
    log('> 0 getattr /')
    await expect(wait).resolves.toMatchObject({ by: 'trace' })
    expect(asked).toEqual([])
  })

  test('by an operation that no wait is about', async () => {
    const { waitFor, log, asked, pass } = mount()
    const wait = waitFor.released('f')
    log('> 0 write /g')
    await pass(5)
    expect(asked).toEqual([])
    wait.catch(() => undefined)
  })

  test('where the daemon does several things at a time', async () => {
    const { waitFor, log, asked, pass } = mount({ dialect: threads })
    const wait = waitFor.operation('write', { timeoutMs: 200 })
    log('> 1 getattr /')
    log('> 2 write /f')
    const failed = expect(wait).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    await pass(210)
    await failed
    expect(asked.length).toBeGreaterThan(1)
  })

  test('of what began after our request was made', () => {
    const { monitor, log } = mount()
    const line = monitor.lineCount
    log('> 0 write /f')
    monitor.requestAnswered(line)
    expect(monitor.openOperations()).toHaveLength(1)
    monitor.requestAnswered(line + 1)
    expect(monitor.openOperations()).toHaveLength(0)
  })
})

describe('whether a request of ours brought an end about', () => {
  const of = (wanted?: string[]) => {
    const view = byHand(
      until(() => true),
      { capabilities: INFERRED },
    ).view
    return new Ends(wanted ? { wanted: [{ opcode: wanted }] } : {}, view)
  }
  const write = op('write', '/f', { status: 'unfinished', endNs: null, endedBy: null })
  const ended = op('write', '/f', { endedBy: 'last-event' })

  test('is known of what was open when it was asked, and whose end is inferred', () => {
    const ends = of()
    ends.started(write)
    ends.asks()
    ends.ended(ended)
    expect(ends.anyBroughtAbout([ended])).toBe(true)
    expect(ends.anyBroughtAbout([op('write', '/f', { endedBy: 'next-request' })])).toBe(true)
    // Its reply was in the log.
    expect(ends.anyBroughtAbout([op('write', '/f')])).toBe(false)
    expect(ends.anyBroughtAbout([op('write', '/f', { id: 2, endedBy: 'last-event' })])).toBe(false)
    expect(ends.anyBroughtAbout([])).toBe(false)
  })

  test('not of what ended before it was asked, or after it was answered', () => {
    const ends = of()
    ends.started(write)
    ends.ended(ended)
    ends.asks()
    expect(ends.anyBroughtAbout([ended])).toBe(false)
    ends.started(write)
    ends.asks()
    ends.answered()
    ends.ended(ended)
    expect(ends.anyBroughtAbout([ended])).toBe(false)
  })

  test('one is due a millisecond after a start, then after growing pauses, as long as something is open', () => {
    const ends = of(['write'])
    expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
    ends.hurry()
    ends.started(op('read', '/f'))
    ends.started(op('write', '/f', { old: true }))
    expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
    ends.started(write)
    expect(ends.dueNs).toBe(1e6)
    ends.hurry()
    expect(ends.dueNs).toBe(0)
    ends.asks()
    expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
    ends.answered()
    expect(ends.dueNs).toBe(1e6)
    ends.asks()
    ends.answered()
    expect(ends.dueNs).toBe(2e6)
    ends.started(op('write', '/f', { id: 2 }))
    expect(ends.dueNs).toBe(1e6)
    ends.ended(ended)
    expect(ends.dueNs).toBe(1e6)
    ends.ended(op('write', '/f', { id: 2 }))
    expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
    ends.answered()
    expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
  })

  test.each([{ capabilities: REPLIES }, { capabilities: INFERRED, canProbe: false }])(
    'none is due where ends are logged, or none can be made: %o',
    (facts) => {
      const ends = new Ends(
        {},
        byHand(
          until(() => true),
          facts,
        ).view,
      )
      ends.started(write)
      expect(ends.dueNs).toBe(Number.POSITIVE_INFINITY)
    },
  )
})

test('an end that was known before the log shows it counts once', async () => {
  const { monitor, waitFor, log, pass } = mount()
  const wait = waitFor.exactly(1, 'write', { forMs: 5 })
  log('> 0 write /f')
  monitor.requestAnswered(monitor.lineCount)
  log('> 0 getattr /')
  await pass(10)
  await expect(wait).resolves.toMatchObject({ operations: [{ opcode: 'write' }] })
})

test('our own lookups satisfy nothing and break nothing', async () => {
  const { waitFor, log, pass } = mount()
  const never = waitFor.never('lookup', { during: 10 })
  const operation = waitFor.operation('lookup', { timeoutMs: 10 })
  log(`> 0 lookup /${OWN_PREFIX}1`)
  log('> 0 getattr /')
  const failed = expect(operation).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
  await pass(15)
  await expect(never).resolves.toBeDefined()
  await failed
})

describe('in replay', () => {
  test('an answer that was recorded brings the same end about', async () => {
    const session = replay('> 0 release /f\nafter 1\nanswers 1\nafter 4000\n> 0 getattr /', { dialect: silent })
    const { by, operation } = await session.waitFor.released('f')
    expect({ by, endNs: operation?.endNs }).toEqual({ by: 'probe', endNs: 3e6 })
  })

  test('two waits that asked at once share it', async () => {
    const session = replay('> 0 release /f\n> 0 unlink /f\nanswers 2\nafter 4000\n> 0 getattr /', { dialect: silent })
    await Promise.all([session.waitFor.released('f'), session.waitFor.operation('unlink')])
    expect(session.clock.nowNs()).toBeLessThan(100e6)
  })
})

describe('writeComplete, where no release is logged', () => {
  test('goes by whether somebody has the file open', async () => {
    const answers: ProbeAnswer[] = [
      { value: 1, errno: null },
      { value: 1, errno: null },
      { value: 0, errno: null },
    ]
    const given: ProbeAnswer[] = []
    const { waitFor, log, asked, pass } = mount({
      get value() {
        const answer = answers.shift() ?? 'unknown'
        given.push(answer)
        return answer
      },
    })
    const wait = waitFor.writeComplete('f')
    log('> 0 write /f')
    await pass(15)
    await expect(wait).resolves.toMatchObject({
      by: 'probe',
      operation: { opcode: 'write' },
      note: expect.stringMatching(/nobody has it open/),
    })
    expect(asked.filter((probe) => probe === 'handles')).toHaveLength(3)
  })
})

describe('released, where no release is logged', () => {
  /** Somebody has the file open until so many probes have asked. */
  const heldFor = (probes: number) => {
    let asked = 0
    return mount({
      get value(): ProbeAnswer {
        return { value: asked++ < probes ? 1 : 0, errno: null }
      },
    })
  }

  test('goes by whether somebody has open what was open', async () => {
    const { waitFor, log, asked, pass } = heldFor(2)
    const wait = waitFor.released('f')
    await pass(5)
    expect(asked).toEqual([])
    log('> 0 open /f')
    await pass(15)
    await expect(wait).resolves.toMatchObject({
      by: 'probe',
      operation: { opcode: 'open', path: '/f' },
      note: expect.stringMatching(/no RELEASE/),
    })
    expect(asked.filter((probe) => probe === 'handles')).toHaveLength(3)
  })

  test('is not satisfied while it is held, nor by another file', async () => {
    const { waitFor, log, pass } = heldFor(1000)
    const wait = waitFor.released('f', { timeoutMs: 50 })
    const other = waitFor.released('g', { timeoutMs: 50 })
    const failed = Promise.all(
      [wait, other].map((one) => expect(one).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })),
    )
    log('> 0 open /f')
    await pass(60)
    await failed
  })

  test('waits for the log as soon as it shows a release', async () => {
    const { waitFor, log, pass } = heldFor(0)
    log('> 0 release /other')
    const wait = waitFor.released('f', { timeoutMs: 50 })
    const failed = expect(wait).rejects.toMatchObject({ code: 'FT_WAIT_TIMEOUT' })
    log('> 0 open /f')
    await pass(60)
    await failed
  })
})

test('what is there although the log shows nothing of it is found within a few milliseconds', async () => {
  const { waitFor, pass } = mount({ value: { value: true, errno: null } })
  const wait = waitFor.fileVisible('below')
  await pass(4)
  expect(waitFor.pending.size).toBe(0)
  await expect(wait).resolves.toMatchObject({ by: 'poll' })
})
