import type { Raw } from '../../line/line.js'
import type { NodeId } from '../core/dialect.js'
import { hexToDecimal } from './text.js'

/** What each character is worth as a lower-case hexadecimal digit; -1 for those that are none. */
const DIGITS = Int8Array.from({ length: 256 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)))

/**
 * Reads node ids in hexadecimal digits. A log names the same ones again and again: each is kept at a place that its bits
 * determine until another one comes there, so that most are not made anew.
 */
export class NodeIds {
  readonly #high: Int32Array
  readonly #low: Int32Array
  readonly #ids: NodeId[]
  /** Where the digits that were read last end. */
  end = 0

  /** @param kept how many are kept, a power of two */
  constructor(kept: number) {
    this.#high = new Int32Array(kept)
    this.#low = new Int32Array(kept)
    this.#ids = new Array<NodeId>(kept).fill('0')
  }

  /** The number at `at`, zeros and at most 16 digits more; null when there is none. */
  read(raw: Raw, at: number): NodeId | null {
    let end = at
    let high = 0
    let low = 0
    let long = false
    for (let digit = DIGITS[raw.charCodeAt(end)] ?? -1; digit >= 0; digit = DIGITS[raw.charCodeAt(++end)] ?? -1) {
      long ||= high >>> 28 > 0
      high = (high << 4) | (low >>> 28)
      low = (low << 4) | digit
    }
    this.end = end
    if (end === at || long) return null
    const place = (high ^ low) & (this.#high.length - 1)
    if (this.#high[place] !== high || this.#low[place] !== low) {
      this.#high[place] = high
      this.#low[place] = low
      this.#ids[place] = hexToDecimal(raw.slice(at, end).replace(/^0+(?=.)/, ''))
    }
    return this.#ids[place] ?? null
  }
}
