import { describe, expect, test } from 'vitest'
import type { Line } from '../../src/line/line.js'
import { AlignedClock } from '../../src/operation/aligned-clock.js'
import { OwnClock } from '../../src/operation/own-clock.js'

const line = (index: number, atNs = 0): Line => ({ index, atNs, stream: 'stdout', raw: '', terminated: true })

/** Times of lines in seconds, of lines that say these; null says none. */
function timesOf(
  seconds: readonly (number | null)[],
  of: 'wall' | 'day' = 'wall',
): { times: number[]; clock: OwnClock } {
  const clock = new OwnClock()
  const lines = seconds.flatMap((at, i) =>
    clock.push(line(i), at === null ? null : { of, ns: BigInt(Math.round(at * 1e6)) * 1000n }),
  )
  const all = [...lines, ...clock.end()]
  expect(all.map(({ index }) => index)).toEqual(seconds.map((_, i) => i))
  return { times: all.map(({ atNs }) => atNs / 1e9), clock }
}

describe('a clock that goes back within a log', () => {
  test.each<[string, number[], number[]]>([
    ['the end of summer time', [7199, 7200, 3600, 3600.5, 3601, 3602], [0, 1, 1, 1.5, 2, 3]],
    ['a step of NTP', [100, 101, 96, 96.25, 97, 110], [0, 1, 1, 1.25, 2, 15]],
    [
      'a small step',
      [100, 101, ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => 100.5 + i / 100)],
      [0, 1, ...[0, 1, 2, 3, 4, 5, 6, 7].map((i) => 1 + i / 100)],
    ],
    ['twice', [100, 90, 91, 92, 80, 81, 82], [0, 0, 1, 2, 2, 3, 4]],
    ['at the end, with two lines', [100, 101, 50, 50.5], [0, 1, 1, 1.5]],
  ])('%s: times go on', (_, seconds, expected) => {
    const { times, clock } = timesOf(seconds)
    for (const [i, at] of times.entries()) expect(at).toBeCloseTo(expected[i] ?? -1, 6)
    expect(clock.setBack).toBe(seconds.filter((at, i) => at < (seconds[i - 1] ?? 0)).length)
    expect(clock.newestFirst).toBe(false)
  })

  test('one line far back is part of a name, lines without a time wait with it', () => {
    expect(timesOf([100, 101, 5, null, 102, 103])).toMatchObject({ times: [0, 1, 1, 1, 2, 3], clock: { setBack: 0 } })
    expect(timesOf([100, 101, 5]).times).toEqual([0, 1, 1])
  })

  test('streams that go to and fro are out of order: no clock was set', () => {
    const { times, clock } = timesOf([100, 105, 100, 106, 101, 102, 107])
    expect(times).toEqual([0, 5, 5, 6, 6, 6, 7])
    expect(clock.setBack).toBe(0)
  })

  test('behind a line far back, one far ahead still has to be confirmed', () => {
    expect(timesOf([100, 101, 5, 9000, 102]).times).toEqual([0, 1, 1, 1, 2])
  })

  test('lines newest first', () => {
    const { times, clock } = timesOf([109, 108, 107.5, 107, 105, 104])
    expect(times).toEqual([0, 0, 0, 0, 0, 0])
    expect(clock).toMatchObject({ newestFirst: true, setBack: 0 })
  })

  test('a second run half a year later', () => {
    const halfYear = 15_000_000
    const { times } = timesOf([100, 101, halfYear, halfYear + 1, halfYear + 2, halfYear + 3.5])
    for (const [i, at] of times.entries()) expect(at).toBeCloseTo([0, 1, 1, 2, 3, 4.5][i] ?? -1, 6)
  })

  test('a year ends in a log without years', () => {
    const day = 86_400
    expect(timesOf([(11 * 31 + 31) * day + 86_399, day, day + 1, day + 2], 'day').times).toEqual([0, 0, 1, 2])
  })
})

test('live: stamps of a clock that was set back are aligned anew', () => {
  const clock = new AlignedClock()
  const at = (arrived: number, stamp: number): number =>
    (clock.push(line(0, arrived * 1e9), { of: 'wall', ns: BigInt(Math.round(stamp * 1e9)) })[0]?.atNs ?? -1) / 1e9
  expect([at(10, 100), at(11.5, 101), at(12, 97), at(14, 98.5), at(15, 100)]).toEqual([10, 11, 12, 13.5, 15])
})
