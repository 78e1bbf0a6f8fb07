import { describe, expect, test } from 'vitest'
import type { Operation } from '../../src/operation/operation.js'
import type { CallRow, ProbeRow, Row } from '../../src/recording/row.js'
import { RecordedProber } from '../../src/replay/recorded-prober.js'
import { RecordedProbes } from '../../src/replay/recorded-probes.js'
import { RowFeed } from '../../src/replay/row-feed.js'
import type { ProbeQuestion } from '../../src/wait/engine/prober.js'
import { rows } from './tiny.js'

const probed = (probe: string, args: string[], answer: ProbeRow['answer'], atMs = 1): ProbeRow => {
  return { kind: 'probe', atNs: atMs * 1e6, probe, args, answer, errno: null }
}
const call = (method: string, args: unknown[], code?: string): CallRow =>
  ({ kind: 'call', root: 'mount', method, args, error: code === undefined ? null : { code } }) as unknown as CallRow
const operation = (change: Partial<Operation>): Operation =>
  ({ id: 1, path: null, newPath: null, name: null, errno: null, status: 'ok', ...change }) as Operation

/** The finding, `?` where it is unknown. */
function asked(prober: RecordedProber, question: ProbeQuestion): unknown {
  const answer = prober.answer(question)
  if (answer === 'unknown') return '?'
  expect(answer.errno).toBeNull()
  return answer.value
}

/** What is known of a path: whether it exists, whether it is a directory, its size. */
const known = (prober: RecordedProber, path: string): unknown[] =>
  (['exists', 'isDirectory', 'size'] as const).map((probe) => asked(prober, { probe, path }))

const FILE = [true, false, '?']
const DIRECTORY = [true, true, '?']
const THERE = [true, '?', '?']
const GONE = [false, false, null]
const UNKNOWN = ['?', '?', '?']
const SIZED = ['?', '?', 7]

type Shown = (prober: RecordedProber) => void
const on = (...happened: (CallRow | Partial<Operation>)[]): Shown => {
  return (prober) => {
    for (const one of happened) {
      if ('kind' in one) prober.call(one)
      else prober.ended(operation(one))
    }
  }
}
const begun =
  (change: Partial<Operation>): Shown =>
  (prober) =>
    prober.started(operation(change))

/** Of `/a` a size has been probed before; and what is known of `/b` where something is moved there. */
const SHOWN: [string, Shown, unknown[], unknown[]?][] = [
  ['writeFile', on(call('writeFile', ['a'])), THERE],
  ['a path from the root', on(call('stat', ['/a'])), THERE],
  ['mkdir', on(call('mkdir', ['a'])), DIRECTORY],
  ['a file that becomes a directory', on(call('unlink', ['a']), call('mkdir', ['a'])), DIRECTORY],
  ['rm', on(call('rm', ['a'])), GONE],
  ['rmdir', on(call('rmdir', ['a'])), GONE],
  ['rename', on(call('rename', ['a', 'b'])), GONE, THERE],
  ['rename from the root', on(call('rename', ['/a', '/b'])), GONE, THERE],
  ['a call that tells nothing', on(call('readlink', ['a', 'b'])), SIZED],
  ['a rename to what is no path', on(call('rename', ['a', 7])), SIZED],
  ['a call on what is no path', on(call('unlink', [7])), SIZED],
  ['stat that finds nothing', on(call('stat', ['a'], 'ENOENT')), GONE],
  ['access that finds nothing', on(call('access', ['a'], 'ENOENT')), GONE],
  ['stat that fails otherwise', on(call('stat', ['a'], 'EACCES')), SIZED],
  ['mkdir that fails', on(call('mkdir', ['a'], 'ENOENT')), SIZED],
  ['create', on({ opcode: 'create', path: '/a' }), FILE],
  ['MKDIR', on({ opcode: 'mkdir', path: '/a' }), DIRECTORY],
  ['unlink', on({ opcode: 'unlink', path: '/a' }), GONE],
  ['unlink that failed', on({ opcode: 'unlink', path: '/a', status: 'error', errno: 'ENOENT' }), SIZED],
  ['unlink whose outcome is not shown', on({ opcode: 'unlink', path: '/a', status: 'unknown' }), UNKNOWN],
  ['unlink of nobody knows what', on({ opcode: 'unlink', path: null }), SIZED],
  ['lookup that found nothing', on({ opcode: 'lookup', path: '/a', status: 'error', errno: 'ENOENT' }), GONE],
  ['lookup that failed otherwise', on({ opcode: 'lookup', path: '/a', status: 'error', errno: 'EIO' }), SIZED],
  ['lookup of a node', on({ opcode: 'lookup', path: null, status: 'error', errno: 'ENOENT' }), SIZED],
  ['getattr that found nothing', on({ opcode: 'getattr', path: '/a', status: 'error', errno: 'ENOENT' }), SIZED],
  ['write', on({ opcode: 'write', path: '/a' }), UNKNOWN],
  ['write to nobody knows what', on({ opcode: 'write', path: null }), SIZED],
  ['a write that has begun', begun({ opcode: 'write', path: '/a' }), UNKNOWN],
  ['setxattr', on({ opcode: 'setxattr', path: '/a', name: 'user.x' }), SIZED],
  ['RENAME', on({ opcode: 'rename', path: '/a', newPath: '/b' }), GONE, THERE],
  ['RENAME of a directory', on(call('mkdir', ['a']), { opcode: 'rename', path: '/a', newPath: '/b' }), GONE, DIRECTORY],
  [
    'RENAME of a file',
    on({ opcode: 'create', path: '/a' }, { opcode: 'rename', path: '/a', newPath: '/b' }),
    GONE,
    FILE,
  ],
  [
    'RENAME of what was a directory',
    on(call('mkdir', ['a']), call('rmdir', ['a']), call('stat', ['a']), {
      opcode: 'rename',
      path: '/a',
      newPath: '/b',
    }),
    GONE,
    THERE,
  ],
  ['RENAME onto itself', on({ opcode: 'rename', path: '/a', newPath: '/a' }), THERE],
  ['RENAME from nobody knows where', on({ opcode: 'rename', path: null, newPath: '/a' }), THERE],
  ['RENAME to nobody knows where', on({ opcode: 'rename', path: '/a', newPath: null }), GONE],
]

test.each(SHOWN)('%s shows what is there afterwards', (_, shown, a, b) => {
  const prober = new RecordedProber()
  prober.probe(probed('size', ['/a'], 7))
  shown(prober)
  expect(known(prober, '/a')).toEqual(a)
  if (b) expect(known(prober, '/b')).toEqual(b)
})

test('recorded probes of one kind say what follows for the others, and no more', () => {
  const shown = (probe: string, answer: boolean): unknown[] => {
    const prober = new RecordedProber()
    prober.probe(probed(probe, ['/\xc3\xa4'], answer))
    return known(prober, '/ä')
  }
  expect(shown('exists', false)).toEqual(GONE)
  expect(shown('exists', true)).toEqual(THERE)
  expect(shown('isDirectory', true)).toEqual(DIRECTORY)
  expect(shown('isDirectory', false)).toEqual(['?', false, '?'])
})

test('what lies below a file does not change when it is renamed; below anything else it may', () => {
  const below = (...before: CallRow[]): unknown => {
    const prober = new RecordedProber()
    on(...before, call('mkdir', ['a/c']), call('stat', ['ab']))(prober)
    prober.ended(operation({ opcode: 'rename', path: '/a', newPath: '/b' }))
    expect(known(prober, '/ab')).toEqual(THERE)
    return known(prober, '/a/c')
  }
  expect(below()).toEqual(UNKNOWN)
  expect(below(call('mkdir', ['a']))).toEqual(UNKNOWN)
  const prober = new RecordedProber()
  on({ opcode: 'create', path: '/a' }, call('stat', ['a/c']))(prober)
  prober.ended(operation({ opcode: 'rename', path: '/a', newPath: '/b' }))
  expect(known(prober, '/a/c')).toEqual(THERE)
})

test('attributes are known by name: gone when removed, else not known once they were touched', () => {
  const values = (change: Partial<Operation>, way: 'started' | 'ended' = 'ended'): unknown[] => {
    const prober = new RecordedProber()
    for (const name of ['x', 'y']) prober.probe(probed('xattr', ['/a', name], 'old'))
    prober[way](operation({ path: '/a', name: 'x', ...change }))
    return ['x', 'y'].map((name) => asked(prober, { probe: 'xattr', path: '/a', name }))
  }
  expect(values({ opcode: 'removexattr' })).toEqual([null, 'old'])
  expect(values({ opcode: 'removexattr' }, 'started')).toEqual(['?', 'old'])
  expect(values({ opcode: 'removexattr', status: 'unknown' })).toEqual(['?', 'old'])
  expect(values({ opcode: 'setxattr' })).toEqual(['?', 'old'])
  expect(values({ opcode: 'removexattr', name: null })).toEqual(['old', 'old'])
  expect(values({ opcode: 'removexattr', path: null })).toEqual(['old', 'old'])
})

describe('a probe of the replay', () => {
  const question = { probe: 'exists', path: '/a' } as const

  function probes(recorded: Iterable<Row>, change: { polling?: boolean; prober?: RecordedProber } = {}) {
    const feed = new RowFeed(recorded)
    const { polling = true, prober = new RecordedProber() } = change
    const asked = new RecordedProbes({ feed, prober, nowNs: () => 0, polling: () => polling })
    return { asked, feed }
  }

  test('is answered at once by what the log has shown, and where there is no log by what comes next', async () => {
    for (const polling of [true, false]) {
      const prober = new RecordedProber()
      on({ opcode: 'create', path: '/a' })(prober)
      const { asked, feed } = probes([probed('exists', ['/a'], false)], { polling, prober })
      const answer = asked.probe(question)
      expect(asked.waiting).toBe(polling ? 1 : 0)
      expect(asked.played(feed.next() as Row)).toBe(polling)
      expect(await answer).toEqual({ value: !polling, errno: null })
    }
  })

  test('is answered by the same question only, to the last moment of its time', async () => {
    const others = [probed('size', ['/a'], 1), probed('exists', ['/b'], true), probed('exists', [], true)]
    for (const other of others) expect(await probes([other]).asked.probe(question)).toBe('unknown')
    const { asked, feed } = probes([...others, probed('exists', ['/a'], true, 2500)])
    const answer = asked.probe(question)
    for (let row = feed.next(); row; row = feed.next()) asked.played(row)
    expect(await answer).toEqual({ value: true, errno: null })
  })

  test('reads no further ahead than its answer may be', async () => {
    let read = 0
    const many = function* (): Generator<Row> {
      for (const row of rows('> 2 create /b\nafter 2500\n> 4 create /c\n> 6 create /d')) {
        read++
        yield row
      }
    }
    expect(await probes(many()).asked.probe(question)).toBe('unknown')
    expect(read).toBe(2)
  })
})
