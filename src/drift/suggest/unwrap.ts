import type { Dialect } from '../../dialect/core/dialect.js'
import type { Raw } from '../../line/line.js'

/** What stands around every line of a log. */
export type Unwrap =
  | { kind: 'colour' }
  | { kind: 'quotes' }
  /** So many words before the line. */
  | { kind: 'words'; count: number }
  /** The line is a string in an object, found by these keys. */
  | { kind: 'json'; keys: readonly string[] }

/** Takes a line out of what stands around it; the line itself where that is not there. */
export function unwrapped(raw: Raw, unwrap: Unwrap | null): Raw {
  if (unwrap === null) return raw
  if (unwrap.kind === 'colour') return raw.replace(/\x1b\[[\d;]*m/g, '')
  if (unwrap.kind === 'quotes') return raw.replace(/^"(.*)"$/, '$1')
  if (unwrap.kind === 'words') return raw.replace(new RegExp(`^(?:\\S+\\s+){${unwrap.count}}`), '')
  try {
    let value: unknown = JSON.parse(raw)
    for (const key of unwrap.keys) value = (value as Record<string, unknown> | null)?.[key]
    return typeof value === 'string' ? value : raw
  } catch {
    return raw
  }
}

/** The same as source of an expression of `raw`. */
export function unwrapSource(unwrap: Unwrap | null): string {
  if (unwrap === null) return 'raw'
  if (unwrap.kind === 'colour') return String.raw`raw.replace(/\x1b\[[\d;]*m/g, '')`
  if (unwrap.kind === 'quotes') return `raw.replace(/^"(.*)"$/, '$1')`
  if (unwrap.kind === 'words') return String.raw`raw.replace(/^(?:\S+\s+){${unwrap.count}}/, '')`
  return `JSON.parse(raw)${unwrap.keys.map((key) => `[${JSON.stringify(key)}]`).join('')}`
}

/** What may stand around the lines of a log, each to be tried. */
export function unwraps(samples: readonly Raw[], dialect: Dialect): Unwrap[] {
  const found: Unwrap[] = []
  if (samples.some((raw) => raw.includes('\x1b['))) found.push({ kind: 'colour' })
  for (const keys of samples.map(jsonStrings).find((all) => all.length > 0) ?? []) found.push({ kind: 'json', keys })
  found.push({ kind: 'quotes' })
  for (let count = 1; count <= 5; count++) found.push({ kind: 'words', count })
  const known = (raw: Raw): boolean => dialect.recognize(raw) === 2
  const rate = (unwrap: Unwrap | null): number => samples.filter((raw) => known(unwrapped(raw, unwrap))).length
  const plain = rate(null)
  return found.filter((unwrap) => rate(unwrap) > plain)
}

function jsonStrings(raw: Raw): string[][] {
  try {
    const found: string[][] = []
    const walk = (at: unknown, keys: string[]): void => {
      if (typeof at === 'string') found.push(keys)
      else if (typeof at === 'object' && at !== null && keys.length < 6)
        for (const [key, inner] of Object.entries(at).slice(0, 32)) walk(inner, [...keys, key])
    }
    const value: unknown = JSON.parse(raw)
    if (typeof value === 'object') walk(value, [])
    return found.slice(0, 32)
  } catch {
    return []
  }
}
