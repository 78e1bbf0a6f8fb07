import type { Raw } from './line.js'

/** A time that a log line carries itself. */
export interface OwnTime {
  /** `wall`: since 1970; `monotonic`: CLOCK_MONOTONIC; `uptime`: since the program began; `day`: since midnight. */
  readonly of: 'wall' | 'monotonic' | 'uptime' | 'day'
  readonly ns: bigint
}

/** Time stamps stand within the first bytes of a line. */
const HEAD = 160

const FORMS: readonly (readonly [RegExp, (m: RegExpExecArray) => OwnTime])[] = [
  // 2025-07-01T12:00:00.123456Z, 2026/11/22 20:00:41, with or without a zone; a T-less form counts as UTC
  [
    /(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/,
    (m) => {
      const zone = /^([+-])(\d\d):?(\d\d)$/.exec(m[8] ?? '')
      const minutes = zone ? (Number(zone[2]) * 60 + Number(zone[3])) * (zone[1] === '-' ? 1 : -1) : 0
      const ms = Date.UTC(num(m[1]), num(m[2]) - 1, num(m[3]), num(m[4]), num(m[5]) + minutes, num(m[6]))
      return { of: 'wall', ns: BigInt(ms) * 1_000_000n + fraction(m[7]) }
    },
  ],
  // ts=5798325042724
  [/(?:^|\s)ts=(\d{1,19})\s/, (m) => ({ of: 'monotonic', ns: BigInt(m[1] ?? 0) })],
  // the kernel's trace: 369.338167: fuse_request_
  [
    /\s(\d{1,12})\.(\d{1,9}): {1,4}(?:fuse:)?fuse_request_/,
    (m) => ({ of: 'monotonic', ns: BigInt(m[1] ?? 0) * 1_000_000_000n + fraction(m[2]) }),
  ],
  // 20:00:35.640828
  [
    /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s/,
    (m) => ({ of: 'day', ns: BigInt((num(m[1]) * 60 + num(m[2])) * 60 + num(m[3])) * 1_000_000_000n + fraction(m[4]) }),
  ],
  // tracing's uptime:    0.123456s
  [
    /^\s{0,12}(\d{1,9})\.(\d{1,9})s\s/,
    (m) => ({ of: 'uptime', ns: BigInt(m[1] ?? 0) * 1_000_000_000n + fraction(m[2]) }),
  ],
]

const num = (text: string | undefined): number => Number(text ?? 0)
const fraction = (text: string | undefined): bigint => BigInt((text ?? '').padEnd(9, '0'))

/** The time that a line carries at or near its begin; null when it has none. Costs the same however long the line is. */
export function readOwnTime(raw: Raw): OwnTime | null {
  const head = raw.slice(0, HEAD).replace(/\x1b\[[0-9;]{0,16}m/g, '')
  for (const [form, read] of FORMS) {
    const match = form.exec(head)
    if (match) return read(match)
  }
  return null
}
