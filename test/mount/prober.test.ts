import { describe, expect, test } from 'vitest'
import { type VirtualClock, virtualClock } from '../../src/clock.js'
import type { Mount } from '../../src/mount/mountinfo.js'
import { LiveProber, type LiveProberOptions } from '../../src/mount/prober.js'
import type { StatRequest } from '../../src/mount/stat-child.js'
import type { StatAnswer, StatPool } from '../../src/mount/stat-pool.js'
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
    ['handles', { size: 2 }, { value: 2, errno: null }],
  ] as const)('%s: %o', async (probe, found, expected) => {
    const { prober, sent } = live()
    const answer = prober.probe({ probe, path: '/a' })
    await sent[0]?.answer(found)
    expect(await answer).toEqual(expected)
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
    await sent[0]?.answer({ errno: 'ENOENT' })
    expect(await Promise.all(waiting)).toEqual(Array(3).fill({ value: false, errno: null }))
    await sent[1]?.answer({ type: 'file' })
    expect(await later).toEqual({ value: true, errno: null })
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
