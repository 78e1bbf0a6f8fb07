import type { Dialect } from '../dialect/core/dialect.js'
import type { Line, Raw } from '../line/line.js'
import { leadingTime } from '../line/own-time.js'

/** Lines back that a repeated line is looked for among. A power of two. */
const MAX_BACK = 256

/**
 * Finds lines that were written twice, by two loggers or into two files that were put together: they speak of the same
 * request. Only lines that nobody could write again are taken for that: with the same time to a millionth of a second, or
 * one right after the other with the same request's id.
 */
export class Repeats {
  readonly #dialect: Dialect
  readonly #precise: boolean
  readonly #back: Raw[] = new Array<Raw>(MAX_BACK).fill('')
  #count = 0
  #last: Raw = ''

  constructor(dialect: Dialect) {
    this.#dialect = dialect
    const { timestamps } = dialect.capabilities
    this.#precise = timestamps === 'us' || timestamps === 'ns'
  }

  /** Whether a line was there before; remembers it. */
  has({ raw }: Line): boolean {
    const last = this.#last
    // Stamps rise: a line that does not come after the last in order of its bytes can be one of before.
    if (raw > last) {
      this.#remember(raw)
      return false
    }
    if (raw === last && this.#dialect.capabilities.ids && this.#dialect.recognize(raw) === 2) return true
    const repeated = this.#precise && this.#back.includes(raw) && this.#hasTime(raw)
    if (!repeated) this.#remember(raw)
    return repeated
  }

  #remember(raw: Raw): void {
    this.#last = raw
    if (this.#precise) this.#back[this.#count++ & (MAX_BACK - 1)] = raw
  }

  #hasTime(raw: Raw): boolean {
    return (this.#dialect.time ? this.#dialect.time(raw) : leadingTime(raw)) !== null
  }
}
