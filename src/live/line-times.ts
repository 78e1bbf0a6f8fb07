import type { Dialect } from '../dialect/core/dialect.js'
import type { Line } from '../line/line.js'
import { AlignedClock } from '../operation/aligned-clock.js'
import { ownTimeOf } from '../operation/own-clock.js'

/**
 * When lines were written, where they say it to the microsecond, on our clock: many of them are read in one go, and then
 * have one time of arrival. Other lines keep theirs.
 */
export class LineTimes {
  readonly #dialect: () => Dialect | null
  readonly #clock = new AlignedClock()

  /** @param dialect the one in use, null while it is not certain */
  constructor(dialect: () => Dialect | null) {
    this.#dialect = dialect
  }

  /** The line with its time: never later than it arrived, never before a line that came earlier. */
  of(line: Line): Line {
    const dialect = this.#dialect()
    const { timestamps } = dialect?.capabilities ?? { timestamps: null }
    if (dialect === null || (timestamps !== 'us' && timestamps !== 'ns')) return line
    return this.#clock.push(line, ownTimeOf(line, dialect, null))[0] ?? line
  }
}
