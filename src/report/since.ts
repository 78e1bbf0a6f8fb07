import { FusetraceError } from '../errors.js'
import { printable } from '../line/text.js'

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9 }

/** A time as text (`1.5s`, `200ms`; without a unit seconds) in ns; null when it is none, and so a step's name. */
function timeOf(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|s|m)?$/.exec(text)
  return match ? Math.round(Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 1)) : null
}

/**
 * From when on to show: a time since the origin, or the first step of a name. Made for one pass over a recording, which may
 * come through a pipe.
 */
export class Since {
  readonly #text: string | undefined
  readonly #seen = new Set<string>()
  #fromNs: number | null

  constructor(text: string | undefined) {
    this.#text = text
    this.#fromNs = text === undefined ? Number.NEGATIVE_INFINITY : timeOf(text)
  }

  /** A step has begun. */
  step(name: string, atNs: number): void {
    if (this.#seen.size < 8) this.#seen.add(name)
    if (this.#fromNs === null && name === this.#text) this.#fromNs = atNs
  }

  /** Whether something at this time is to be shown. */
  passes(atNs: number): boolean {
    return this.#fromNs !== null && atNs >= this.#fromNs
  }

  /**
   * The recording has been read.
   *
   * @throws {FusetraceError} `FT_USAGE` when there was no such step
   */
  end(): void {
    if (this.#fromNs !== null) return
    const known = [...this.#seen].map(printable).join(', ')
    throw new FusetraceError('FT_USAGE', `--since ${this.#text} is neither a time nor a step of this recording`, {
      hint: known === '' ? 'it has no steps; give a time as 1.5s or 200ms' : `its first steps: ${known}`,
    })
  }
}
