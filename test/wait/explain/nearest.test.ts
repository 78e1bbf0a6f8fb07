import { describe, expect, test } from 'vitest'
import { virtualClock } from '../../../src/clock.js'
import { TraceMonitor } from '../../../src/monitor/trace-monitor.js'
import type { OperationMatch } from '../../../src/wait/engine/match.js'
import { nearestMisses } from '../../../src/wait/explain/nearest.js'
import { tiny } from '../../replay/tiny.js'

/** The misses of a log in which `now` is the mark. */
function misses(lines: readonly string[], wanted: readonly OperationMatch[], options = { successOnly: true }) {
  const monitor = new TraceMonitor({ clock: virtualClock(), dialect: tiny })
  let mark = monitor.mark('begin')
  let index = 0
  for (const raw of lines) {
    if (raw === 'now') mark = monitor.mark('now')
    else if (raw === 'end') monitor.endStream(null)
    else monitor.push({ index: index++, atNs: 0, stream: 'stdout', raw, terminated: true })
  }
  return nearestMisses(monitor, mark, wanted, options).map(({ operation, kind, reasons, distance }) => {
    return [operation.unique, kind, reasons.join(', '), Math.round(distance * 100) / 100]
  })
}

const create: OperationMatch = { opcode: 'create', path: '/note.txt' }

describe('the nearest misses', () => {
  test.each<[string, string[], [string, string, number][]]>([
    ['fits', ['> 2 create /note.txt', '< 2 ok'], [['fits', 'it fits, and no probe has confirmed it', 0]]],
    ['before', ['> 2 create /note.txt', '< 2 ok', 'now'], [['before', 'before the mark', 0.5]]],
    ['failed', ['> 2 create /note.txt', '< 2 EIO'], [['failed', 'failed with EIO', 0.2]]],
    ['open', ['> 2 create /note.txt'], [['open', 'still open', 0.1]]],
    ['never ended', ['> 2 create /note.txt', 'end'], [['other', 'never ended', 0.1]]],
    [
      'without an outcome',
      ['> 2 create /note.txt', '< 2 ?'],
      [['unknown', 'its outcome is not in the log, and a look did not confirm it', 0]],
    ],
    ['of another path', ['> 2 create /notes.txt', '< 2 ok'], [['other', 'other path (/notes.txt)', 1.2]]],
    ['of no path', ['> 2 create -', '< 2 ok'], [['unknown', 'the log does not show its path', 1]]],
    ['of another opcode', ['> 2 unlink /note.txt', '< 2 ok'], [['other', 'other opcode (unlink)', 2]]],
    ['of another opcode and path', ['> 2 unlink /notes.txt', '< 2 ok'], []],
    ['of another opcode, before', ['> 2 unlink /note.txt', '< 2 ok', 'now'], []],
    ['of quite another path', ['> 2 create /x', '< 2 ok'], []],
    [
      'failed, before',
      ['> 2 create /note.txt', '< 2 EIO', 'now'],
      [['failed', 'failed with EIO, before the mark', 0.7]],
    ],
  ])('%s', (_, lines, expected) => {
    expect(misses(lines, [create])).toEqual(expected.map((one) => [2, ...one]))
  })

  test('where any outcome counts, what fits is said to, and failures are none', () => {
    const any = { successOnly: false }
    expect(misses(['> 2 create /note.txt', '< 2 EIO'], [create], any)).toEqual([[2, 'fits', 'it fits', 0]])
    expect(misses(['> 2 create /note.txt', '< 2 ?'], [create], any)).toEqual([[2, 'fits', 'it fits', 0]])
  })

  test('of what is open the outcome is not asked', () => {
    const wanted = { ...create, status: 'ok', errno: null, where: () => true } as const
    expect(misses(['> 2 create /note.txt'], [wanted])).toEqual([[2, 'open', 'still open', 0.1]])
  })

  test('a glob, or a pattern, is as far from any path', () => {
    for (const path of ['/n*', /^\/n/]) {
      expect(misses(['> 2 create /x', '< 2 ok'], [{ opcode: 'create', path }])).toEqual([
        [2, 'other', 'other path (/x)', 2],
      ])
    }
  })

  test('four of them, the nearest first, of equals the latest; each by the match that it is nearest to', () => {
    const lines = [2, 4, 6, 8, 10].flatMap((id) => [`> ${id} create /note.txt`, `< ${id} ${id === 4 ? 'EIO' : 'ok'}`])
    expect(misses(lines, [{ opcode: 'mkdir', path: '/note.txt' }, create]).map(([id]) => id)).toEqual([10, 8, 6, 2])
    expect(
      misses(lines, [create, { opcode: 'mkdir', path: '/note.txt' }], { successOnly: true, count: 5 } as never),
    ).toHaveLength(5)
  })
})
