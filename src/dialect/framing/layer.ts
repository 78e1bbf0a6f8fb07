import type { Raw } from '../../line/line.js'
import { type OwnTime, timeIn } from '../../line/own-time.js'

/** A line without what another program has put around it. */
export interface Inner {
  readonly raw: Raw
  /** The time in what was taken off, where there may be one. */
  readonly time?: () => OwnTime | null
}

/** One thing that stands around lines. Null where it does not stand around this one. */
export type Layer = (raw: Raw) => Inner | null

/** Prefixes end within the first bytes. */
export const MAX_PREFIX = 240

/** What stands before a line, with the time in it as `time` reads it. */
export function prefix(pattern: RegExp, time: (before: Raw) => OwnTime | null = timeIn): Layer {
  return (raw) => {
    const found = pattern.exec(raw.slice(0, MAX_PREFIX))
    if (found === null) return null
    const before = found[0]
    return { raw: raw.slice(before.length), time: () => time(before) }
  }
}

/** Layers, the outermost first, that come off only where all of them do. */
export function together(layers: readonly Layer[]): Layer {
  return (raw) => {
    let inner: Inner = { raw }
    const times: Inner['time'][] = []
    for (const layer of layers) {
      const next = layer(inner.raw)
      if (next === null) return null
      times.unshift(next.time)
      inner = next
    }
    const time = (): OwnTime | null => times.reduce<OwnTime | null>((found, one) => found ?? one?.() ?? null, null)
    return { raw: inner.raw, time }
  }
}
