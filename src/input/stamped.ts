import { FusetraceError } from '../errors.js'
import type { Line, Stream } from '../line/line.js'

const STREAMS: ReadonlySet<string> = new Set<Stream>(['stdout', 'stderr', 'tty'])

/**
 * Reads the lines of a stamped capture: `<ns>\t<stdout|stderr|tty>\t<line>`. The first line's time is the origin.
 *
 * @example
 * const stamped = new StampedReader()
 * splitter = new LineSplitter({ onLine: (line) => interpreter.push(stamped.read(line)) })
 */
export class StampedReader {
  #originNs: bigint | null = null

  /** CLOCK_MONOTONIC ns of the first line; null before it. */
  get originNs(): bigint | null {
    return this.#originNs
  }

  /** @throws {FusetraceError} `FT_INPUT` with the line's number when it is not of this form */
  read(line: Line): Line {
    const { raw, index } = line
    const first = raw.indexOf('\t')
    const second = first < 0 ? -1 : raw.indexOf('\t', first + 1)
    const ns = raw.slice(0, Math.max(0, Math.min(first, 21)))
    const stream = second < 0 ? '' : raw.slice(first + 1, second)
    if (!/^\d{1,19}$/.test(ns) || !STREAMS.has(stream)) {
      throw new FusetraceError(
        'FT_INPUT',
        `line ${index + 1} is not stamped: "<ns>\\t<stdout|stderr|tty>\\t<line>" expected`,
        {
          hint: 'leave out --stamped for a plain log',
        },
      )
    }
    const at = BigInt(ns)
    this.#originNs ??= at
    const atNs = Number(at - this.#originNs)
    if (!Number.isSafeInteger(atNs)) {
      throw new FusetraceError(
        'FT_INPUT',
        `line ${index + 1} is stamped ${ns}, more than 104 days from the first line`,
        {
          hint: 'all stamps of a capture must be of one clock (CLOCK_MONOTONIC)',
        },
      )
    }
    return {
      index,
      atNs,
      stream: stream as Stream,
      raw: raw.slice(second + 1),
      terminated: line.terminated,
    }
  }
}
