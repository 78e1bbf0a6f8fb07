export interface StepLinesOptions {
  /** Output that makes no step, byte for byte. */
  onBytes(bytes: Uint8Array): void
  /** @param atNs when it was printed */
  onStep(name: string, atNs: number): void
  onEnd(atNs: number): void
}

const LINE_FEED = 10
const COLON = 58
const STEP = '::step '
const END = '::end'

/**
 * Takes `::step NAME` and `::end` lines out of a workload's output and lets the rest pass, at once where it cannot be the
 * begin of such a line.
 */
export class StepLines {
  readonly #options: StepLinesOptions
  /** The begin of a line that may become one of ours. */
  #held: Buffer | null = null
  #atLineStart = true

  constructor(options: StepLinesOptions) {
    this.#options = options
  }

  /** @param atNs when the chunk arrived */
  push(chunk: Uint8Array, atNs: number): void {
    let bytes = this.#held === null ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk])
    this.#held = null
    while (bytes.length > 0) {
      const end = bytes.indexOf(LINE_FEED) + 1
      if (this.#atLineStart && couldBeOurs(bytes)) {
        if (end === 0) {
          this.#held = bytes
          return
        }
        if (this.#take(bytes.subarray(0, end - 1), atNs)) {
          bytes = bytes.subarray(end)
          continue
        }
      }
      // Everything up to the next line that could be one of ours.
      const stop = nextColon(bytes)
      this.#options.onBytes(bytes.subarray(0, stop))
      this.#atLineStart = bytes[stop - 1] === LINE_FEED
      bytes = bytes.subarray(stop)
    }
  }

  /** The output ended; a last line need not have a line feed. */
  end(atNs: number): void {
    const held = this.#held
    this.#held = null
    if (held !== null && !this.#take(held, atNs)) this.#options.onBytes(held)
  }

  #take(line: Buffer, atNs: number): boolean {
    const text = line.toString('utf8').trimEnd()
    if (text === END || text.startsWith(`${END} `)) this.#options.onEnd(atNs)
    else if (text.startsWith(STEP) && text.slice(STEP.length).trim() !== '') {
      this.#options.onStep(text.slice(STEP.length).trim(), atNs)
    } else return false
    return true
  }
}

function couldBeOurs(bytes: Buffer): boolean {
  const head = bytes.toString('latin1', 0, STEP.length)
  return STEP.startsWith(head) || head.startsWith(STEP) || END.startsWith(head) || head.startsWith(END)
}

/** Where the next line begins that starts with a colon; the end of the bytes when none does. */
function nextColon(bytes: Buffer): number {
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === COLON) return at + 1
  }
  return bytes.length
}
