import { describe, expect, test } from 'vitest'
import { deleted } from '../../../src/wait/machines/deleted.js'
import { dirVisible } from '../../../src/wait/machines/dir-visible.js'
import { effectMachine } from '../../../src/wait/machines/effect.js'
import { fileVisible } from '../../../src/wait/machines/file-visible.js'
import { operation } from '../../../src/wait/machines/operation.js'
import { renamed } from '../../../src/wait/machines/renamed.js'
import { xattrSet } from '../../../src/wait/machines/xattr-set.js'
import { byHand, INFERRED, KILLED, op } from './by-hand.js'

const EXISTS = { probe: 'exists', path: '/f' }
const unknown = { status: 'unknown' as const, endedBy: null }
const open = { status: 'unfinished' as const, endedBy: null, endNs: null }
const inferred = { capabilities: INFERRED }

describe('an operation that was seen to end', () => {
  test('satisfies; one that failed, began before the mark, or is another does not', () => {
    const wait = byHand(fileVisible('f'))
    for (const other of [
      op('create', '/f', { status: 'error', errno: 'EACCES' }),
      op('create', '/f', { old: true }),
      op('create', '/g'),
      op('create', '/f', open),
    ]) {
      expect(wait.ended(other)).toEqual({})
    }
    const create = op('create', '/f')
    expect(wait.ended(create).outcome).toEqual({ kind: 'done', by: 'trace', operations: [create] })
  })

  test.each(['last-event', 'next-request'] as const)('by %s says that its end was inferred', (endedBy) => {
    const { outcome } = byHand(fileVisible('f'), inferred).ended(op('create', '/f', { endedBy }))
    expect(outcome).toMatchObject({ kind: 'done', by: 'trace', note: `its end was inferred (${endedBy})` })
  })

  test('whose outcome the log does not tell is confirmed by a probe', () => {
    const wait = byHand(fileVisible('f'))
    const create = op('create', '/f', unknown)
    expect(wait.ended(create)).toEqual({ ask: EXISTS })
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'probe', operations: [create] })
  })

  test('is believed where no probe can be made, unless a value is asked for', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    expect(wait.answer('unknown').outcome).toMatchObject({
      by: 'trace',
      note: expect.stringMatching(/nobody could look/),
    })
    const value = byHand(xattrSet('f', 'user.k', 'v'))
    expect(value.ended(op('setxattr', '/f', { name: 'user.k' })).ask).toMatchObject({ probe: 'xattr' })
    expect(value.answer('unknown')).toEqual({ wakeNs: 1e6 })
    expect(value.exits().outcome).toMatchObject({ kind: 'failed' })
  })

  test('and cannot be probed for is believed, when it is what was meant', () => {
    const wait = byHand(operation({ opcode: 'write', where: () => true }), inferred)
    expect(wait.started(op('write', '/f', open))).toEqual({})
    const write = op('write', '/f', { ...unknown, endedBy: 'next-request' })
    expect(wait.ended(write).outcome).toMatchObject({ by: 'trace', operations: [write] })
    // What is not known of it may make it another one.
    const path = byHand(operation({ opcode: 'write', path: 'f' }))
    expect(path.ended(op('write', null))).toEqual({})
  })

  test('may be one that failed, where any outcome counts', () => {
    const failed = op('unlink', '/f', { status: 'error', errno: 'EACCES' })
    expect(byHand(operation('unlink')).ended(failed).outcome).toMatchObject({ by: 'trace', operations: [failed] })
  })
})

describe('an operation of which only the start is shown', () => {
  test('is probed for; where ends are shown nobody asks before its end', () => {
    expect(byHand(fileVisible('f')).started(op('create', '/f', open))).toEqual({})
    const wait = byHand(fileVisible('f'), inferred)
    expect(wait.started(op('create', '/g', open))).toEqual({})
    expect(wait.started(op('create', '/f', { ...open, old: true }))).toEqual({})
    expect(wait.started(op('create', '/f', open))).toEqual({ ask: EXISTS })
  })

  test('is not believed without a probe, unless the log tells its success', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.started(op('create', '/f', open))
    expect(wait.answer('unknown')).toEqual({ wakeNs: 1e6 })
    expect(wait.exits(KILLED).outcome).toMatchObject({ kind: 'failed', why: 'stream-ended' })
    const told = byHand(fileVisible('f'), inferred)
    told.started(op('create', '/f', { ...open, status: 'ok' }))
    expect(told.answer('unknown').outcome).toMatchObject({ by: 'trace', note: expect.stringMatching(/shows no end/) })
  })

  test('is forgotten when it turns out to have failed, or to be another', () => {
    for (const change of [{ status: 'error' }, { path: '/g' }]) {
      const wait = byHand(fileVisible('f'), inferred)
      const create = op('create', null, open)
      wait.started(create)
      wait.answer(false)
      Object.assign(create, change)
      wait.facts.before = true
      expect(wait.tick(5)).toEqual({})
    }
  })

  test('an answer to one that has failed meanwhile speaks for nobody', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.started(op('create', '/f', open))
    wait.ended(op('create', '/f', { status: 'error' }))
    expect(wait.answer(true).outcome).toBeUndefined()
  })

  test('an answer speaks for one that has ended before one that only began, and for the latest of them', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.started(op('create', '/f', { ...open, id: 1 }))
    wait.ended(op('create', '/f', { ...unknown, id: 2 }))
    wait.ended(op('mknod', '/f', { ...unknown, id: 3 }))
    wait.started(op('create', '/f', { ...open, id: 4 }))
    expect(wait.answer(false)).toEqual({ ask: EXISTS })
    expect(wait.answer(true).outcome).toMatchObject({ by: 'probe', operations: [{ id: 3 }] })
  })
})

describe('answers', () => {
  test('that may be older than what came in meanwhile are asked for again, at once', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', { ...unknown, id: 1 }))
    expect(wait.ended(op('create', '/f', { ...unknown, id: 2 }))).toEqual({})
    expect(wait.answer(false)).toEqual({ ask: EXISTS })
    expect(wait.answer(false)).toEqual({ wakeNs: 1e6 })
  })

  test('that do not confirm are asked for after growing pauses, and not before', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    let [atMs, pauses] = [0, [] as number[]]
    for (let i = 0; i < 9; i++) {
      const { wakeNs = 0 } = wait.answer(false)
      pauses.push(wakeNs / 1e6 - atMs)
      expect(wait.tick(wakeNs / 1e6 - 0.5)).toEqual({ wakeNs })
      atMs = wakeNs / 1e6
      expect(wait.tick(atMs)).toEqual({ ask: EXISTS })
      expect(wait.tick()).toEqual({})
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 100, 100])
    // After something new they are short again.
    wait.answer(false)
    wait.ended(op('create', '/f', { ...unknown, id: 2 }))
    expect(wait.answer(false)).toEqual({ wakeNs: (atMs + 1) * 1e6 })
  })

  test('that are errors confirm nothing', () => {
    const wait = byHand(deleted('f'))
    wait.ended(op('unlink', '/f', unknown))
    expect(wait.answer(false, 'EIO').outcome).toBeUndefined()
  })

  test('are all asked for: of a rename both names', () => {
    const wait = byHand(renamed('f', 'g'))
    const rename = op('rename', '/f', { ...unknown, newPath: '/g' })
    expect(wait.ended(rename)).toEqual({ ask: { probe: 'exists', path: '/g' } })
    expect(wait.answer(true)).toEqual({ ask: EXISTS })
    expect(wait.answer(true)).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    wait.answer(true)
    expect(wait.answer(false).outcome).toMatchObject({ by: 'probe', operations: [rename] })
  })

  test('to nothing that was asked are nothing', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    wait.answer(false)
    expect(wait.answer(true)).toEqual({})
  })
})

describe('what was undone again has been done', () => {
  const undone = { by: 'trace', note: 'it was undone again by unlink' }

  test('where a cause ended before', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    expect(wait.ended(op('unlink', '/f', { id: 2 })).outcome).toMatchObject(undone)
  })

  test.each([
    ['failed', op('create', '/f', unknown), op('unlink', '/f', { id: 2, status: 'error' })],
    ['is of another name', op('create', '/f', unknown), op('unlink', '/g', { id: 2 })],
    ['began before the cause', op('create', '/f', { ...unknown, id: 2 }), op('unlink', '/f', { id: 1 })],
    ['follows what may be another', op('create', null, unknown), op('unlink', '/f', { id: 2 })],
  ])('not where what undoes it %s', (_, cause, undo) => {
    const wait = byHand(fileVisible('f'))
    wait.ended(cause)
    expect(wait.ended(undo).outcome).toBeUndefined()
  })

  test('not where the cause is open, nor where a value was asked for', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.started(op('create', '/f', open))
    expect(wait.ended(op('unlink', '/f', { id: 2 })).outcome).toBeUndefined()
    const value = byHand(xattrSet('f', 'user.k', 'v'))
    value.ended(op('setxattr', '/f', { name: 'user.k' }))
    expect(value.ended(op('removexattr', '/f', { id: 2, name: 'user.k' })).outcome).toBeUndefined()
  })
})

describe('the end of the log', () => {
  test('is not the end of hope for what had ended, and nobody had denied', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    expect(wait.exits(KILLED).outcome).toMatchObject({
      by: 'trace',
      note: expect.stringMatching(/before the log ended/),
    })
    const denied = byHand(fileVisible('f'))
    denied.ended(op('create', '/f', unknown))
    denied.answer(false)
    expect(denied.exits().outcome).toMatchObject({ kind: 'failed', why: 'stream-ended' })
    const perhaps = byHand(fileVisible('f'))
    perhaps.ended(op('create', null, unknown))
    expect(perhaps.exits().outcome).toMatchObject({ kind: 'failed' })
  })

  test('an operation that the end cut off has not been done', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.started(op('create', '/f', { ...open, status: 'ok' }))
    wait.ended(op('create', '/f', open))
    expect(wait.exits(KILLED).outcome).toMatchObject({ kind: 'failed' })
  })

  test('a mount that was lost fails, whatever had ended', () => {
    const wait = byHand(fileVisible('f'))
    wait.ended(op('create', '/f', unknown))
    expect(wait.lost().outcome).toEqual({ kind: 'failed', why: 'mount-lost', reason: 'it is gone' })
  })
})

describe('what is undone at once was done, whatever undoes it', () => {
  test.each([
    ['deleted', deleted('f'), op('unlink', '/f', unknown), 'create'],
    ['deleted', deleted('f'), op('unlink', '/f', unknown), 'mkdir'],
    ['dirVisible', dirVisible('f'), op('mkdir', '/f', unknown), 'rmdir'],
    ['renamed', renamed('a', 'f'), op('rename', '/a', { ...unknown, newPath: '/f' }), 'rmdir'],
    ['renamed', renamed('a', 'f'), op('rename', '/a', { ...unknown, newPath: '/f' }), 'unlink'],
  ])('%s', (_, machine, cause, undoing) => {
    const wait = byHand(machine, inferred)
    expect(wait.ended(cause).ask).toMatchObject({ probe: expect.any(String) })
    expect(wait.ended(op(undoing, '/f', { id: 2 })).outcome).toMatchObject({ by: 'trace', operations: [cause] })
  })

  test('renaming a name to itself leaves it there', () => {
    const wait = byHand(renamed('f', '/f'), inferred)
    const rename = op('rename', '/f', { ...unknown, newPath: '/f' })
    expect(wait.ended(rename)).toEqual({ ask: EXISTS })
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'probe', operations: [rename] })
  })
})

describe('what is there without the log showing how', () => {
  const THERE = { ...EXISTS, caughtUp: true }

  test('is looked for after a millisecond, and counts when the log of then shows nothing', () => {
    const wait = byHand(fileVisible('f'))
    expect(wait.tick(0)).toEqual({ wakeNs: 1e6 })
    expect(wait.tick(1)).toEqual({ ask: THERE })
    expect(wait.answer(true).outcome).toMatchObject({
      by: 'poll',
      operations: [],
      note: expect.stringMatching(/below the/),
    })
  })

  test('is a directory for who asks for one', () => {
    const wait = byHand(dirVisible('f'))
    expect(wait.tick(1)).toEqual({ ask: { probe: 'isDirectory', path: '/f', caughtUp: true } })
    expect(wait.answer(true).outcome).toMatchObject({ by: 'poll', operations: [] })
  })

  test('is looked for again after 50 ms, and later where it is being made', () => {
    const wait = byHand(fileVisible('f'), { open: [op('create', '/f', open)] })
    expect(wait.tick(2)).toEqual({ wakeNs: 50e6 })
    expect(wait.tick(50)).toEqual({ ask: THERE })
    expect(wait.answer(false)).toEqual({ wakeNs: 100e6 })
    const other = byHand(fileVisible('f'), {
      open: [op('create', '/g', open), op('create', '/f', { ...open, old: true })],
    })
    expect(other.tick(2)).toEqual({ ask: THERE })
  })

  test('does not count when an operation comes in meanwhile: that one is asked about', () => {
    const wait = byHand(fileVisible('f'), inferred)
    wait.tick(2)
    wait.started(op('create', '/f', open))
    expect(wait.answer(true)).toEqual({ ask: EXISTS })
    expect(wait.answer(true).outcome).toMatchObject({ by: 'probe' })
  })

  test('is not looked for where it is known to be of before, cannot be seen, or is not what is meant', () => {
    expect(byHand(fileVisible('f'), { before: true }).tick(60)).toEqual({})
    expect(byHand(fileVisible('f'), { canProbe: false }).tick(60)).toEqual({})
    expect(byHand(deleted('f')).tick(60)).toEqual({})
  })
})

describe('without a log', () => {
  test('probes alone tell it', () => {
    const wait = byHand(dirVisible('d'), { trace: 'none' })
    expect(wait.tick()).toEqual({ ask: { probe: 'isDirectory', path: '/d' } })
    expect(wait.answer(false)).toEqual({ wakeNs: 1e6 })
    wait.tick(1)
    expect(wait.answer(true).outcome).toEqual({ kind: 'done', by: 'poll', operations: [] })
  })

  test('what cannot be probed is impossible', () => {
    const impossible = { kind: 'failed', why: 'impossible' }
    expect(byHand(fileVisible('f'), { trace: 'none', canProbe: false }).tick().outcome).toMatchObject(impossible)
    const nothing = effectMachine({ name: 'x', subject: '', awaited: 'x', causes: [], checks: () => [] })
    expect(byHand(nothing, { trace: 'none' }).tick().outcome).toMatchObject(impossible)
    expect(byHand(nothing).tick()).toEqual({})
  })

  test('that is understood yet, probing begins after 100 ms', () => {
    const wait = byHand(fileVisible('f'), { trace: 'undecided' })
    expect(wait.tick(99)).toEqual({ wakeNs: 100e6 })
    expect(wait.tick(100)).toEqual({ ask: EXISTS })
  })
})
