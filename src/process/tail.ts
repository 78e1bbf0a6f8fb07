import type { Raw } from '../line/line.js'
import { decode, printable } from '../line/text.js'

/** The last bytes of a stream, to explain a failure. */
export class Tail {
  readonly #limit: number
  readonly #parts: Raw[] = []
  #bytes = 0

  /** @param limitBytes that are kept at least, as far as there are so many */
  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  /** Takes the next bytes. */
  keep(chunk: Raw): void {
    this.#parts.push(chunk)
    this.#bytes += chunk.length
    for (let first = this.#parts[0]; first && this.#bytes - first.length >= this.#limit; first = this.#parts[0]) {
      this.#parts.shift()
      this.#bytes -= first.length
    }
  }

  /** The last lines that are not empty, as text that can be printed; each no longer than 500 bytes. */
  lines(count: number): string[] {
    return this.#parts
      .join('')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => printable(decode(line.slice(0, 500)).text))
  }
}
