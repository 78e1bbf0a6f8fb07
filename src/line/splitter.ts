import type { Line, Raw, Stream } from './line.js'

/** Who takes the lines, and how long they may be. */
export interface LineSplitterOptions {
  /** Called for every line, in the order in which their line feeds were pushed. */
  onLine(line: Line): void
  /**
   * Bytes kept of one line; what is beyond is dropped and reported to `onLoss`.
   * @default Infinity: raw first, nothing is dropped
   */
  maxLineBytes?: number
  /** Called once for every line that lost bytes, before the line itself. */
  onLoss?(loss: { what: 'line-bytes'; count: number; index: number }): void
}

/** The beginning of a line whose line feed has not come yet. */
interface Carry {
  parts: string[]
  bytes: number
  dropped: number
}

const empty = (): Carry => ({ parts: [], bytes: 0, dropped: 0 })

const latin1 = (bytes: Uint8Array): Raw =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

/**
 * Bytes, cut anywhere, to lines. Every stream has a carry of its own, so that a piece of stderr between two pieces of a
 * stdout line disturbs neither; the index counts over all streams. Costs no more than the bytes, however they are cut.
 *
 * @example
 * const splitter = new LineSplitter({ onLine: (line) => interpreter.push(line) })
 * child.stdout.on('data', (chunk) => splitter.push('stdout', chunk, clock.nowNs()))
 */
export class LineSplitter {
  readonly #options: LineSplitterOptions
  readonly #max: number
  readonly #carries = new Map<Stream, Carry>()
  #index = 0

  constructor(options: LineSplitterOptions) {
    this.#options = options
    this.#max = options.maxLineBytes ?? Number.POSITIVE_INFINITY
  }

  /** Number of lines so far. */
  get lines(): number {
    return this.#index
  }

  /** Takes the next bytes of a stream. The chunk is not kept. */
  push(stream: Stream, chunk: Uint8Array | Raw, atNs: number): void {
    // One string for the chunk, of which lines are views: cheaper than a string a line.
    const text = typeof chunk === 'string' ? chunk : latin1(chunk)
    let from = 0
    let to = text.indexOf('\n')
    const carry = this.#carries.get(stream)
    if (carry !== undefined && to !== -1) {
      this.#carries.delete(stream)
      this.#emit(stream, this.#keep(carry, text, 0, to), atNs, true)
      from = to + 1
      to = text.indexOf('\n', from)
    }
    for (; to !== -1; to = text.indexOf('\n', from)) {
      if (to - from > this.#max) this.#emit(stream, this.#keep(empty(), text, from, to), atNs, true)
      else this.#options.onLine({ index: this.#index++, atNs, stream, raw: text.slice(from, to), terminated: true })
      from = to + 1
    }
    if (from === text.length) return
    this.#carries.set(stream, this.#keep(this.#carries.get(stream) ?? empty(), text, from, text.length))
  }

  /** The streams ended: what is left of each becomes a line with `terminated: false`. */
  end(atNs: number): void {
    for (const [stream, carry] of this.#carries) this.#emit(stream, carry, atNs, false)
    this.#carries.clear()
  }

  #keep(carry: Carry, text: string, from: number, to: number): Carry {
    const end = Math.min(to, from + this.#max - carry.bytes)
    if (end > from) carry.parts.push(text.slice(from, end))
    carry.bytes += end - from
    carry.dropped += to - end
    return carry
  }

  #emit(stream: Stream, carry: Carry, atNs: number, terminated: boolean): void {
    const index = this.#index++
    if (carry.dropped > 0) this.#options.onLoss?.({ what: 'line-bytes', count: carry.dropped, index })
    this.#options.onLine({ index, atNs, stream, raw: carry.parts.join(''), terminated })
  }
}

/** The lines of a whole buffer, all with one arrival time: for tests and small inputs. */
export function linesOf(bytes: Uint8Array | string, options: { stream?: Stream; atNs?: number } = {}): Line[] {
  const lines: Line[] = []
  const splitter = new LineSplitter({ onLine: (line) => lines.push(line) })
  const atNs = options.atNs ?? 0
  splitter.push(options.stream ?? 'stdout', typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, atNs)
  splitter.end(atNs)
  return lines
}
