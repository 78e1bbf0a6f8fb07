import { FusetraceError } from '../errors.js'

/** A time or duration: `5ms`, `1.5s`, `200us`, `10ns`. */
export type Duration = `${number}${'ns' | 'us' | 'µs' | 'ms' | 's'}`

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }

/** A duration in ns; null when it is none. */
export function durationOf(text: string): number | null {
  const found = /^(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|s)$/.exec(text)
  return found ? Math.round(Number(found[1]) * (UNITS[found[2] ?? ''] ?? 1)) : null
}

/** @throws FT_USAGE when it is no duration */
export function nsOf(duration: string): number {
  const ns = durationOf(String(duration))
  if (ns !== null) return ns
  throw new FusetraceError('FT_USAGE', `${JSON.stringify(duration)} is no time`, {
    hint: "write '5ms', '1.5s' or '200us'",
  })
}
