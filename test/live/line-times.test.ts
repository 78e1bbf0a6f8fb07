import { expect, test } from 'vitest'
import { dialects } from '../../src/dialect/builtin.js'
import type { Dialect } from '../../src/dialect/core/dialect.js'
import { LineTimes } from '../../src/live/line-times.js'

const named = (name: string): Dialect => dialects.find((one) => one.name === name) as Dialect
const stamp = (ms: number): string =>
  `[2026-11-22T20:00:54.${String(ms * 1_000_000).padStart(9, '0')}Z DEBUG fuser::request] FUSE(  6) ino 0x1 STATFS`
const line = (raw: string, atMs: number) =>
  ({ index: 0, atNs: atMs * 1e6, stream: 'stderr', raw, terminated: true }) as const

test('lines that were read in one go have the distances of their own stamps', () => {
  const times = new LineTimes(() => named('fuser'))
  times.of(line(stamp(100), 1000))
  // All of these arrived at once.
  const at = [140, 150, 190].map((ms) => times.of(line(stamp(ms), 1100)).atNs)
  expect(at.map((ns) => ns / 1e6)).toEqual([1040, 1050, 1090])
})

test('a time is never later than its arrival, and never goes back', () => {
  const times = new LineTimes(() => named('fuser'))
  const at = [
    [100, 1000],
    [300, 1150],
    [250, 1160],
  ].map(([ms = 0, arrived = 0]) => times.of(line(stamp(ms), arrived)).atNs / 1e6)
  expect(at).toEqual([1000, 1150, 1150])
})

test('lines keep their arrival where the dialect is not known, or says no fine times', () => {
  for (const dialect of [null, named('libfuse')]) {
    expect(new LineTimes(() => dialect).of(line(stamp(100), 1000)).atNs).toBe(1000e6)
  }
})
