import { expect, test } from 'vitest'
import { leadingTime, timeIn } from '../../src/line/own-time.js'

const AT = BigInt(Date.UTC(2026, 10, 22, 20, 0, 41)) * 1_000_000n

test.each([
  ['2026-11-22T20:00:41Z', 0n],
  ['2026-11-22 21:00:41+01:00', 0n],
  ['2026-11-22 08:00:41 PM', 0n],
  ['11/22/2026 8:00:41 PM', 0n],
  ['11/22/26, 8:00:41.5 pm', 500_000_000n],
  ['11/22/2026 20:00:41', 0n],
  ['22/11/2026 20:00:41.123456', 123_456_000n],
  ['22/Nov/2026:15:00:41 -0500', 0n],
  ['22.11.2026 20:00:41', 0n],
  ['22-Nov-2026 20:00:41.123', 123_000_000n],
  ['Nov 22, 2026 8:00:41 PM', 0n],
  ['Sun, 22 Nov 2026 21:00:41 +0100', 0n],
  ['Sun Nov 22 20:00:41.123 2026', 123_000_000n],
  ['Sun Nov 22 20:00:41 UTC 2026', 0n],
])('reads %s', (text, more) => {
  for (const time of [leadingTime(`${text} x`), leadingTime(`[${text}] x`), timeIn(`host ${text} x`)]) {
    expect(time).toEqual({ of: 'wall', ns: AT + more })
  }
})

test.each([
  ['12:00:41 AM x', 41n],
  ['12:00:41 PM x', 43_241n],
  ['8:00:41 PM x', 72_041n],
  ['20:00:41 PMs x', 72_041n],
])('a clock of twelve hours: %s', (text, seconds) => {
  expect(leadingTime(text)).toEqual({ of: 'day', ns: seconds * 1_000_000_000n })
})

test('a host behind syslog’s time is no zone, numbers are no clock', () => {
  expect(leadingTime('Nov 22 20:00:41 NAS mount[1]: x')).toMatchObject({ of: 'day' })
  expect(leadingTime('1:2:3 x')).toBeNull()
  expect(leadingTime('3 Nov 2026 files')).toBeNull()
})
