/** One line at the bottom of a terminal that is written over; nothing where there is no terminal. */
export class CounterLine {
  readonly #stream: NodeJS.WriteStream
  readonly #text: () => string
  readonly #timer: NodeJS.Timeout | null
  #shown = false

  /** `text` is asked a few times a second. */
  constructor(stream: NodeJS.WriteStream, text: () => string) {
    this.#stream = stream
    this.#text = text
    this.#timer = stream.isTTY ? setInterval(() => this.#show(), 200) : null
  }

  /** Takes the line away, so that something else can be printed; it comes back by itself. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[K')
    this.#shown = false
  }

  end(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.clear()
  }

  #show(): void {
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1)
    this.#stream.write(`\r\x1b[K${this.#text().slice(0, width)}`)
    this.#shown = true
  }
}
