import { decode, printable } from '../line/text.js'

/** The last bytes of a stream, to explain a failure. */
export class Tail {
  readonly #limit: number
  readonly #parts: Uint8Array[] = []
  #bytes = 0

  /** @param limitBytes that are kept at least, as far as there are so many */
  constructor(limitBytes: number) {
    this.#limit = limitBytes
  }

  /** Takes the next bytes. The chunk is kept: it must not change any more. */
  keep(chunk: Uint8Array): void {
    const kept = chunk.byteLength > this.#limit ? chunk.subarray(-this.#limit) : chunk
    this.#parts.push(kept)
    this.#bytes += kept.byteLength
    for (let first = this.#parts[0]; first && this.#bytes - first.byteLength >= this.#limit; first = this.#parts[0]) {
      this.#parts.shift()
      this.#bytes -= first.byteLength
    }
  }

  /** The last lines that are not empty, as text that can be printed; each no longer than 500 bytes. */
  lines(count: number): string[] {
    return Buffer.concat(this.#parts)
      .toString('latin1')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-count)
      .map((line) => printable(decode(line.slice(0, 500)).text))
  }
}
