import { describe, expect, test } from 'vitest'
import { exactly } from '../../../src/wait/machines/exactly.js'
import { idle } from '../../../src/wait/machines/idle.js'
import { mountReady } from '../../../src/wait/machines/mount-ready.js'
import { never } from '../../../src/wait/machines/never.js'
import { operations } from '../../../src/wait/machines/operations.js'
import { unmounted } from '../../../src/wait/machines/unmounted.js'
import { until } from '../../../src/wait/machines/until.js'
import { byHand, INFERRED, KILLED, op } from './by-hand.js'

const open = { status: 'unfinished' as const, endedBy: null, endNs: null }
const failed = { kind: 'failed' }
const impossible = { kind: 'failed', why: 'impossible' }
const SIGTERM = { code: null, signal: 'SIGTERM' as const }

describe('mountReady', () => {
  const MOUNTED = { probe: 'mounted' }

  test('goes by the phases where a session reports them: answered, and not unmounted since', () => {
    const wait = byHand(mountReady())
    expect(wait.phase('mountinfo')).toEqual({})
    expect(wait.tick()).toEqual({})
    // The session asks, and will report it.
    expect(wait.ended(op('getattr', '/'))).toEqual({})
    expect(wait.phase('answered').outcome).toEqual({ kind: 'done', by: 'trace', operations: [] })
    expect(wait.phase('unmounted')).toEqual({})
  })

  test('goes by the first request that is answered, and a probe; INIT is none', () => {
    const wait = byHand(mountReady())
    expect(wait.tick()).toEqual({})
    for (const none of [op('init', null), op('getattr', '/', { status: 'unknown' }), op('getattr', '/', open)])
      expect(wait.ended(none)).toEqual({})
    const first = op('getattr', '/', { status: 'error', errno: 'EACCES' })
    expect(wait.ended(first)).toEqual({ ask: MOUNTED })
    expect(wait.ended(op('lookup', '/a', { id: 2 }))).toEqual({})
    expect(wait.answer(false)).toEqual({ wakeNs: 1e6 })
    expect(wait.tick(1)).toEqual({ ask: MOUNTED })
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'probe', operations: [first] })
  })

  test('believes the request where nobody can look, and after the end', () => {
    const wait = byHand(mountReady())
    const first = op('getattr', '/')
    wait.ended(first)
    expect(wait.answer('unknown').outcome).toMatchObject({ by: 'trace', operations: [first] })
    expect(wait.exits().outcome).toMatchObject({ by: 'trace', operations: [first] })
    expect(byHand(mountReady()).exits().outcome).toMatchObject(failed)
    expect(wait.lost().outcome).toMatchObject({ kind: 'failed', why: 'mount-lost' })
  })

  test('goes by probes alone where there is no log', () => {
    const wait = byHand(mountReady(), { trace: 'none' })
    expect(wait.tick()).toEqual({ ask: MOUNTED })
    expect(wait.answer('unknown')).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'poll', operations: [] })
    // The log has been understood meanwhile, and has shown no answer.
    const late = byHand(mountReady(), { trace: 'undecided' })
    late.tick()
    late.facts.trace = 'log'
    expect(late.answer(true)).toEqual({ wakeNs: 1e6 })
  })
})

describe('unmounted', () => {
  const MOUNTED = { probe: 'mounted' }

  test('goes by the phase, whenever it came', () => {
    const wait = byHand(unmounted())
    expect(wait.phase('answered')).toEqual({})
    expect(wait.phase('unmounted').outcome).toEqual({ kind: 'done', by: 'trace', operations: [] })
    expect(wait.tick().outcome).toMatchObject({ by: 'trace' })
    expect(wait.exits(KILLED).outcome).toMatchObject({ by: 'trace' })
  })

  test('is probed for, with pauses that grow', () => {
    const wait = byHand(unmounted())
    expect(wait.tick()).toEqual({ ask: MOUNTED })
    expect(wait.answer(true)).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    expect(wait.answer('unknown')).toEqual({ wakeNs: 3e6 })
    wait.tick(3)
    expect(wait.answer(false).outcome).toEqual({ kind: 'done', by: 'poll', operations: [] })
    expect(byHand(unmounted(), { canProbe: false }).tick()).toEqual({})
  })

  test('says by which DESTROY, where the log shows one', () => {
    const destroy = op('destroy', null)
    const wait = byHand(unmounted())
    wait.ended(op('forget', null))
    expect(wait.ended(destroy)).toEqual({})
    wait.tick()
    expect(wait.answer(false).outcome).toEqual({ kind: 'done', by: 'probe', operations: [destroy] })
    expect(wait.exits(KILLED).outcome).toMatchObject({ by: 'trace', operations: [destroy] })
  })

  test('is told from a daemon that ended well; a crash, or a log that ends, is no unmount', () => {
    expect(byHand(unmounted()).exits().outcome).toMatchObject({ by: 'trace', note: expect.stringMatching(/exit/) })
    expect(byHand(unmounted()).exits({ code: 3, signal: null }).outcome).toMatchObject(failed)
    expect(byHand(unmounted()).exits(KILLED).outcome).toMatchObject(failed)
    expect(byHand(unmounted()).exits(null).outcome).toMatchObject(failed)
    expect(byHand(unmounted()).lost().outcome).toMatchObject({ why: 'mount-lost' })
  })

  test('may take the mount a second longer than a daemon that was asked to end, and no more', () => {
    const wait = byHand(unmounted(), { nowMs: 10 })
    expect(wait.exits(SIGTERM)).toEqual({ ask: MOUNTED })
    expect(wait.answer(true)).toEqual({ wakeNs: 11e6 })
    wait.tick(1009.9)
    expect(wait.answer(true)).toEqual({ wakeNs: expect.any(Number) })
    wait.tick(1010)
    expect(wait.answer(true).outcome).toMatchObject({ why: 'stream-ended', reason: expect.stringMatching(/SIGTERM/) })
    expect(byHand(unmounted(), { canProbe: false }).exits(SIGTERM).outcome).toMatchObject(failed)
    // The question that is under way is asked once.
    const asking = byHand(unmounted())
    asking.tick()
    expect(asking.exits(SIGTERM)).toEqual({})
    expect(asking.answer(false).outcome).toMatchObject({ by: 'poll' })
  })
})

describe('never', () => {
  const unlink = { opcode: 'unlink', path: 'f' }

  test('fails at what begins after the mark, and at what turns out to be it', () => {
    const wait = byHand(never(unlink))
    expect(wait.started(op('unlink', '/f', { ...open, old: true }))).toEqual({})
    expect(wait.started(op('unlink', null, open))).toEqual({})
    expect(wait.started(op('unlink', '/f', open)).outcome).toMatchObject({
      ...impossible,
      reason: 'unlink /f must not happen, and did (#1)',
    })
    expect(byHand(never(unlink)).ended(op('unlink', '/f', { status: 'error' })).outcome).toMatchObject(impossible)
  })

  test('at its end waits for what is open and may be it', () => {
    const wait = byHand(never(unlink), { open: [op('unlink', null, open)] })
    expect(wait.tick(99)).toEqual({ wakeNs: 100e6 })
    expect(wait.tick(100)).toEqual({ wakeNs: 110e6 })
    wait.facts.open = [op('unlink', '/f', open)]
    expect(wait.tick(110).outcome).toMatchObject(impossible)
    for (const other of [op('unlink', '/g', open), op('unlink', null, { ...open, old: true })]) {
      wait.facts.open = [other]
      expect(wait.tick(110).outcome).toEqual({ kind: 'done', by: 'trace', operations: [] })
    }
    // There the last operation is always open.
    const inferred = byHand(never(unlink), { capabilities: INFERRED, open: [op('unlink', null, open)] })
    expect(inferred.tick(100).outcome).toMatchObject({ kind: 'done' })
  })

  test('needs a log, and its whole time of it', () => {
    expect(byHand(never(unlink), { trace: 'none' }).tick().outcome).toMatchObject(impossible)
    // Nobody has understood anything by the end: it may have happened.
    const silent = byHand(never(unlink, { during: 7 }), { trace: 'undecided' })
    expect(silent.tick(6)).toEqual({ wakeNs: 7e6 })
    expect(silent.tick(7).outcome).toMatchObject(impossible)
    expect(byHand(never(unlink), { trace: 'none' }).exits().outcome).toMatchObject(impossible)
    const none = byHand(exactly(0, unlink), { trace: 'undecided' })
    expect(none.tick(49)).toEqual({ wakeNs: 50e6 })
    expect(none.tick(50).outcome).toMatchObject(impossible)
    expect(byHand(never(unlink, { during: 7 })).tick(6)).toEqual({ wakeNs: 7e6 })
    expect(never(unlink, { during: 7 }).atLeastNs).toBe(7e6)
    expect(byHand(never(unlink)).exits().outcome).toMatchObject({ kind: 'done', note: 'the log ended' })
    expect(byHand(never(unlink)).exits(KILLED).outcome).toMatchObject(failed)
    expect(byHand(never(unlink)).lost().outcome).toMatchObject({ why: 'mount-lost' })
  })
})

describe('exactly', () => {
  test('counts what ended after the mark and fits', () => {
    const wait = byHand(exactly(1, { opcode: 'write', path: 'f' }))
    for (const other of [
      op('write', '/f', { old: true }),
      op('write', '/f', open),
      op('write', null),
      op('read', '/f'),
    ])
      expect(wait.ended(other)).toEqual({})
    wait.facts.nowMs = 10
    expect(wait.ended(op('write', '/f'))).toEqual({ wakeNs: 60e6 })
    expect(wait.tick(59)).toEqual({ wakeNs: 60e6 })
    expect(wait.tick(60).outcome).toMatchObject({ kind: 'done', by: 'trace', operations: [{ opcode: 'write' }] })
    expect(wait.ended(op('write', '/f')).outcome).toMatchObject({
      ...impossible,
      reason: expect.stringMatching(/2 times/),
    })
  })

  test('waits for what is open and may be one too many', () => {
    const wait = byHand(exactly(0, 'write'), { open: [op('write', '/f', open)] })
    expect(wait.tick(0)).toEqual({ wakeNs: 50e6 })
    expect(wait.tick(50)).toEqual({})
    wait.facts.open = []
    expect(wait.tick(51).outcome).toMatchObject({ kind: 'done', operations: [] })
  })

  test('is not reached by too few, without a log, or by a crash', () => {
    expect(byHand(exactly(1, 'write')).tick(500)).toEqual({})
    expect(byHand(exactly(0, 'write'), { trace: 'none' }).tick(500).outcome).toMatchObject(impossible)
    expect(byHand(exactly(1, 'write')).exits().outcome).toMatchObject(failed)
    const one = byHand(exactly(1, 'write'))
    one.ended(op('write', '/f'))
    expect(one.exits(KILLED).outcome).toMatchObject(failed)
    expect(one.exits().outcome).toMatchObject({ kind: 'done', note: 'the log ended' })
    expect(one.lost().outcome).toMatchObject({ why: 'mount-lost' })
  })
})

describe('idle', () => {
  test('counts from the call, and anew from what begins and ends', () => {
    const wait = byHand(idle())
    expect(wait.tick(0)).toEqual({ wakeNs: 100e6 })
    wait.facts.nowMs = 60
    expect(wait.started(op('read', '/f', open))).toEqual({ wakeNs: 160e6 })
    wait.facts.nowMs = 70
    expect(wait.ended(op('read', '/f'))).toEqual({ wakeNs: 170e6 })
    expect(wait.tick(169)).toEqual({ wakeNs: 170e6 })
    expect(wait.tick(170).outcome).toEqual({ kind: 'done', by: 'trace', operations: [] })
  })

  test('is not while something is open, and that counts as well', () => {
    const wait = byHand(idle({ forMs: 10 }), { open: [op('read', '/f', open)] })
    expect(wait.tick(20)).toEqual({ wakeNs: 30e6 })
    wait.facts.open = []
    expect(wait.tick(29)).toEqual({ wakeNs: 30e6 })
    expect(wait.tick(30).outcome).toMatchObject({ by: 'trace' })
  })

  test('where ends are inferred a request of our own ends what is open, which it says', () => {
    const facts = { capabilities: INFERRED, open: [op('read', '/f', open)] }
    const wait = byHand(idle({ forMs: 10 }), facts)
    expect(wait.tick(0)).toEqual({ wakeNs: 10e6 })
    expect(wait.tick(10)).toEqual({ ask: { probe: 'answers' } })
    expect(wait.tick(10)).toEqual({})
    wait.started(op('read', '/f', open))
    expect(wait.answer(1)).toEqual({ wakeNs: 20e6 })
    wait.tick(20)
    expect(wait.answer(1).outcome).toMatchObject({ by: 'trace', note: expect.stringMatching(/shows no ends/) })
    const blind = byHand(idle({ forMs: 10 }), { ...facts, canProbe: false })
    expect(blind.tick(10).outcome).toMatchObject({ by: 'trace', note: expect.stringMatching(/shows no ends/) })
  })

  test('without a log goes by how many requests are in flight', () => {
    const wait = byHand(idle({ forMs: 30 }), { trace: 'none' })
    expect(wait.tick(0)).toEqual({ ask: { probe: 'inFlight' } })
    expect(wait.answer(0)).toEqual({ wakeNs: 10e6 })
    wait.tick(20)
    expect(wait.answer(2)).toEqual({ wakeNs: 30e6 })
    wait.tick(49)
    expect(wait.answer(0)).toEqual({ wakeNs: 50e6 })
    wait.tick(50)
    expect(wait.answer(0).outcome).toEqual({ kind: 'done', by: 'poll', operations: [] })
    wait.tick(60)
    expect(wait.answer('unknown').outcome).toMatchObject({ note: expect.stringMatching(/could not be counted/) })
  })

  test('the end of the log is rest, unless something was open or it crashed', () => {
    expect(byHand(idle()).exits().outcome).toMatchObject({ kind: 'done', note: 'the log ended' })
    expect(byHand(idle()).exits(KILLED).outcome).toMatchObject(failed)
    expect(byHand(idle(), { open: [op('read', '/f', open)] }).exits().outcome).toMatchObject(failed)
    expect(byHand(idle()).lost().outcome).toMatchObject({ why: 'mount-lost' })
  })
})

describe('until', () => {
  const yes = () => true
  const USER = { probe: 'user' }

  test('asks at once, after each operation, and after growing pauses', () => {
    const wait = byHand(until(yes))
    expect(wait.tick(0)).toEqual({ ask: USER })
    expect(wait.answer(false)).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    expect(wait.answer('unknown')).toEqual({ wakeNs: 3e6 })
    wait.facts.nowMs = 2
    expect(wait.ended(op('read', '/f'))).toEqual({ wakeNs: 2e6 })
    expect(wait.tick(2)).toEqual({ ask: USER })
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'probe', operations: [] })
  })

  test('asks again at once where something ended while it asked', () => {
    const wait = byHand(until(yes))
    wait.tick(0)
    expect(wait.ended(op('read', '/f'))).toEqual({})
    expect(wait.answer(false)).toEqual({ ask: USER })
    expect(wait.answer(false)).toEqual({ wakeNs: 1e6 })
  })

  test('says that it polls where there is no log, and fails with the log', () => {
    const wait = byHand(until(yes), { trace: 'none' })
    wait.tick(0)
    expect(wait.answer(true).outcome).toMatchObject({ by: 'poll' })
    expect(wait.started(op('read', '/f'))).toEqual({})
    expect(wait.phase('answered')).toEqual({})
    expect(wait.exits().outcome).toMatchObject(failed)
    expect(wait.lost().outcome).toMatchObject({ why: 'mount-lost' })
  })

  test('gives the value to whoever wants it, and is named by its probe', async () => {
    const taken: unknown[] = []
    const machine = until(
      function ready() {
        return 'v'
      },
      (value) => taken.push(value),
    )
    expect(machine).toMatchObject({ subject: 'ready', awaited: 'ready says yes' })
    expect(await machine.probe?.({ probe: 'user' })).toEqual({ value: true, errno: null })
    const no = until(
      () => 0,
      (value) => taken.push(value),
    )
    expect(no).toMatchObject({ subject: 'a probe', awaited: 'the given probe says yes' })
    expect(await no.probe?.({ probe: 'user' })).toEqual({ value: false, errno: null })
    expect(taken).toEqual(['v'])
  })
})

describe('operations', () => {
  test('counts what ended after the mark, needs a log, and fails with it', () => {
    const wait = byHand(operations(['write']))
    expect(wait.ended(op('write', '/f', { old: true }))).toEqual({})
    expect(wait.ended(op('write', '/f', open))).toEqual({})
    expect(wait.tick(50)).toEqual({})
    expect(wait.exits().outcome).toMatchObject(failed)
    expect(byHand(operations(['write']), { trace: 'none' }).tick().outcome).toMatchObject(impossible)
    expect(wait.ended(op('write', '/f')).outcome).toMatchObject({ by: 'trace', operations: [{ opcode: 'write' }] })
  })

  test('says what it awaits', () => {
    const two = ['read', 'write']
    expect(operations(two).awaited).toBe('all of read, write')
    expect(operations(two, { ordered: true }).awaited).toBe('all of read, then write')
    for (const options of [{ any: true }, { all: false }])
      expect(operations(two, options).awaited).toBe('any of read, write')
  })
})
