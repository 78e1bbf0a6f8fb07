import { describe, expect, test } from 'vitest'
import { released } from '../../../src/wait/machines/released.js'
import { writeComplete } from '../../../src/wait/machines/write-complete.js'
import { byHand, type Facts, INFERRED, KILLED, op } from './by-hand.js'

const open = { status: 'unfinished' as const, endedBy: null, endNs: null }
const failed = { kind: 'failed' }
const HANDLES = { probe: 'handles', path: '/f' }
const SIZE = { probe: 'size', path: '/f' }
const IN_FLIGHT = { probe: 'inFlight' }
const inferred: Partial<Facts> = { capabilities: INFERRED }

describe('released, where no release is logged', () => {
  test('asks who has it open as soon as it was used, and again after growing pauses', () => {
    const wait = byHand(released('f'), inferred)
    expect(wait.tick(0)).toEqual({})
    for (const none of [
      op('open', '/f', { status: 'error' }),
      op('open', '/f', { old: true }),
      op('open', '/g'),
      op('getattr', '/f'),
    ]) {
      expect(wait.ended(none)).toEqual({})
    }
    const use = op('write', '/f', open)
    expect(wait.started(use)).toEqual({ ask: HANDLES })
    expect(wait.answer(1)).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    expect(wait.answer('unknown')).toEqual({ wakeNs: 3e6 })
    // What comes in makes the pauses short again.
    const read = op('read', '/f', { id: 2 })
    expect(wait.ended(read)).toEqual({ ask: HANDLES })
    expect(wait.answer(1)).toEqual({ wakeNs: 2e6 })
    expect(wait.tick(2)).toEqual({ ask: HANDLES })
    expect(wait.answer(0).outcome).toMatchObject({ by: 'probe', operations: [read] })
  })

  test('is not known by what cannot be told', () => {
    const wait = byHand(released('f'), inferred)
    wait.ended(op('open', '/f'))
    expect(wait.answer('unknown')).toEqual({ wakeNs: 1e6 })
    expect(byHand(released('f'), { ...inferred, canProbe: false }).ended(op('open', '/f'))).toEqual({})
  })

  test.each(['release', 'releasedir'])('waits for the log where that shows a %s, also of late', (opcode) => {
    const shows = byHand(released('f'), { ...inferred, shown: new Set([opcode]) })
    expect(shows.ended(op('open', '/f'))).toEqual({})
    const wait = byHand(released('f'), inferred)
    wait.ended(op('open', '/f'))
    wait.facts.shown.add(opcode)
    expect(wait.answer(0)).toEqual({})
    const release = op(opcode, '/f', { id: 2 })
    expect(wait.ended(release).outcome).toMatchObject({ by: 'trace', operations: [release] })
  })

  test('does not ask where ends are logged, as releases are then', () => {
    expect(byHand(released('f')).ended(op('open', '/f'))).toEqual({})
  })

  test('fails with the log and the mount', () => {
    const wait = byHand(released('f'), inferred)
    wait.ended(op('open', '/f'))
    expect(wait.exits(KILLED).outcome).toMatchObject(failed)
    expect(wait.lost().outcome).toMatchObject({ why: 'mount-lost' })
  })
})

describe('writeComplete, by releases', () => {
  test('is when all that was opened since the mark is released, the last of them after a write', () => {
    const wait = byHand(writeComplete('f'))
    wait.ended(op('open', '/f', { old: true }))
    wait.ended(op('open', '/f'))
    wait.ended(op('create', '/f', { status: 'error' }))
    wait.ended(op('open', '/f'))
    expect(wait.ended(op('release', '/f'))).toEqual({})
    const write = op('write', '/f', { id: 2 })
    wait.ended(write)
    wait.ended(op('open', '/g'))
    const release = op('release', '/f', { id: 3 })
    expect(wait.ended(release).outcome).toEqual({ kind: 'done', by: 'trace', operations: [write, release] })
  })

  test('is not when a reader closes it while the writer has it open', () => {
    const wait = byHand(writeComplete('f'))
    wait.ended(op('open', '/f'))
    wait.ended(op('open', '/f', { id: 2 }))
    wait.ended(op('write', '/f', { id: 3 }))
    expect(wait.ended(op('release', '/f', { id: 4 }))).toEqual({})
    expect(wait.ended(op('release', '/f', { id: 5 })).outcome).toMatchObject({ operations: [{ id: 3 }, { id: 5 }] })
  })

  test('says when the end of the release was inferred', () => {
    const wait = byHand(writeComplete('f'))
    wait.ended(op('write', '/f'))
    const { outcome } = wait.ended(op('release', '/f', { endedBy: 'next-request' }))
    expect(outcome).toMatchObject({ note: 'the end of its RELEASE was inferred (next-request)' })
  })

  test('is not by a write alone, nor a release alone', () => {
    const wait = byHand(writeComplete('f'))
    wait.ended(op('release', '/f'))
    wait.ended(op('create', '/f'))
    wait.ended(op('write', '/f'))
    expect(wait.tick(500)).toEqual({})
    expect(wait.exits().outcome).toMatchObject(failed)
    expect(wait.lost().outcome).toMatchObject({ why: 'mount-lost' })
  })

  test('where it is not shown whose a release is, when all of all files are released', () => {
    const wait = byHand(writeComplete('f'))
    wait.ended(op('create', '/f'))
    wait.ended(op('open', '/g'))
    wait.ended(op('read', '/g'))
    const perhaps = op('release', null, { id: 2 })
    expect(wait.ended(perhaps)).toEqual({})
    expect(wait.exits().outcome).toMatchObject(failed)
    expect(wait.ended(op('release', '/g', { id: 3 }))).toEqual({ wakeNs: 0 })
    const unsure = { operations: [{ opcode: 'create' }, perhaps], note: expect.stringMatching(/whose RELEASE it was/) }
    expect(wait.exits().outcome).toMatchObject({ by: 'trace', ...unsure })
    expect(wait.tick()).toEqual({ ask: HANDLES })
    expect(wait.answer(0).outcome).toMatchObject({ by: 'probe', ...unsure })
    // Something is opened again.
    wait.ended(op('open', '/g'))
    expect(wait.tick()).toEqual({})
  })
})

describe('writeComplete, where no release is logged', () => {
  const written = () => {
    const wait = byHand(writeComplete('f'), inferred)
    const write = op('write', '/f')
    expect(wait.ended(write)).toEqual({ wakeNs: 0 })
    return { wait, write }
  }

  test('goes by whether it is open', () => {
    const { wait, write } = written()
    expect(wait.tick(0)).toEqual({ ask: HANDLES })
    expect(wait.answer(1)).toEqual({ wakeNs: 1e6 })
    expect(wait.tick(1)).toEqual({ ask: HANDLES })
    const flush = op('flush', '/f', { id: 2 })
    expect(wait.started(flush)).toEqual({ wakeNs: 3e6 })
    // It may have been closed before that came.
    expect(wait.answer(0)).toEqual({ wakeNs: 3e6 })
    wait.tick(3)
    expect(wait.answer(0).outcome).toMatchObject({
      by: 'probe',
      operations: [write, flush],
      note: expect.stringMatching(/no RELEASE.*nobody has it open/),
    })
  })

  test('while it is held the pauses grow, whatever is written', () => {
    const { wait } = written()
    wait.tick(0)
    wait.answer(1)
    wait.tick(1)
    wait.answer(1)
    expect(wait.ended(op('write', '/f', { id: 2 }))).toEqual({ wakeNs: 5e6 })
  })

  test.each([
    ['write', 100],
    ['flush', 20],
  ])('where nobody can say who has it open, after a %s nothing may come for %d ms', (opcode, restMs) => {
    const { wait } = written()
    const last = op(opcode, '/f', { id: 2 })
    wait.ended(last)
    wait.tick(0)
    expect(wait.answer('unknown')).toEqual({ wakeNs: restMs * 1e6 })
    expect(wait.tick(restMs - 1)).toEqual({ wakeNs: restMs * 1e6 })
    // One more begins its time anew.
    wait.ended(op(opcode, '/f', { id: 3 }))
    expect(wait.tick(restMs)).toEqual({ wakeNs: (2 * restMs - 1) * 1e6 })
    expect(wait.tick(2 * restMs)).toEqual({ ask: SIZE })
    expect(wait.answer(5).outcome).toMatchObject({
      by: 'probe',
      operations: opcode === 'write' ? [{ id: 3 }] : [{ id: 1 }, { id: 3 }],
    })
  })

  test('a file that is gone is not written; one that nobody can see is, when its last end is known', () => {
    const { wait } = written()
    wait.tick(0)
    wait.answer('unknown')
    wait.tick(100)
    expect(wait.answer(null)).toEqual({ wakeNs: 101e6 })
    wait.tick(101)
    expect(wait.answer('unknown').outcome).toMatchObject({ by: 'trace', note: expect.stringMatching(/no RELEASE/) })
    const begun = byHand(writeComplete('f'), inferred)
    begun.started(op('write', '/f', open))
    begun.tick(0)
    begun.answer('unknown')
    begun.tick(100)
    expect(begun.answer('unknown')).toEqual({ wakeNs: 101e6 })
  })

  test('an answer is of no use when the log has shown a release meanwhile, or more was written', () => {
    const { wait } = written()
    wait.tick(0)
    wait.facts.nowMs = 3
    wait.ended(op('write', '/f', { id: 2 }))
    wait.facts.shown.add('release')
    expect(wait.answer(0)).toEqual({ wakeNs: 3e6 })
    expect(wait.tick(3)).toEqual({})
  })

  test('nor where more is written while somebody asks for its size', () => {
    const { wait } = written()
    wait.tick(0)
    wait.answer('unknown')
    expect(wait.tick(100)).toEqual({ ask: SIZE })
    wait.ended(op('write', '/f', { id: 2 }))
    expect(wait.answer(5)).toEqual({ wakeNs: 200e6 })
    wait.tick(200)
    expect(wait.answer(9).outcome).toMatchObject({ by: 'probe', operations: [{ id: 2 }] })
  })

  test('the end of the log is its end, when a write had ended', () => {
    const { wait, write } = written()
    expect(wait.exits().outcome).toMatchObject({ by: 'trace', operations: [write] })
    const begun = byHand(writeComplete('f'), inferred)
    begun.started(op('write', '/f', open))
    expect(begun.exits().outcome).toMatchObject(failed)
    const flushed = byHand(writeComplete('f'), inferred)
    flushed.ended(op('flush', '/f'))
    expect(flushed.exits().outcome).toMatchObject(failed)
  })

  test('only what begins after the mark, on this file, counts', () => {
    const wait = byHand(writeComplete('f'), inferred)
    expect(wait.started(op('write', '/f', { ...open, old: true }))).toEqual({})
    expect(wait.started(op('write', '/g', open))).toEqual({})
    expect(wait.ended(op('write', '/g'))).toEqual({})
    expect(wait.tick(0)).toEqual({})
    // Where ends are shown it is the end that counts.
    expect(byHand(writeComplete('f')).started(op('write', '/f', open))).toEqual({})
  })
})

describe('writeComplete, without a log', () => {
  /** Comes to where the size has rested for some time. */
  function resting() {
    const wait = byHand(writeComplete('f'), { trace: 'none' })
    expect(wait.tick(0)).toEqual({ ask: SIZE })
    let atMs = 0
    for (let step = wait.answer(7); step.ask === undefined; step = wait.answer(7)) {
      atMs = (step.wakeNs ?? 0) / 1e6
      expect(wait.tick(atMs)).toEqual({ ask: SIZE })
    }
    return { wait, atMs }
  }

  test('is when its size has rested and nothing is on its way to the daemon', () => {
    const { wait, atMs } = resting()
    expect(atMs).toBe(32)
    expect(wait.answer(2)).toEqual({ wakeNs: (atMs + 32) * 1e6 })
    wait.tick(atMs + 32)
    expect(wait.answer(7)).toEqual({ ask: IN_FLIGHT })
    expect(wait.answer(0).outcome).toEqual({ kind: 'done', by: 'poll', operations: [] })
  })

  test('a size that changes, or is not known, rests anew', () => {
    const { wait } = resting()
    wait.answer(1)
    wait.tick(100)
    expect(wait.answer(8)).toEqual({ wakeNs: expect.any(Number) })
    expect(wait.state.pauseNs).toBe(1e6)
    wait.tick(1000)
    wait.answer('unknown')
    expect(wait.state.size).toBeNull()
  })

  test('is impossible where nobody can look, and waits for the log to be understood', () => {
    const blind = byHand(writeComplete('f'), { trace: 'none', canProbe: false })
    expect(blind.tick().outcome).toMatchObject({ why: 'impossible' })
    const wait = byHand(writeComplete('f'), { trace: 'undecided' })
    expect(wait.tick(99)).toEqual({ wakeNs: 100e6 })
    expect(wait.tick(100)).toEqual({ ask: SIZE })
  })
})
