/** Reads single keys of a terminal; each of a burst is one of its own. */
export class Keys {
  readonly #input: NodeJS.ReadStream
  readonly #waiting: string[] = []
  #next: ((key: string) => void) | null = null
  #ended = false

  constructor(input: NodeJS.ReadStream) {
    this.#input = input
    input.setRawMode(true)
    input.setEncoding('utf8')
    input.on('data', this.#onData)
    input.on('end', this.#onEnd)
    input.resume()
  }

  /** The next key, in lower case; `q` for Ctrl-C, Ctrl-D, Escape and the end of input. */
  next(): Promise<string> {
    const key = this.#waiting.shift()
    if (key !== undefined) return Promise.resolve(key)
    if (this.#ended) return Promise.resolve('q')
    return new Promise((resolve) => {
      this.#next = resolve
    })
  }

  close(): void {
    this.#input.off('data', this.#onData)
    this.#input.off('end', this.#onEnd)
    this.#input.setRawMode(false)
    this.#input.pause()
  }

  #onData = (text: unknown): void => {
    // An arrow or a function key is a sequence that begins with Escape: none of ours.
    const plain = String(text).replace(/\x1b[[O][0-9;]*[A-Za-z~]/g, '')
    for (const char of plain) this.#give(/[\x03\x04\x1b]/.test(char) ? 'q' : char.toLowerCase())
  }

  #onEnd = (): void => {
    this.#ended = true
    this.#give('q')
  }

  #give(key: string): void {
    const next = this.#next
    this.#next = null
    if (next) next(key)
    else this.#waiting.push(key)
  }
}
