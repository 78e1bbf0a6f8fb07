import { describe, expect, test } from 'vitest'
import { type VirtualClock, virtualClock } from '../../src/clock.js'
import type { Mount } from '../../src/mount/mountinfo.js'
import { LiveProber, type LiveProberOptions } from '../../src/mount/prober.js'
import type { StatRequest } from '../../src/mount/stat-child.js'
import type { StatAnswer, StatPool } from '../../src/mount/stat-pool.js'
import { OWN_PREFIX } from '../../src/operation/own.js'
import { LATE } from '../../src/time.js'
import type { ProbeAnswer } from '../../src/wait/engine/prober.js'

interface Sent {
  question: StatRequest
  /** A process takes the question. */
  take(): void
  answer(answer: Partial<StatAnswer> | typeof LATE): Promise<void>
}

const FUSE: Mount = {
  id: '40 0:50 /m',
  parent: 1,
  major: 0,
  minor: 50,
  root: '/',
  mountpoint: '/m',
  type: 'fuse.x',
  source: 'x',
}

function live(change: Partial<LiveProberOptions> = {}) {
  const clock: VirtualClock = virtualClock()
  const sent: Sent[] = []
  const mounts: Mount[] = [FUSE]
  const pool = {
    ask(question: StatRequest, _limit: number, onSent?: () => void) {
      return new Promise((resolve) => {
        sent.push({
          question,
          take: () => onSent?.(),
          async answer(answer) {
            const none = { errno: null, type: null, dev: null, ino: null, size: null }
            resolve(answer === LATE ? LATE : { ...none, ...answer })
            await new Promise((turn) => setImmediate(turn))
          },
        })
      })
    },
  } as unknown as StatPool
  const reported: [string, ProbeAnswer][] = []
  const prober = new LiveProber({
    clock,
    pool,
    mountpoint: () => '/m',
    before: new Set(),
    mounts: () => mounts,
    onAnswer: ({ probe }, answer) => reported.push([probe, answer]),
    ...change,
  })
  return { prober, sent, mounts, reported }
}

describe('a live prober', () => {
  test('asks below the mountpoint, and reports each question with its answer', async () => {
    const { prober, sent, reported } = live()
    const answer = prober.probe({ probe: 'exists', path: '/a' })
    expect(sent[0]?.question).toEqual({ stat: 'lstat', path: '/m/a' })
    await sent[0]?.answer({ type: 'file' })
    expect(await answer).toEqual({ value: true, errno: null })
    expect(reported).toEqual([['exists', { value: true, errno: null }]])
  })

  test.each([
    ['exists', { errno: 'ENOENT' }, { value: false, errno: null }],
    ['exists', { errno: 'EIO' }, { value: null, errno: 'EIO' }],
    ['isDirectory', { type: 'file' }, { value: false, errno: null }],
    ['isDirectory', { type: 'directory' }, { value: true, errno: null }],
    ['size', { type: 'file', size: 7 }, { value: 7, errno: null }],
    ['size', { errno: 'ENOENT' }, { value: null, errno: null }],
    ['inode', { type: 'file', ino: '7' }, { value: '7', errno: null }],
    ['inode', { type: 'file', ino: '-4586870152829390245' }, { value: '13859873920880161371', errno: null }],
    ['inode', { errno: 'ENOENT' }, { value: null, errno: null }],
    ['handles', { size: 2 }, { value: 2, errno: null }],
  ] as const)('%s: %o', async (probe, found, expected) => {
    const { prober, sent } = live()
    const answer = prober.probe({ probe, path: '/a' })
    await sent[0]?.answer(found)
    expect(await answer).toEqual(expected)
  })

  test('of an attribute: its value, that there is none, or an error', async () => {
    const xattr = { probe: 'xattr', path: '/a', name: 'user.k' } as const
    const found = async (answer: Partial<StatAnswer> | typeof LATE): Promise<ProbeAnswer> => {
      const { prober, sent } = live()
      const value = prober.probe(xattr)
      expect(sent[0]?.question).toMatchObject({ stat: 'getxattr', path: '/m/a', name: 'user.k' })
      await sent[0]?.answer(answer)
      return value
    }
    expect(await found({ bytes: 'v\xff' })).toEqual({ value: 'v\xff', errno: null })
    for (const errno of ['ENODATA', 'ENOENT', 'ENOTDIR'])
      expect(await found({ errno })).toEqual({ value: null, errno: null })
    expect(await found({ errno: 'EACCES' })).toEqual({ value: null, errno: 'EACCES' })
    expect(await found(LATE)).toBe('unknown')
  })

  test('of who has it open: unknown where that cannot be counted', async () => {
    for (const answer of [{ errno: 'EACCES' }, LATE] as const) {
      const { prober, sent } = live()
      const value = prober.probe({ probe: 'handles', path: '/a' })
      expect(sent[0]?.question).toMatchObject({ stat: 'handles', path: '/m/a' })
      await sent[0]?.answer(answer)
      expect(await value).toBe('unknown')
    }
  })

  test('of what is in flight: unknown where the connection cannot be read, as of one that is not', async () => {
    const { prober, sent } = live({ mounts: () => [{ ...FUSE, minor: 1_048_575 }] })
    expect(await prober.probe({ probe: 'inFlight' })).toBe('unknown')
    expect(await prober.probe({ probe: 'user' })).toBe('unknown')
    expect(sent).toEqual([])
  })

  test('that fails to be asked is unknown, and reported as such', async () => {
    const pool = { ask: () => Promise.reject(new Error('no process')) } as unknown as StatPool
    const { prober, reported } = live({ pool })
    expect(await prober.probe({ probe: 'exists', path: '/a' })).toBe('unknown')
    expect(reported).toEqual([['exists', 'unknown']])
  })

  test('has two seconds, or as long as is given', async () => {
    const limits: number[] = []
    const pool = {
      ask: async (_question: unknown, limitNs: number) => {
        limits.push(limitNs)
        return LATE
      },
    } as unknown as StatPool
    await live({ pool }).prober.probe({ probe: 'exists', path: '/a' })
    await live({ pool, limitNs: 7 }).prober.probe({ probe: 'exists', path: '/a' })
    await live({ pool }).prober.answers('mine', 9)
    expect(limits).toEqual([2000e6, 7, 9])
  })

  test('a name of our own is asked for as it is, and no other has it', async () => {
    const { prober, sent } = live({ salt: 'ab-', onAnswer: undefined as never })
    const names = [prober.ownName(), prober.ownName()]
    expect(names).toEqual(['.fusetrace-fence-ab-1', '.fusetrace-fence-ab-2'])
    const answer = prober.answers('mine', 1e9)
    expect(sent[0]?.question).toEqual({ stat: 'lstat', path: '/m/mine' })
    sent[0]?.take()
    await sent[0]?.answer({ errno: 'ENOENT' })
    // Nobody counts lines here.
    expect(await answer).toEqual({ value: 0, errno: null })
    expect(live().prober.ownName()).toBe('.fusetrace-fence-1')
    const late = live()
    const none = late.prober.answers('mine', 1)
    await late.sent[0]?.answer(LATE)
    expect(await none).toBe('unknown')
  })

  test('a probe that hangs is unknown', async () => {
    const { prober, sent } = live()
    const answer = prober.probe({ probe: 'exists', path: '/a' })
    await sent[0]?.answer(LATE)
    expect(await answer).toBe('unknown')
  })

  test('what lies under a mount that has gone answers nothing', async () => {
    const { prober, sent, mounts } = live()
    const answer = prober.probe({ probe: 'exists', path: '/a' })
    mounts.length = 0
    await sent[0]?.answer({ type: 'file' })
    expect(await answer).toBe('unknown')
    expect(await prober.probe({ probe: 'exists', path: '/a' })).toBe('unknown')
    expect(await prober.probe({ probe: 'mounted' })).toEqual({ value: false, errno: null })
    expect(sent).toHaveLength(1)
  })

  test('a mount of before, or of another type, is not ours', async () => {
    const { prober, mounts } = live({ before: new Set([FUSE.id]) })
    expect(await prober.probe({ probe: 'mounted' })).toEqual({ value: false, errno: null })
    mounts[0] = { ...FUSE, id: 'other', type: 'ext4' }
    expect(await prober.probe({ probe: 'mounted' })).toEqual({ value: false, errno: null })
    mounts[0] = { ...FUSE, id: 'other' }
    expect(await prober.probe({ probe: 'mounted' })).toEqual({ value: true, errno: null })
  })

  test('equal questions are one while they wait for their turn, and no longer', async () => {
    const { prober, sent } = live()
    const ask = () => prober.probe({ probe: 'exists', path: '/a' })
    const waiting = [ask(), ask(), ask()]
    expect(sent).toHaveLength(1)
    sent[0]?.take()
    // What happened since may not be in the answer.
    const later = ask()
    expect(sent).toHaveLength(2)
    // Neither does it make way for the one that waits now.
    sent[0]?.take()
    void ask()
    expect(sent).toHaveLength(2)
    await sent[0]?.answer({ errno: 'ENOENT' })
    expect(await Promise.all(waiting)).toEqual(Array(3).fill({ value: false, errno: null }))
    await sent[1]?.answer({ type: 'file' })
    expect(await later).toEqual({ value: true, errno: null })
  })

  test('along with a question, and then reported as one of its own', async () => {
    let lines = 5
    let caughtUp = 0
    const { prober, sent, reported } = live({ lines: () => lines, catchUp: () => caughtUp++ })
    const there = prober.probe({ probe: 'exists', path: '/a', caughtUp: true })
    const held = prober.probe({ probe: 'handles', path: '/a' })
    const free = prober.probe({ probe: 'handles', path: '/b' })
    for (const { question, take } of sent) {
      take()
      expect(question).toMatchObject({ own: expect.stringContaining(OWN_PREFIX) })
    }
    lines = 9
    await sent[0]?.answer({ type: 'file' })
    await sent[1]?.answer({ size: 1 })
    await sent[2]?.answer({ size: 0 })
    expect(await Promise.all([there, held, free])).toEqual([true, 1, 0].map((value) => ({ value, errno: null })))
    expect(caughtUp).toBe(3)
    const own = ['answers', { value: 5, errno: null }]
    expect(reported.map(([probe]) => probe)).toEqual(['exists', 'answers', 'handles', 'handles', 'answers'])
    expect([reported[1], reported[4]]).toEqual([own, own])
  })

  test('answers: a lookup of a name that is new each time, with the lines that had been read when it was made', async () => {
    let lines = 5
    let caughtUp = 0
    const { prober, sent } = live({ lines: () => lines, catchUp: () => caughtUp++ })
    const answer = prober.probe({ probe: 'answers' })
    lines = 7
    sent[0]?.take()
    lines = 9
    await sent[0]?.answer({ errno: 'ENOENT' })
    expect(await answer).toEqual({ value: 7, errno: null })
    expect(caughtUp).toBe(1)
    void prober.probe({ probe: 'answers' })
    expect(sent[1]?.question.path).not.toBe(sent[0]?.question.path)
  })
})
